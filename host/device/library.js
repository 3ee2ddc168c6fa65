/** The device's library, as apps include it: JavaScript, C, and manifests. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { absolute, filesBelow } from './paths.js';

/** Makes dist/device of the modules in dist/src. @param make bundles, as build.js has it */
export async function makeLibrary(make) {
  await compileKernelsToC();

  await makeModules(make, {
    from: 'dist/src',
    to: 'dist/device',
    names: ['model', 'image', 'profile', 'say'],
    common: 'runtime',
    external: ['time'],
    // On a device, which kernels there are is the manifest's choice: it says which module flint/native is.
    others: [[/\/native\/native(\.js)?$/, 'flint/native']],
  });
  // Where models come from, and how they are received.
  await makeModules(make, {
    from: 'dist/src/store',
    to: 'dist/device/store',
    names: ['store', 'receive'],
    common: 'slots',
    external: ['Resource', 'crypt', 'mc/config'],
    others: [
      [/\/src\/model(\.js)?$/, 'flint/model'],
      [/\/store\/partition(\.js)?$/, 'flint/partition'],
    ],
  });
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

/**
 * Makes the modules `names` of those in folder `from`, and the module `common` of all that they import besides.
 * @param others modules that stay imports: patterns of their paths, and what they are called on a device
 */
async function makeModules(make, { from, to, names, common, external, others }) {
  const ofOthers = {
    name: 'of-others',
    resolveId: (id, parent) => {
      const path = absolute(id, parent),
        found = others.find(([pattern]) => pattern.test(path));
      return found ? { id: found[1], external: true } : null;
    },
  };
  const files = names.map((name) => `${from}/${name}.js`);
  await make(
    {
      input: Object.fromEntries(names.map((name, i) => [name, files[i]])),
      external,
      plugins: [ofOthers],
    },
    {
      dir: to,
      format: 'es',
      banner: '// @ts-nocheck', // keeps mcconfig from checking JavaScript as if it were the app's
      chunkFileNames: `${common}.js`,
      manualChunks: (id) => (files.some((file) => id.endsWith(file)) ? null : common),
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
