/** The images that a float model is calibrated on, as the device reads them. */
import { FlintError } from '../../src/error';
import type { Quantization } from '../graph';
import { dequantized } from '../quantize/samples';
import type { Recipe } from '../recipe/read';
import type { Progress } from '../system/progress';
import { imageConverter } from './preprocess';
import type { Image } from './decode';
import { choose, fewRemarks } from './choose';
import { imageOf, openImages, type ImageSet } from './set';

/** Calibration images as the model reads them. */
export interface CalibrationSet {
  /** What the model reads, NHWC, one per image. */
  inputs: Float32Array[];
  /** The first one as int8, which becomes the model's self-test. */
  golden: Int8Array;
  /** Images there were to choose from, where these are a sample of them. */
  sampledFrom?: number;
  /** Some of the images that are not among them, as int8: to judge by. None where there are but a few. */
  aside: Int8Array[];
  /** What people should know of them. */
  remarks: string[];
}

/** Images as int8. Those that cannot be read do not count: nothing depends on them. */
async function readable(
  all: ImageSet,
  numbers: number[],
  convert: (image: Image) => Int8Array,
): Promise<Int8Array[]> {
  const read = await Promise.all(numbers.map((i) => all.image(i).then(convert, () => undefined)));
  return read.filter((image) => image !== undefined);
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
  const { images: path, count } = calibration!,
    all = openImages(calibration!, labels),
    { used, aside, sampledFrom } = choose(all.of, count),
    convert = imageConverter(input!, q),
    inputs: Float32Array[] = [];
  let golden: Int8Array | undefined;
  progress.start(used.length, 'reading calibration images');
  try {
    for (const i of used) {
      const values = convert(await imageOf(all.source(i)));
      golden ??= values;
      inputs.push(dequantized(values, q));
      progress.update(inputs.length);
    }
  } finally {
    progress.stop();
  }
  if (!golden) throw new FlintError(`${path}: no calibration images`);
  return {
    inputs,
    golden,
    aside: await readable(all, aside, convert),
    remarks: [...all.remarks, ...fewRemarks(path, inputs.length, 'image')],
    sampledFrom,
  };
}
