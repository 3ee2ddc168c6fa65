/** The device's library, as apps include it: JavaScript, C, and manifests. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesBelow } from './files-below.js';

/** Makes dist/device of the modules in dist/src. @param make bundles, as build.js has it */
export async function makeLibrary(make) {
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
