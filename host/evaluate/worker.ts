/** Runs on the threads of an evaluation: a batch of images through a model, with the device's own code. */
import { writeImage } from '../../src/image';
import { load, run, type Model } from '../../src/model';
import type { Image } from '../images/decode';
import { imageOf } from '../images/set';
import { decision, HALF } from './answer';
import { worker } from '../system/worker';

/** Images for one thread, and the model to classify them with. */
export interface Batch {
  file: ArrayBuffer;
  /** What identifies the file. */
  hash: string;
  /** See ImageSet's source. */
  images: (string | Image)[];
  /** Whether what the model reads is wanted, too. */
  withInputs: boolean;
}

/** What was decided on each image of a batch. */
export interface BatchResult {
  /** The class of each image. */
  decisions: number[];
  /** The model's int8 inputs, one behind the other. */
  inputs?: Int8Array;
}

/** The model that this thread has loaded last. */
let loaded: { hash: string; model: Model } | undefined;

function modelOf({ file, hash }: Batch): Model {
  if (loaded?.hash !== hash) loaded = { hash, model: load(file) };
  return loaded.model;
}

/**
 * Images that are decoded, on threads of sharp's own, while one is classified; all at once could fill the
 * memory.
 */
const AHEAD = 8;

/** Images, decoded ahead of their use, in order. */
async function* decoded(sources: (string | Image)[]): AsyncGenerator<Image> {
  const waiting: Promise<Image>[] = [];
  for (const source of sources) {
    const image = imageOf(source);
    image.catch(() => {}); // whoever takes it out is told; until then it is not unhandled
    waiting.push(image);
    if (waiting.length > AHEAD) yield waiting.shift()!;
  }
  for (const image of waiting) yield image;
}

async function classify(batch: Batch): Promise<BatchResult> {
  const model = modelOf(batch);
  const [input] = model.inputs;
  const decisions: number[] = [];
  const inputs = batch.withInputs ? new Int8Array(batch.images.length * input.length) : undefined;
  for await (const { pixels, width, height, format } of decoded(batch.images)) {
    writeImage(model, pixels, width, height, format);
    inputs?.set(input, decisions.length * input.length);
    run(model);
    decisions.push(decision(model.outputs[0], HALF));
  }
  return { decisions, inputs };
}

const work = { classify };
export type EvaluationWork = typeof work;
export default worker(work);
