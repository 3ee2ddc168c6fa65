/// <reference types="node" />
import { availableParallelism } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FlintError } from '../../src/error';
import { silent } from '../../host/system/progress';
import { onThreads, threadPool } from '../../host/system/threads';
import { temporaryFolder } from './folder';
import { runScript } from './script';
import type { TestWork } from './threads-worker';

process.env.FLINT_CACHE = temporaryFolder();
const workerUrl = new URL('./threads-worker.js', import.meta.url);
const run = threadPool<TestWork>(workerUrl);
const cores = availableParallelism();
const many = 3 * cores + 1;

/** The error that a promise is rejected with. */
const errorOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => assert.unreachable('it should have failed') as never,
    (error: Error) => error,
  );
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

test('arguments and results pass as they are', async () => {
  assert.equal(await run('double', Float32Array.of(1, 2.5)), Float32Array.of(2, 5));
});

test('as many threads as cores work, and go on living between jobs', async () => {
  const used = async (): Promise<number[]> =>
    [...new Set(await Promise.all(times(8 * cores, () => run('thread', 10))))].sort();
  const first = await used();
  assert.is(first.length, cores);
  assert.not.ok(first.includes(0), 'not the main thread');
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await used(), first);
});

test('any number of jobs may fail, and the next one works', async () => {
  const errors = await Promise.all(times(many, () => errorOf(run('fail', null))));
  for (const error of errors) assert.match(error.message, /Cannot read properties of null/);
  for (let i = 0; i < many; i++) assert.instance(await errorOf(run('fail', null)), TypeError);
  assert.equal(await run('double', Float32Array.of(1)), Float32Array.of(2));
});

test('a FlintError stays one', async () => {
  const error = await errorOf(run('refuse', 'model.onnx: not a model'));
  assert.instance(error, FlintError);
  assert.is(error.message, 'model.onnx: not a model');
});

test('jobs that cannot be sent to a thread hold up no other', async () => {
  const jobs = [
    ...times(cores, () => run('thread', 20)),
    ...times(many, () => run('thread', (() => {}) as never)),
  ];
  const good = run('double', Float32Array.of(1));
  const results = await Promise.allSettled(jobs);
  assert.is(results.filter(({ status }) => status === 'rejected').length, many);
  assert.equal(await good, Float32Array.of(2));
});

test('a thread that breaks down fails its job alone, and another takes its place', async () => {
  const crashes = times(many, () => errorOf(run('crash')));
  const good = times(many, (i) => run('double', Float32Array.of(i)));
  for (const error of await Promise.all(crashes)) assert.match(error.message, /out of bounds/);
  assert.equal(
    await Promise.all(good),
    times(many, (i) => Float32Array.of(2 * i)),
  );
});

test('a worker module that does not exist fails each job', async () => {
  const missing = threadPool<TestWork>(new URL('./nowhere.js', import.meta.url));
  for (let i = 0; i < many; i++) assert.match((await errorOf(missing('thread', 0))).message, /nowhere\.js/);
});

test('idle threads do not keep the process', () => {
  const threads = JSON.stringify(new URL('../../host/system/threads.js', import.meta.url));
  const script = `const { threadPool } = await import(${threads});
    const run = threadPool(new URL(${JSON.stringify(workerUrl)}));
    console.log((await run('thread', 0)) > 0);`;
  assert.is(runScript(script), 'true\n');
});

test('many pieces of work: results in order, progress told, nothing done twice', async () => {
  const told: string[] = [];
  const progress = {
    start: (total: number, what: string) => void told.push(`${what} ${total}`),
    update: (done: number) => void told.push(String(done)),
    stop: () => void told.push('stop'),
  };
  const pieces = times(5, (i): [Float32Array] => [Float32Array.of(i)]);
  const results = await onThreads(run, 'double', pieces, progress, 'doubling');
  assert.equal(
    results,
    pieces.map(([v]) => Float32Array.of(2 * v[0])),
  );
  assert.equal(told, ['doubling 5', '1', '2', '3', '4', '5', 'stop']);
  const random = (): Promise<number[]> => onThreads(run, 'random', [[1], [2], [3]], silent, '');
  const first = await random();
  assert.is(new Set(first).size, 3);
  assert.equal(await random(), first);
});

test('many pieces of work of which one fails: its error, and the progress ends', async () => {
  let stopped = 0;
  const progress = { ...silent, stop: () => void stopped++ };
  const error = await errorOf(onThreads(run, 'refuse', [['one'], ['two']], progress, ''));
  assert.instance(error, FlintError);
  assert.is(stopped, 1);
});

test.run();
