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

test('it holds no test, no model, no source of the XS host and no app', () => {
  assert.equal(files.filter((path) => /test|\.(c|h|flint|image|onnx|png|ts)$/.test(path)).sort(), [
    'dist/device/image.d.ts',
    'dist/device/model.d.ts',
    'dist/index.d.ts',
  ]);
  assert.equal(below('dist/host/xs/'), []);
  assert.not(files.includes('dist/src/main.js'));
});

test('the library for devices has every module that its manifest names, and types', () => {
  const manifest = JSON.parse(read('dist/device/manifest.json')) as { modules: Record<string, string[]> };
  const modules = manifest.modules['flint/*'].map((name) => `${name.slice('./'.length)}.js`);
  const types = ['image.d.ts', 'model.d.ts'];
  assert.equal(below('dist/device/').sort(), ['manifest.json', ...modules, ...types].sort());
});

test('whatever a module imports is in the package, in Node, or a dependency', () => {
  const installed = [...builtinModules, ...Object.keys(dependencies)];
  const known = (id: string): boolean =>
    id.startsWith('node:') || installed.some((name) => id === name || id.startsWith(`${name}/`));
  for (const path of files.filter((name) => name.endsWith('.js')))
    for (const [, id] of read(path).matchAll(/^(?:import|export)\b[^'\n]*'([^'\n]+)';/gm))
      assert.ok(id.startsWith('.') ? files.includes(join(path, '..', id)) : known(id), `${path}: ${id}`);
});

test.run();
