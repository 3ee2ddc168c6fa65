/// <reference types="node" />
/** Accuracy on labelled images, with the device's own code on all cores. */
import { availableParallelism } from 'node:os';
import { FlintError } from '../../src/error';
import { load } from '../../src/model';
import { describe } from '../file/describe';
import { decoders } from '../images/decode';
import { hashOf, openImages, type DataSource, type ImageSet } from '../images/set';
import { onnxInputs } from '../import/onnx/graph-inputs';
import { isQuantized } from '../import/onnx/own-integers';
import { floatSession, runSession } from '../quantize/calibrate';
import { cached, contentHash } from '../system/cache';
import type { Progress } from '../system/progress';
import { threadPool } from '../system/threads';
import { answerOf, classesOf, decision, orderRemarks } from './answer';
import type { EvaluationWork } from './worker';

/** A float model to compare with, and how the packed model's input stands for its input. */
export interface FloatReference {
  /** May bring its own integers (QDQ, QOperator): ONNX Runtime runs those too. */
  onnx: Uint8Array;
  /** real = scale * (q - zeroPoint) */
  scale: number;
  zeroPoint: number;
}

/** A packed model and the labelled images to run through it. */
export interface EvaluationTask {
  /** A packed model. */
  file: ArrayBuffer;
  source: DataSource;
  /** Names of the classes, which give the order of a source's sub-folders. */
  labels: string[];
  float?: FloatReference;
  /** Only so many images are used. */
  limit: number;
}

/** What was decided on one image. */
export interface Verdict {
  /** Of the image, in its set. */
  index: number;
  truth: number;
  int8: number;
  /** Present when a float model was given. */
  float?: number;
}

export interface Evaluation {
  images: number;
  correct: number;
  /** What it was compared with: a float model, or ONNX Runtime with the source model's own integers. */
  reference?: 'float' | 'ONNX Runtime';
  /** Present when such a model was given. */
  floatCorrect?: number;
  /** Images on which both decide alike. */
  agree?: number;
  /** Those on which they do not, in order. */
  changed?: Verdict[];
  /** confusion[truth][decided] */
  confusion: number[][];
  /** The folders' names, where these alone give the order of classes. */
  order?: string[];
  /** What people should know of the images. */
  remarks: string[];
}

/** Images that go to a thread with one message. */
const BATCH = 64;

const onThread = threadPool<EvaluationWork>(new URL('./worker.js', import.meta.url));

/**
 * Runs labelled images through a packed model, and where one is given through the float model, too. Results
 * are kept by the content of all of it.
 * @throws FlintError when an image cannot be decoded, or has no label or one that is no class of the model
 */
export async function evaluate(task: EvaluationTask, progress: Progress): Promise<Evaluation> {
  const { file, source, labels, float, limit } = task;
  const images = openImages(source, labels);
  const total = Math.min(images.length, limit);
  const { tensors, outputs } = describe(load(file)),
    { shape, ...quantization } = tensors[outputs[0]],
    classes = classesOf(answerOf(shape, quantization));
  const truths = truthsOf(images, total, classes);
  const verdicts = await cached(['evaluation', file, float, decoders, hashOf(images, total)], async () => {
    progress.start(total, 'evaluating');
    try {
      return await decide(file, images, truths, float, progress);
    } finally {
      progress.stop();
    }
  });
  const { order } = images,
    remarks = [...images.remarks, ...orderRemarks(source.images, order, classes)];
  return { ...summary(verdicts, float), ...(order && { order }), remarks };
}

/** The true class of each image, checked. */
function truthsOf(images: ImageSet, total: number, classes: number): number[] {
  return Array.from({ length: total }, (_, i) => {
    const truth = images.label(i);
    if (truth === undefined) {
      const advice =
        'use a folder for each class, names such as 3-dress.png, or an IDX or .npy file with labels';
      throw new FlintError(`${images.name(i)}: this image carries no label: ${advice}`);
    }
    if (truth >= classes)
      throw new FlintError(
        `${images.name(i)}: its class is ${truth}; the model has classes 0 to ${classes - 1}` +
          (images.order ? ` (classes are the folders in this order: ${images.order.join(', ')})` : ''),
      );
    return truth;
  });
}

async function decide(
  file: ArrayBuffer,
  images: ImageSet,
  truths: number[],
  float: FloatReference | undefined,
  progress: Progress,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const hash = contentHash(file);
  const threads = availableParallelism();
  const step = Math.min(BATCH, Math.ceil(truths.length / threads));
  // ONNX Runtime only ever runs on the main thread: after the end of threads that have used it no other can
  // load it.
  const decideInFloat = float && (await floatDecider(float));
  let next = 0;
  let done = 0;

  /** Takes one batch after the other, so that no more of them are held than there are takers. */
  async function takeBatches(): Promise<void> {
    while (next < truths.length) {
      const first = next;
      next += step;
      const indices = Array.from({ length: Math.min(step, truths.length - first) }, (_, i) => first + i);
      const batch = {
        file,
        hash,
        images: indices.map((i) => images.source(i)),
        withInputs: float !== undefined,
      };
      const { decisions, inputs } = await onThread('classify', batch);
      const size = inputs && inputs.length / decisions.length;
      for (const [i, index] of indices.entries()) {
        const verdict: Verdict = { index, truth: truths[index], int8: decisions[i] };
        if (decideInFloat) verdict.float = await decideInFloat(inputs!.subarray(i * size!, (i + 1) * size!));
        verdicts[index] = verdict;
        progress.update(++done);
      }
    }
  }

  // Two for each thread: while the float model decides on one batch, the thread works on another.
  const takers = Array.from({ length: 2 * threads }, takeBatches);
  try {
    await Promise.all(takers);
  } finally {
    next = truths.length; // what has failed is not gone on with
  }
  return verdicts;
}

/** Decides as the float model does on what the packed model reads. */
async function floatDecider({
  onnx,
  scale,
  zeroPoint,
}: FloatReference): Promise<(input: Int8Array) => Promise<number>> {
  const session = await floatSession(onnx),
    inputs = onnxInputs(onnx);
  const real = Float32Array.from({ length: 256 }, (_, i) => Math.fround(scale) * (i - 128 - zeroPoint));
  return async (input) => {
    const results = await runSession(
      session,
      Float32Array.from(input, (q) => real[q + 128]),
      inputs,
    );
    const scores = results[session.outputNames[0]].data as Float32Array;
    return decision(scores);
  };
}

function summary(verdicts: Verdict[], float?: FloatReference): Omit<Evaluation, 'order' | 'remarks'> {
  const count = (test: (v: Verdict) => boolean): number => verdicts.filter(test).length;
  const classes = 1 + verdicts.reduce((most, v) => Math.max(most, v.truth, v.int8), 0);
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { truth, int8 } of verdicts) confusion[truth][int8]++;
  const result = { images: verdicts.length, correct: count((v) => v.int8 === v.truth), confusion };
  if (!float) return result;
  return {
    ...result,
    reference: isQuantized(float.onnx) ? 'ONNX Runtime' : 'float',
    floatCorrect: count((v) => v.float === v.truth),
    agree: count((v) => v.float === v.int8),
    changed: verdicts.filter((v) => v.float !== v.int8),
  };
}
