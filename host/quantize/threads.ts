/// <reference types="node" />
/** Long work on single layers, on all cores; what was done before with the same numbers is not done again. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { cached } from '../cache';
import type { Progress } from '../progress';
import type { LayerWork } from '../layer-worker';
import type { FloatLayer } from './statistics';

/** Threads that live as long as the process; they do not keep it alive, and do not know ONNX Runtime. */
const idle: Worker[] = [], waiting: ((worker: Worker) => void)[] = [];
let threads = 0;

function next(): Promise<Worker> {
  if (idle.length) return Promise.resolve(idle.pop()!);
  if (threads >= availableParallelism()) return new Promise((resolve) => waiting.push(resolve));
  threads++;
  return Promise.resolve(new Worker(new URL('./layer-worker.js', import.meta.url)));
}

/** One piece of work, whose result is not kept. */
export async function onThread<K extends keyof LayerWork>(kind: K, ...args: Parameters<LayerWork[K]>): Promise<ReturnType<LayerWork[K]>> {
  const worker = await next();
  worker.ref();
  const result = await new Promise<ReturnType<LayerWork[K]>>((resolve, reject) => {
    const settled = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError);
      act();
    };
    const onMessage = (value: ReturnType<LayerWork[K]>): void => settled(() => resolve(value)),
      onError = (error: Error): void => settled(() => reject(error));
    worker.on('message', onMessage).on('error', onError);
    worker.postMessage([kind, args]);
  });
  worker.unref();
  const waiter = waiting.shift();
  if (waiter) waiter(worker);
  else idle.push(worker);
  return result;
}

/**
 * @param args of each piece of work, in the order of the results
 * @param what it is, for the progress bar
 */
export async function onThreads<K extends keyof LayerWork>(
  kind: K, args: Parameters<LayerWork[K]>[], progress: Progress, what: string,
): Promise<ReturnType<LayerWork[K]>[]> {
  let done = 0;
  progress.start(args.length, what);
  try {
    return await Promise.all(args.map(async (own) => {
      const result = await cached([kind, ...own], () => onThread(kind, ...own));
      progress.update(++done);
      return result;
    }));
  } finally {
    progress.stop();
  }
}

/** Weights from which on a layer is worth several threads. */
const MANY_WEIGHTS = 16384;

/**
 * A large layer as several with some of its output channels each; smaller ones, and depthwise ones, whose channels lie side by side, as they are.
 * What belongs to a part's channels begins at `channel`, what belongs to its weights at `weight`.
 */
export function partsOf(node: FloatLayer): { node: FloatLayer; channel: number; weight: number }[] {
  const { weights, bias, scales } = node.parameters, channels = bias.length, each = weights.length / channels;
  const count = node.op === 'depthwiseConv2d' || weights.length < MANY_WEIGHTS ? 1 : Math.min(channels, availableParallelism()), parts = [];
  for (let i = 0; i < count; i++) {
    const from = Math.floor((channels * i) / count), to = Math.floor((channels * (i + 1)) / count);
    const own = scales && { scales: scales.length > 1 ? scales.slice(from, to) : scales };
    parts.push({
      node: { ...node, parameters: { weights: weights.slice(from * each, to * each), bias: bias.slice(from, to), ...own } },
      channel: from, weight: from * each,
    });
  }
  return parts;
}
