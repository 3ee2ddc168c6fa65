/** The images that a float model is calibrated on, as the device reads them. */
import { FlintError } from '../../src/error';
import type { Quantization } from '../graph';
import type { Recipe } from '../recipe/read';
import type { Progress } from '../system/progress';
import { imageConverter } from './preprocess';
import { imageOf, openImages, sampled } from './set';

/**
 * More images than this, where the recipe gives no count, are sampled: the ranges hardly change any more, the
 * time does.
 */
const SAMPLE = 512,
  SEED = 1;

/** Calibration images as the model reads them. */
export interface CalibrationSet {
  /** What the model reads, NHWC, one per image. */
  inputs: Float32Array[];
  /** The first one as int8, which becomes the model's self-test. */
  golden: Int8Array;
  /** Images there were to choose from, where these are a sample of them. */
  sampledFrom?: number;
}

/**
 * Decodes the recipe's calibration images.
 * @param q of the model's input
 * @throws FlintError when there are none, or one cannot be decoded
 */
export async function calibrationSet(
  { input, calibration, labels }: Recipe,
  q: Quantization,
  progress: Progress,
): Promise<CalibrationSet> {
  const all = openImages(calibration!, labels),
    images = calibration!.count === undefined && all.length > SAMPLE ? sampled(all, SAMPLE, SEED) : all,
    convert = imageConverter(input!, q),
    inputs: Float32Array[] = [];
  let golden: Int8Array | undefined;
  progress.start(images.length, 'reading calibration images');
  try {
    for (let i = 0; i < images.length; i++) {
      const values = convert(await imageOf(images.source(i)));
      golden ??= values;
      inputs.push(Float32Array.from(values, (v) => q.scale * (v - q.zeroPoint)));
      progress.update(i + 1);
    }
  } finally {
    progress.stop();
  }
  if (!golden) throw new FlintError(`${calibration!.images}: no calibration images`);
  return { inputs, golden, ...(images !== all && { sampledFrom: all.length }) };
}
