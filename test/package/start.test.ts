/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';

/** A clone that has not been built. */
const work = temporaryFolder();
const flint = join(work, 'host', 'flint.cjs');
mkdirSync(join(work, 'host'));
copyFileSync('host/flint.cjs', flint);

/** Bare flint on a Node that says to be of this version. It ends as one that is used wrongly. */
function startedOn(version: string): string {
  const preload = join(work, 'version.cjs');
  const versions = `{ ...process.versions, node: '${version}' }`;
  writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', preload, flint], {
    encoding: 'utf8',
  });
  assert.equal([status, stdout], [2, '']);
  return stderr;
}

test('before a build it says how to build', () => {
  assert.is(startedOn(process.versions.node), 'flint: not built yet: npm ci && npm run build makes it\n');
});

test('a Node that is too old is told, and the version that is needed', () => {
  for (const version of ['16.20.2', '18.20.4', '20.8.1'])
    assert.is(startedOn(version), `flint: Node ${version} is too old; 20.9 or newer is needed\n`);
  for (const version of ['20.9.0', '20.10.0', '22.0.0', '100.1.0'])
    assert.match(startedOn(version), /not built yet/);
});

test('package.json asks for the same version', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  assert.is(engines.node, '>=20.9');
});

test.run();
