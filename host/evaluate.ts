/// <reference types="node" />
/** Accuracy on labelled images, with the device's own code on all cores. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { FlintError } from '../src/error';
import { cached, contentHash } from './cache';
import { openImages, type ImageSet } from './images';
import type { Progress } from './progress';
import type { DataSource } from './recipe';

export interface EvaluationTask {
  file: ArrayBuffer;
  source: DataSource;
  labels: string[];
  /** The float model to compare with, and its input's shape as the device has it. */
  float?: { onnx: Uint8Array; shape: number[] };
  first: number;
  threads: number;
  limit: number;
}

export interface Verdict {
  index: number;
  truth?: number;
  int8: number;
  float?: number;
}

export interface Evaluation {
  images: number;
  correct: number;
  /** Present when a float model was given. */
  floatCorrect?: number;
  /** Images on which both decide alike. */
  agree?: number;
  /** Those on which they do not, in order. */
  changed?: Verdict[];
  /** confusion[truth][decided] */
  confusion: number[][];
}

/**
 * Runs labelled images through a packed model, and where one is given through the float model too. Results are kept by the content of all of it.
 * @throws FlintError when the images carry no labels
 */
export async function evaluate(task: Omit<EvaluationTask, 'first' | 'threads'>, progress: Progress): Promise<Evaluation> {
  const images = openImages(task.source, task.labels), total = Math.min(images.length, task.limit), { file, labels, float } = task;
  if (images.label(0) === undefined)
    throw new FlintError(`${task.source.images}: these images carry no labels: use a folder per class, or IDX files with labels`);
  return cached(['evaluation', file, labels, float, hashOf(images, total)], () => evaluateInThreads(task, total, progress));
}

/** What identifies the first images of a set, and their labels. */
export const hashOf = (images: ImageSet, count: number): string => contentHash(Array.from({ length: count }, (_, i) => [images.bytes(i), images.label(i)]));

async function evaluateInThreads(task: Omit<EvaluationTask, 'first' | 'threads'>, total: number, progress: Progress): Promise<Evaluation> {
  const threads = Math.min(availableParallelism(), Math.ceil(total / 50)), verdicts: Verdict[] = [];
  progress.start(total, 'evaluating');
  try {
    await Promise.all(Array.from({ length: threads }, (_, first) => new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./evaluate-worker.js', import.meta.url), { workerData: { ...task, first, threads } satisfies EvaluationTask });
      worker.on('message', (verdict: Verdict) => progress.update(verdicts.push(verdict)));
      worker.on('error', (error) => reject(error.name === 'FlintError' ? new FlintError(error.message) : error));
      worker.on('exit', (code) => (code ? reject(new Error(`an evaluation thread stopped with code ${code}`)) : resolve()));
    })));
  } finally {
    progress.stop();
  }
  const classes = 1 + Math.max(...verdicts.flatMap((v) => [v.truth ?? 0, v.int8])),
    confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const v of verdicts) confusion[v.truth!][v.int8]++;
  const count = (test: (v: Verdict) => boolean): number => verdicts.filter(test).length;
  return {
    images: verdicts.length,
    correct: count((v) => v.int8 === v.truth),
    ...(task.float && { floatCorrect: count((v) => v.float === v.truth), agree: count((v) => v.float === v.int8), changed: verdicts.filter((v) => v.float !== v.int8).sort((a, b) => a.index - b.index) }),
    confusion,
  };
}
