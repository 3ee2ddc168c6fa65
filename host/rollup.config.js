// Builds dist/: the flint command and library and the tests for Node; the device app and the device's tests as scripts for XS.
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, resolve } from 'node:path';
import typescript from '@rollup/plugin-typescript';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const external = (id) =>
  id.startsWith('node:') || builtinModules.includes(id) || id.startsWith('uvu') ||
  Object.keys(dependencies).some((name) => id === name || id.startsWith(name + '/'));

const tests = readdirSync('test').filter((name) => name.endsWith('.test.ts')).map((name) => `test/${name.slice(0, -3)}`);
const entries = (names) => Object.fromEntries(names.map((name) => [name, `${name}.ts`]));
const compile = () => typescript({ outputToFilesystem: false, noEmitOnError: true });

// What the XS host provides as globals is a module on a Moddable device.
const deviceModules = { Resource: 'Resource', time: 'Time', instrumentation: 'Instrumentation' };

// The library is preloaded into ROM, as src/manifest.json tells Moddable to; scripts find its modules in the global `flint`.
const modules = ['checksum', 'format', 'image', 'kernels', 'model', 'read'];
const library = {
  name: 'library',
  resolveId: (id) => (id === 'library' ? id : null),
  load: (id) => (id === 'library' ? modules.map((name) => `export * as ${name} from '${resolve('src', name)}.ts';`).join('\n') : null),
};
const moduleOf = (id) => modules.find((name) => id === resolve('src', name) || id === resolve('src', name) + '.ts');
const onLibrary = {
  external: (id, parent) => id in deviceModules || moduleOf(parent && id.startsWith('.') ? resolve(dirname(parent), id) : id) !== undefined,
  globals: (id) => deviceModules[id] ?? `flint.${moduleOf(id)}`,
};

// XS has no packages: uvu's assertions are bundled, its runner replaced.
const uvuOnXS = {
  name: 'uvu-on-xs',
  resolveId(id) {
    const path = {
      uvu: 'test/xs/uvu.ts',
      'uvu/assert': 'node_modules/uvu/assert/index.mjs',
      'uvu/diff': 'node_modules/uvu/diff/index.mjs',
      kleur: 'node_modules/kleur/index.mjs',
      dequal: 'node_modules/dequal/dist/index.mjs',
      diff: 'node_modules/diff/lib/index.mjs',
    }[id];
    return path && resolve(path);
  },
};

// npm links the command before it is built; nobody else makes it executable.
const executable = { name: 'executable', writeBundle: () => chmodSync('dist/flint.js', 0o755) };

export default [
  {
    input: { flint: 'host/cli.ts', index: 'host/index.ts', demo: 'host/demo.ts', 'evaluate-worker': 'host/evaluate-worker.ts', 'layer-worker': 'host/layer-worker.ts', ...entries([...tests, 'test/run', 'test/bench-naive', 'test/schemes', 'test/mcu/bench']) },
    output: { dir: 'dist', format: 'es', chunkFileNames: 'chunk-[name].js' /* beside evaluate-worker.js, which one of them starts */ },
    external,
    plugins: [compile(), executable],
  },
  {
    input: 'library',
    output: { file: 'dist/xs/library.js', format: 'iife', name: 'flint' },
    plugins: [library, compile()],
  },
  ...Object.entries({ app: 'src/main.ts', bench: 'test/mcu/guest.ts' }).map(([name, input]) => ({
    input,
    output: { file: `dist/xs/${name}.js`, format: 'iife', globals: onLibrary.globals },
    external: onLibrary.external,
    plugins: [compile()],
  })),
  ...Object.entries({ tests: 'test/xs/tests.ts', naive: 'test/xs/naive.ts' }).map(([name, input]) => ({
    input,
    output: { file: `dist/xs/${name}.js`, format: 'iife' },
    plugins: [uvuOnXS, compile()],
  })),
];
