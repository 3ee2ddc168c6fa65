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
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

const stamp = 'dist/.built',
  sources = ['src', 'host', 'test'],
  settings = ['package.json', 'package-lock.json', 'tsconfig.json'];

/** What the camera app imports of Moddable, by the names in test/camera/board.ts. */
const cameraBoard = {
  Resource: 'Resource',
  time: 'Time',
  timer: 'Timer',
  'mc/config': 'config',
  'commodetto/Bitmap': 'Bitmap',
  'commodetto/Poco': 'Poco',
  'commodetto/parseBMF': 'parseBMF',
};

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
  const deviceModules = {
      Resource: 'Resource',
      time: 'Time',
      timer: 'Timer',
      instrumentation: 'Instrumentation',
    },
    appModules = ['crypt', ...Object.keys(cameraBoard), 'embedded:io/image/in/camera'];
  const external = (id) =>
    id.startsWith('node:') ||
    builtinModules.includes(id) ||
    id in deviceModules ||
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

  await compileKernelsToC();

  // On a device, which kernels there are is the manifest's choice: it says which module flint/native is.
  const nativeModule = {
    name: 'native-module',
    resolveId: (id) => (/\/native\/native(\.js)?$/.test(id) ? { id: 'flint/native', external: true } : null),
  };

  // The device's library. `// @ts-nocheck` keeps mcconfig from checking JavaScript as if it were the app's.
  await make(
    {
      input: {
        model: 'dist/src/model.js',
        image: 'dist/src/image.js',
        profile: 'dist/src/profile.js',
        say: 'dist/src/say.js',
      },
      external: ['time'],
      plugins: [nativeModule],
    },
    {
      dir: 'dist/device',
      format: 'es',
      banner: '// @ts-nocheck',
      chunkFileNames: 'runtime.js',
      manualChunks: (id) => (/dist\/src\/(model|image|profile|say)\.js$/.test(id) ? null : 'runtime'),
    },
  );
  await makeStore(make);
  for (const [from, to] of [
    ['host/device/manifest.json', 'manifest.json'],
    ['host/device/interpreted.json', 'interpreted/manifest.json'],
    ['host/device/interpreted.js', 'interpreted/native.js'],
    ['src/native/firmware.js', 'native/native.js'],
    ['src/native/flint.c', 'native/flint.c'],
    ['host/device/store.json', 'store/manifest.json'],
    ['host/device/receive.json', 'receive/manifest.json'],
    ['src/store/firmware.js', 'store/partition.js'],
    ['src/store/partitions.csv', 'store/partitions.csv'],
    ['src/native/memory.c', 'native/memory.c'],
    ['src/native/cores.c', 'two-cores/cores.c'],
    ['src/native/cores.h', 'two-cores/cores.h'],
    ['host/device/two-cores.json', 'two-cores/manifest.json'],
  ])
    cpSync(from, join('dist/device', to));

  await makeScripts(make, deviceModules);
}

/** Where models come from, and how they are received: the modules flint/store and flint/receive. */
async function makeStore(make) {
  const modules = [
    [/\/src\/model(\.js)?$/, 'flint/model'],
    [/\/store\/partition(\.js)?$/, 'flint/partition'],
  ];
  const ofOthers = {
    name: 'of-others',
    resolveId: (id, parent) => {
      const path = parent && id.startsWith('.') ? resolve(dirname(parent), id) : id,
        found = modules.find(([pattern]) => pattern.test(path));
      return found ? { id: found[1], external: true } : null;
    },
  };
  await make(
    {
      input: { store: 'dist/src/store/store.js', receive: 'dist/src/store/receive.js' },
      external: ['Resource', 'crypt', 'mc/config'],
      plugins: [ofOthers],
    },
    {
      dir: 'dist/device/store',
      format: 'es',
      banner: '// @ts-nocheck',
      chunkFileNames: 'slots.js',
      manualChunks: (id) => (/store\/(store|receive)\.js$/.test(id) ? null : 'slots'),
    },
  );
}

/** The device's integer functions as C, and the version of their sources, which both languages hold. */
async function compileKernelsToC() {
  const { compileKernels } = await import(pathToFileURL(resolve('dist/host/compile/compile.js')).href),
    hash = createHash('sha256');
  const sources = filesBelow('src').filter((file) => /\.(ts|js|c|h)$/.test(file));
  for (const file of sources.sort()) hash.update(readFileSync(file));
  const version = hash.digest().readInt32LE(),
    { kernels, support, checks, header } = compileKernels(
      process.cwd(),
      ['src/model.ts', 'src/image.ts'],
      version,
    ),
    files = { 'kernels.c': kernels, 'support.c': support, 'checks.c': checks, 'kernels.h': header };
  mkdirSync('dist/device/native', { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(`dist/device/native/${name}`, text);
  writeFileSync('dist/src/native/version.js', `export const VERSION = ${version};\n`);
}

/** Classic scripts for our XS host, which knows no modules. */
async function makeScripts(make, deviceModules) {
  const script = (name) => ({ file: `dist/xs/${name}.js`, format: 'iife' });

  // The library is preloaded into ROM, as its manifest tells Moddable to; scripts find its modules in the
  // global `flint`.
  const modules = readdirSync('dist/src').filter(
      (file) => file.endsWith('.js') && !['main.js', 'profile.js'].includes(file),
    ),
    exports = modules.map((file) => `export * as ${file.slice(0, -3)} from '${resolve('dist/src', file)}';`);
  await make(
    { input: 'library', plugins: [virtual(new Map([['library', exports.join('\n')]]))] },
    { ...script('library'), name: 'flint' },
  );

  const moduleOf = (id) => modules.find((file) => id === resolve('dist/src', file)),
    absolute = (id, parent) => (parent && id.startsWith('.') ? resolve(dirname(parent), id) : id),
    isOfLibrary = (id, parent) => moduleOf(absolute(id, parent)) !== undefined,
    external = (id, parent) => id in deviceModules || isOfLibrary(id, parent),
    globals = (id) => deviceModules[id] ?? `flint.${moduleOf(id).slice(0, -3)}`,
    onDevice = {
      app: 'dist/src/main.js',
      bench: 'dist/test/mcu/guest.js',
      image: 'dist/test/mcu/guest-image.js',
      golden: 'dist/test/xs/golden.js',
    };
  for (const [name, input] of Object.entries(onDevice))
    await make({ input, external }, { ...script(name), globals });

  await make(
    { input: 'dist/test/camera/guest.js', external: isOfLibrary, plugins: [virtual(boardModules())] },
    { ...script('camera'), globals },
  );

  // Every test of what the device runs and that needs nothing of Node's, in one script; each file has a suite of
  // its own, and runAll runs them all.
  const folders = ['operators', 'file', 'image', 'store', 'camera', 'xs'].map((name) => `dist/test/${name}`),
    needsNode = (file) => / from 'node:/.test(readFileSync(file, 'utf8')),
    tests = folders
      .flatMap(filesBelow)
      .filter((file) => file.endsWith('.test.js') && !needsNode(file))
      .sort(),
    runner = resolve('dist/test/xs/uvu.js'),
    texts = new Map();
  for (const file of tests) {
    const name = relative('dist/test', file);
    texts.set(
      uvuOf(resolve(file)),
      `import { suite } from '${runner}'; export const test = suite('${name}');`,
    );
  }
  const imports = [
      `import { runAll } from '${runner}';`,
      ...tests.map((file) => `import '${resolve(file)}';`),
    ],
    start = "runAll((line) => trace(line + '\\n'), args[0]).then((passed) => passed || exit(1));";
  texts.set('tests', [...imports, start].join('\n'));

  // XS has no packages: uvu's assertions are bundled, its runner replaced.
  const packages = {
      'uvu/assert': 'uvu/assert/index.mjs',
      'uvu/diff': 'uvu/diff/index.mjs',
      kleur: 'kleur/index.mjs',
      dequal: 'dequal/dist/index.mjs',
      diff: 'diff/lib/index.mjs',
    },
    bundled = (id) => (packages[id] ? resolve('node_modules', packages[id]) : null),
    onXS = { name: 'on-xs', resolveId: (id, parent) => (id === 'uvu' ? uvuOf(parent) : bundled(id)) };
  await make({ input: 'tests', plugins: [onXS, virtual(texts)] }, script('tests'));
  await make({ input: 'dist/test/xs/naive.js' }, script('naive'));
}

/** What the camera app imports of Moddable, as the modules of test/camera that stand in for it. */
function boardModules() {
  const board = resolve('dist/test/camera/board.js'),
    texts = new Map([
      ['embedded:io/image/in/camera', `export { default } from '${resolve('dist/src/camera/playing.js')}';`],
    ]);
  for (const [id, name] of Object.entries(cameraBoard))
    texts.set(id, `export { ${name} as default } from '${board}';`);
  return texts;
}

/** What `uvu` is to one test file on XS. */
function uvuOf(file) {
  return `uvu of ${file}`;
}

/** Modules that are no files: their texts, by name. */
function virtual(texts) {
  return {
    name: 'virtual',
    resolveId: (id) => (texts.has(id) ? id : null),
    load: (id) => texts.get(id) ?? null,
  };
}
