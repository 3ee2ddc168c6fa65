/** What our XS host on the laptop runs: the library, apps, benches and tests, each one script. */
import { readFileSync, readdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { absolute, filesBelow } from './paths.js';

/** What only a device has, by the names of the globals that our host gives it. */
const deviceModules = {
  Resource: 'Resource',
  time: 'Time',
  timer: 'Timer',
  instrumentation: 'Instrumentation',
};

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

/** Every module of Moddable's that an app imports. */
export const appModules = [
  ...Object.keys(deviceModules),
  ...Object.keys(cameraBoard),
  'crypt',
  'embedded:io/image/in/camera',
];

/** Classic scripts, for our host knows no modules. @param make bundles, as build.js has it */
export async function makeScripts(make) {
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
