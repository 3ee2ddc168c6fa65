/// <reference types="node" />
/** What threads.test.ts runs on threads. */
import { setTimeout as wait } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { FlintError } from '../../src/error';
import { worker } from '../../host/system/worker';

const work = {
  double: (values: Float32Array): Float32Array => values.map((v) => 2 * v),
  thread: async (milliseconds: number): Promise<number> => (await wait(milliseconds), threadId),
  random: (_seed: number): number => Math.random(),
  refuse: (what: string): never => {
    throw new FlintError(what);
  },
  fail: (missing: { length: number } | null): number => missing!.length,
  /** Breaks the thread, not only the job. */
  crash: (): Promise<never> => {
    setTimeout(() => {
      throw new RangeError('out of bounds');
    });
    return new Promise(() => {});
  },
};
export type TestWork = typeof work;
export default worker(work);
