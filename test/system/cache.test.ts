/// <reference types="node" />
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
} from 'node:fs';
import { rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cached, contentHash } from '../../host/system/cache';
import { temporaryFolder } from './folder';
import { runScript } from './script';

const folder = temporaryFolder();
let calls = 0;
const sum = async (a: Float32Array, b: Map<string, number>): Promise<number> => {
  const result = await cached([a, b], () => (calls++, { total: Float64Array.of(a[0] + b.get('x')!) }));
  return result.total[0];
};
const a = Float32Array.of(2);
const b = new Map([['x', 3]]);
const entries = (): string[] => readdirSync(folder);

test.before.each(() => {
  process.env.FLINT_CACHE = folder;
  for (const name of entries()) rmSync(join(folder, name));
  calls = 0;
});

test('work on the same content is done once', async () => {
  for (let i = 0; i < 3; i++) assert.is(await sum(Float32Array.of(2), new Map([['x', 3]])), 5);
  assert.is(calls, 1);
});

test('other content is other work', async () => {
  assert.is(await sum(Float32Array.of(4), b), 7);
  assert.is(await sum(a, new Map([['x', 4]])), 6);
  assert.is(await sum(a, b), 5);
  assert.is(calls, 3);
});

test('nothing is a result, too', async () => {
  for (let i = 0; i < 2; i++) assert.is(await cached(['nothing'], () => void calls++), undefined);
  assert.is(calls, 1);
});

test('an entry with any byte changed is made anew', async () => {
  await sum(a, b);
  const file = join(folder, entries()[0]);
  const good = readFileSync(file);
  for (let i = 0; i < good.length; i++) {
    const bad = Uint8Array.from(good);
    bad[i] ^= 1 << (i % 8);
    writeFileSync(file, bad);
    assert.is(await sum(a, b), 5, `byte ${i}`);
    assert.ok(readFileSync(file).equals(good), `byte ${i} is still bad`);
  }
  assert.is(calls, 1 + good.length);
});

test('an entry that was cut short, is empty or belongs to other work is made anew', async () => {
  await sum(a, b);
  const file = join(folder, entries()[0]);
  for (const length of [0, 5, 40]) {
    truncateSync(file, length);
    assert.is(await sum(a, b), 5);
  }
  assert.is(calls, 4);
  await sum(Float32Array.of(9), b);
  const other = entries().find((name) => join(folder, name) !== file)!;
  copyFileSync(join(folder, other), file);
  assert.is(await sum(a, b), 5);
});

test('a folder that cannot be made or written is no failure and takes no time', async () => {
  process.env.FLINT_CACHE = '/dev/null/nowhere';
  for (let i = 0; i < 2; i++) assert.is(await sum(a, b), 5);
  assert.is(calls, 2);
  const cache = JSON.stringify(new URL('../../host/system/cache.js', import.meta.url));
  const script = `const { cached } = await import(${cache}); console.log(await cached([1], () => 'done'));`;
  for (const path of ['/proc/nope', '/proc/nope/below', '/sys/nope'].filter(() => existsSync('/proc/self')))
    assert.is(runScript(script, { FLINT_CACHE: path }), 'done\n');
});

test('an empty FLINT_CACHE keeps nothing', async () => {
  process.env.FLINT_CACHE = '';
  for (let i = 0; i < 2; i++) await sum(a, b);
  assert.is(calls, 2);
});

test('what was not used longest goes when there is too much, and only that', async () => {
  const [old, older, foreign] = ['a'.repeat(64), 'b'.repeat(64), 'notes.txt'].map((name) =>
    join(folder, name),
  );
  for (const [i, file] of [old, older, foreign].entries()) {
    writeFileSync(file, '');
    truncateSync(file, 300 * 2 ** 20); // a hole, which takes no room
    utimesSync(file, 1000 - i, 1000 - i);
  }
  await sum(a, b);
  assert.ok(existsSync(old));
  assert.not.ok(existsSync(older));
  assert.ok(existsSync(foreign));
  assert.is(await sum(a, b), 5);
  assert.is(calls, 1);
});

test('an entry that was used lately stays, however old it is', async () => {
  await sum(a, b);
  const file = join(folder, entries()[0]);
  utimesSync(file, 1000, 1000);
  assert.is(await sum(a, b), 5);
  assert.ok(Date.now() - statSync(file).mtimeMs < 60_000);
});

test('another compiled packer does not read what this one has kept', () => {
  const root = temporaryFolder();
  const dist = fileURLToPath(new URL('../../', import.meta.url));
  for (const part of ['host/system', 'src'])
    cpSync(join(dist, part), join(root, 'dist', part), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"name":"flint-xs","type":"module"}');
  mkdirSync(join(root, 'dist', 'src', 'deep'));
  const cache = JSON.stringify(new URL(`file://${root}/dist/host/system/cache.js`));
  const script = `const { cached } = await import(${cache}); await cached([1], () => console.log('works'));`;
  const run = (): string => runScript(script, { FLINT_CACHE: join(root, 'cache') });
  assert.is(run(), 'works\n');
  assert.is(run(), '');
  writeFileSync(join(root, 'dist', 'src', 'deep', 'new.js'), '');
  assert.is(run(), 'works\n', 'a new script');
  appendFileSync(join(root, 'dist', 'host', 'system', 'cache.js'), '//');
  assert.is(run(), 'works\n', 'a changed script');
  assert.is(run(), '');
});

test('values of different kinds have different hashes, equal ones the same', () => {
  const values = [
    [],
    {},
    new Map(),
    new Set(),
    [['x', 1]],
    { x: 1 },
    new Map([['x', 1]]),
    new Set(['x', 1]),
    ['x', 1],
    'x',
    1,
    '1',
    null,
    undefined,
    'null',
    true,
    Int8Array.of(1),
    Uint8Array.of(1),
    Int16Array.of(1),
    ['a', 'bc'],
    ['ab', 'c'],
    ['abc'],
  ];
  assert.is(new Set(values.map((value) => contentHash(value))).size, values.length);
  assert.is(contentHash({ x: [Float32Array.of(1)] }), contentHash({ x: [Float32Array.of(1)] }));
  assert.is(contentHash(Uint8Array.of(1, 2).subarray(1)), contentHash(Uint8Array.of(2)));
  assert.is(contentHash(Uint8Array.of(2).buffer), contentHash(Uint8Array.of(2)));
});

test.run();
