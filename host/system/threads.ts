/// <reference types="node" />
/** Work on all cores, by pools of worker threads (tinypool). */
import { availableParallelism } from 'node:os';
import Tinypool from 'tinypool';
import { FlintError } from '../../src/error';
import { cached } from './cache';
import type { Progress } from './progress';
import type { Functions } from './worker';

/** Runs one function of a worker module on a thread. Rejects with what the function threw. */
export type ThreadPool<Work extends Functions> = <Kind extends keyof Work & string>(
  kind: Kind,
  ...args: Parameters<Work[Kind]>
) => Promise<Awaited<ReturnType<Work[Kind]>>>;

/**
 * A pool of as many threads as there are cores. They start with the first call, live as long as the process,
 * and do not keep it alive. Work that fails rejects its call and nothing else; a thread that breaks down is
 * replaced.
 * @param workerUrl a module whose default export comes from `worker` (worker.ts)
 */
export function threadPool<Work extends Functions>(workerUrl: URL): ThreadPool<Work> {
  const threads = availableParallelism();
  const inTurn = limited(threads);
  let pool: Tinypool | undefined;
  return async (kind, ...args) => {
    pool ??= startThreads(threads);
    try {
      // The module is named with each call: a thread that failed to load it as it starts would not be
      // replaced.
      return await inTurn(() => pool!.run({ kind, args }, { filename: workerUrl }));
    } catch (error) {
      throw restored(error);
    }
  };
}

function startThreads(count: number): Tinypool {
  // Waiting with Atomics would block each idle thread's event loop, on which decoders of images deliver.
  const pool = new Tinypool({ minThreads: count, maxThreads: count, useAtomics: false });
  // A thread that breaks down between two calls fails none of them and has been replaced already.
  pool.on('error', () => {});
  return pool;
}

/**
 * Starts work when fewer than `count` other pieces are under way. Calls wait here and not in tinypool, which
 * forgets those in its queue when one of them cannot be sent to a thread.
 */
function limited(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/** Errors lose their class on their way between threads; `worker` sends a FlintError as plain data. */
function restored(error: unknown): unknown {
  const sent = error as { name?: string; message?: string } | undefined;
  return sent?.name === 'FlintError' ? new FlintError(sent.message) : error;
}

/**
 * Many pieces of work of one kind; what was done before with the same arguments is not done again.
 * @param args of each piece, in the order of the results
 * @param what it is, for the progress bar
 */
export async function onThreads<Work extends Functions, Kind extends keyof Work & string>(
  pool: ThreadPool<Work>,
  kind: Kind,
  args: Parameters<Work[Kind]>[],
  progress: Progress,
  what: string,
): Promise<Awaited<ReturnType<Work[Kind]>>[]> {
  let done = 0;
  const one = async (own: Parameters<Work[Kind]>): Promise<Awaited<ReturnType<Work[Kind]>>> => {
    const result = await cached([kind, ...own], () => pool(kind, ...own));
    progress.update(++done);
    return result;
  };
  progress.start(args.length, what);
  try {
    return await Promise.all(args.map(one));
  } finally {
    progress.stop();
  }
}
