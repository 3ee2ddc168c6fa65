/**
 * npm run build: everything in dist/ out of one TypeScript program, and only when something has changed.
 *
 *     dist/host, dist/src   the packer, as ES modules for Node
 *     dist/index.d.ts       its types
 *     dist/device           the device's library: JavaScript, types, the manifest that apps include
 *     dist/test             tests and benches
 *     dist/xs               scripts for the XS engine on the laptop: the library, the app, the bench, the tests
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

const stamp = 'dist/.built',
  sources = ['src', 'host', 'test'],
  settings = ['package.json', 'package-lock.json', 'tsconfig.json'];

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

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
  const deviceModules = { Resource: 'Resource', time: 'Time', instrumentation: 'Instrumentation' };
  const external = (id) =>
    id.startsWith('node:') ||
    builtinModules.includes(id) ||
    id in deviceModules ||
    packages.some((name) => id === name || id.startsWith(name + '/'));

  const make = async (options, ...outputs) => {
    const bundle = await rollup({ ...options, onwarn: (warning) => { throw new Error(warning.message); } });
    for (const output of outputs) await bundle.write(output);
    await bundle.close();
  };

  // The one TypeScript program: checked, and every module as JavaScript where its source lies.
  const tests = filesBelow('test').filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')),
    workers = ['host/quantize/worker.ts', 'host/evaluate/worker.ts'],
    entries = ['host/cli.ts', 'host/index.ts', 'host/xs/demo.ts', 'src/main.ts', ...workers, ...tests];
  const compile = typescript({ noEmitOnError: true, noEmit: false, sourceMap: false, outDir: 'dist' });
  await make(
    { input: entries, external, treeshake: false, plugins: [compile] },
    { dir: 'dist', format: 'es', preserveModules: true, preserveModulesRoot: '.' },
  );

  // Types for those who import the packer or the device's library, a file for each.
  await make(
    {
      input: { index: 'host/index.ts', 'device/model': 'src/model.ts', 'device/image': 'src/image.ts' },
      external,
      plugins: [dts()],
    },
    { dir: 'dist', format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: 'device/runtime.d.ts' },
  );

  // The device's library. `// @ts-nocheck` keeps mcconfig from checking JavaScript as if it were the app's.
  await make(
    { input: { model: 'dist/src/model.js', image: 'dist/src/image.js' } },
    { dir: 'dist/device', format: 'es', banner: '// @ts-nocheck', chunkFileNames: 'runtime.js' },
  );
  cpSync('host/device/manifest.json', 'dist/device/manifest.json');

  await makeScripts(make, deviceModules);
}

/** Classic scripts for our XS host, which knows no modules. */
async function makeScripts(make, deviceModules) {
  // The library is preloaded into ROM, as its manifest tells Moddable to; scripts find its modules in the global `flint`.
  const modules = ['checksum', 'image', 'model', 'read'],
    library = {
      name: 'library',
      resolveId: (id) => (id === 'library' ? id : null),
      load: (id) =>
        id === 'library'
          ? modules.map((name) => `export * as ${name} from '${resolve('dist/src', name)}.js';`).join('\n')
          : null,
    };
  await make({ input: 'library', plugins: [library] }, { file: 'dist/xs/library.js', format: 'iife', name: 'flint' });

  const moduleOf = (id) => modules.find((name) => id === resolve('dist/src', `${name}.js`)),
    absolute = (id, parent) => (parent && id.startsWith('.') ? resolve(dirname(parent), id) : id),
    globals = (id) => deviceModules[id] ?? `flint.${moduleOf(id)}`;
  for (const [name, input] of Object.entries({ app: 'dist/src/main.js', bench: 'dist/test/mcu/guest.js' }))
    await make(
      { input, external: (id, parent) => id in deviceModules || moduleOf(absolute(id, parent)) !== undefined },
      { file: `dist/xs/${name}.js`, format: 'iife', globals },
    );

  // XS has no packages: uvu's assertions are bundled, its runner replaced.
  const replaced = {
    uvu: 'dist/test/xs/uvu.js',
    'uvu/assert': 'node_modules/uvu/assert/index.mjs',
    'uvu/diff': 'node_modules/uvu/diff/index.mjs',
    kleur: 'node_modules/kleur/index.mjs',
    dequal: 'node_modules/dequal/dist/index.mjs',
    diff: 'node_modules/diff/lib/index.mjs',
  };
  const uvuOnXS = { name: 'uvu-on-xs', resolveId: (id) => (replaced[id] ? resolve(replaced[id]) : null) };
  for (const name of ['tests', 'naive'])
    await make({ input: `dist/test/xs/${name}.js`, plugins: [uvuOnXS] }, { file: `dist/xs/${name}.js`, format: 'iife' });
}
