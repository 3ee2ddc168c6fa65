/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { packInto, runIn } from './npm';

interface PackageJson {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
}
const { scripts, dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as PackageJson;

const work = temporaryFolder();
const tarball = packInto(work);
runIn(work, 'tar', '-xzf', tarball);
const read = (path: string): string => readFileSync(join(work, 'package', path), 'utf8');
const files = runIn(work, 'tar', '-tzf', tarball)
  .trim()
  .split('\n')
  .map((path) => path.slice('package/'.length));

/** Those in a folder, without its name. */
const below = (folder: string): string[] =>
  files.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));

test('the package is built before npm packs it', () => {
  assert.is(scripts.prepack, scripts.build);
});

test('it holds the packer, its types and the library for devices', () => {
  for (const path of ['host/flint.cjs', 'dist/host/cli.js', 'dist/host/index.js', 'dist/index.d.ts'])
    assert.ok(files.includes(path), path);
  const modules = below('dist/host/').concat(below('dist/src/'), below('dist/device/'));
  const documents = ['package.json', 'README.md', 'LICENSE', 'models/model.schema.json'],
    around = [...documents, 'host/flint.cjs', 'dist/index.d.ts'];
  assert.is(files.length, modules.length + around.length);
  assert.equal(files.filter((path) => around.includes(path)).sort(), around.sort());
});

test('it holds no test, no model, no compiler of kernels, no source of the XS host and no app', () => {
  const odd = files.filter((path) => /test|\.(c|h|flint|image|onnx|png|ts)$/.test(path)),
    types = ['image', 'model', 'profile', 'say', 'store/receive', 'store/store'].map(
      (name) => `dist/device/${name}.d.ts`,
    ),
    native = ['checks.c', 'flint.c', 'kernels.c', 'kernels.h', 'memory.c', 'support.c'].map(
      (name) => `dist/device/native/${name}`,
    ),
    twoCores = ['cores.c', 'cores.h'].map((name) => `dist/device/two-cores/${name}`);
  assert.equal(
    odd.filter((path) => !/runtime\.d\.ts$/.test(path)).sort(),
    [...types, ...native, ...twoCores, 'dist/index.d.ts'].sort(),
  );
  assert.equal([...below('dist/host/xs/'), ...below('dist/host/compile/')], []);
  assert.not(files.includes('dist/src/main.js'));
});

test('each manifest for devices names modules that are there, and all together all there are', () => {
  const named = ['', 'interpreted/', 'receive/', 'store/', 'two-cores/'].flatMap((folder) => {
    const { modules } = JSON.parse(read(`dist/device/${folder}manifest.json`)) as {
      modules: Record<string, string | string[]>;
    };
    return Object.values(modules)
      .flat()
      .map((name) => join(folder, name));
  });
  const sources = below('dist/device/').filter((path) => /\.(js|c)$/.test(path)),
    without = (path: string): string => path.replace(/\.\w+$/, '');
  assert.equal([...new Set(named)].sort(), [...new Set(sources.map(without))].sort());
});

test('whatever a module imports is in the package, in Node, or a dependency', () => {
  const installed = [...builtinModules, ...Object.keys(dependencies)];
  const known = (id: string): boolean =>
    id.startsWith('node:') || installed.some((name) => id === name || id.startsWith(`${name}/`));
  const ofModdable = ['Resource', 'crypt', 'mc/config', 'modules', 'time'],
    ofDevice = [...ofModdable, 'flint/model', 'flint/native', 'flint/partition'];
  const onDevice = (path: string, id: string): boolean =>
    path.startsWith('dist/device/') && ofDevice.includes(id);
  for (const path of files.filter((name) => name.endsWith('.js')))
    for (const [, id] of read(path).matchAll(/^(?:import|export)\b[^'\n]*'([^'\n]+)';/gm)) {
      const found = id.startsWith('.') ? files.includes(join(path, '..', id)) : known(id);
      assert.ok(found || onDevice(path, id), `${path}: ${id}`);
    }
});

test.run();
