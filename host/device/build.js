/**
 * npm run build: everything in dist/ out of one TypeScript program, and only when something has changed.
 *
 *     dist/host, dist/src   the packer, as ES modules for Node
 *     dist/index.d.ts       its types
 *     dist/device           the device's library: JavaScript, types, the manifest that apps include
 *     dist/test             tests and benches
 *     dist/xs               scripts for the XS engine on the laptop: library, app, bench, tests
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './paths.js';
import { makeLibrary } from './library.js';
import { appModules, makeScripts } from './scripts.js';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

const stamp = 'dist/.built',
  sources = ['src', 'host', 'test'],
  settings = ['package.json', 'package-lock.json', 'tsconfig.json'];

/** What tells one state of the sources from another: names, sizes and times of all files. */
function fingerprint() {
  const files = [...sources.flatMap(filesBelow), ...settings].sort(),
    hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

const now = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== now) {
  rmSync('dist', { recursive: true, force: true });
  try {
    await build();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  writeFileSync(stamp, now);
}

async function build() {
  const [{ rollup }, { default: typescript }, { dts }] = await Promise.all([
    import('rollup'),
    import('@rollup/plugin-typescript'),
    import('rollup-plugin-dts'),
  ]);
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')),
    packages = [...Object.keys(dependencies), ...Object.keys(devDependencies)];

  /** What stays an import: Node's modules, packages, and what only a device has. */
  const external = (id) =>
    id.startsWith('node:') ||
    builtinModules.includes(id) ||
    appModules.includes(id) ||
    packages.some((name) => id === name || id.startsWith(name + '/'));

  const make = async (options, ...outputs) => {
    const bundle = await rollup({
      ...options,
      onwarn: (warning) => {
        throw new Error(warning.message);
      },
    });
    for (const output of outputs) await bundle.write(output);
    await bundle.close();
  };

  // The one TypeScript program: every module as JavaScript where its source lies. Types are checked by
  // `npm run check`, which takes half as long again.
  const tests = filesBelow('test').filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')),
    workers = ['host/quantize/worker.ts', 'host/evaluate/worker.ts'],
    entries = [
      'host/cli.ts',
      'host/index.ts',
      'host/compile/compile.ts',
      'host/xs/demo.ts',
      'src/main.ts',
      'src/store/receive.ts',
      'src/store/store.ts',
      'src/camera/main.ts',
      'src/camera/playing.ts',
      ...workers,
      ...tests,
    ];
  const compile = typescript({ noCheck: true, noEmit: false, sourceMap: false, outDir: 'dist' });
  await make(
    { input: entries, external, treeshake: false, plugins: [compile] },
    { dir: 'dist', format: 'es', preserveModules: true, preserveModulesRoot: '.' },
  );

  // Types for those who import the packer or the device's library, a file for each.
  await make(
    {
      input: {
        index: 'host/index.ts',
        'device/model': 'src/model.ts',
        'device/image': 'src/image.ts',
        'device/profile': 'src/profile.ts',
        'device/store/store': 'src/store/store.ts',
        'device/store/receive': 'src/store/receive.ts',
        'device/say': 'src/say.ts',
      },
      external,
      plugins: [dts()],
    },
    { dir: 'dist', format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: 'device/runtime.d.ts' },
  );

  await makeLibrary(make);
  await makeScripts(make);
}
