/// <reference types="node" />
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cached } from '../host/cache';

const folder = mkdtempSync(join(tmpdir(), 'flint-cache-'));
let calls = 0;
const sum = (a: Float32Array, b: Map<string, number>): Promise<{ total: Float64Array }> =>
  cached([a, b], () => (calls++, { total: Float64Array.of(a[0] + b.get('x')!) }));
const a = Float32Array.of(2), b = new Map([['x', 3]]);
test.before.each(() => { process.env.FLINT_CACHE = folder; });
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('work on the same content is done once', async () => {
  for (let i = 0; i < 3; i++) assert.equal([...(await sum(Float32Array.of(2), new Map([['x', 3]]))).total], [5]);
  assert.is(calls, 1);
});

test('other content is other work', async () => {
  assert.equal([...(await sum(Float32Array.of(4), b)).total], [7]);
  assert.equal([...(await sum(a, new Map([['x', 4]]))).total], [6]);
  assert.is(calls, 3);
});

test('a damaged result is made again, and a folder that cannot be written is no failure', async () => {
  for (const name of readdirSync(folder)) truncateSync(join(folder, name), 5);
  assert.equal([...(await sum(a, b)).total], [5]);
  assert.equal([...(await sum(a, b)).total], [5]);
  assert.is(calls, 4);
  process.env.FLINT_CACHE = '/dev/null/nowhere';
  assert.equal([...(await sum(a, b)).total], [5]);
  assert.is(calls, 5);
});

test('an empty FLINT_CACHE keeps nothing', async () => {
  process.env.FLINT_CACHE = '';
  for (let i = 0; i < 2; i++) await sum(a, b);
  assert.is(calls, 7);
});

test.run();
