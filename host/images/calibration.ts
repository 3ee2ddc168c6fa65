/** The images that a float model is calibrated on, as the device reads them. */
import { FlintError } from '../../src/error';
import type { Quantization } from '../graph';
import type { Recipe } from '../recipe/read';
import type { Progress } from '../system/progress';
import { imageConverter } from './preprocess';
import type { Image } from './decode';
import { evenly, imageOf, openImages, sampled, type ImageSet } from './set';

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
  /** Some of the images that are not among them, as int8: to judge by. None where there are but a few. */
  aside: Int8Array[];
  /** What people should know of them. */
  remarks: string[];
}

/** With fewer calibration images than this a word is due. */
const FEW = 8;

/** Images that are set aside at most, and at least: fewer tell nothing. */
const ASIDE = 32,
  FEWEST = 8;

/** Some of the images of a set that are not used, evenly spread. Those that cannot be read do not count. */
async function setAside(
  all: ImageSet,
  used: ImageSet,
  convert: (image: Image) => Int8Array,
): Promise<Int8Array[]> {
  if (used.length === all.of) return [];
  const names = new Set(Array.from({ length: used.length }, (_, i) => used.name(i))),
    rest = Array.from({ length: all.of }, (_, i) => i).filter((i) => !names.has(all.name(i))),
    some = evenly(rest, ASIDE);
  const read = await Promise.all(some.map((i) => all.image(i).then(convert, () => undefined)));
  const found = read.filter((image) => image !== undefined);
  return found.length < FEWEST ? [] : found;
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
  const aside = await setAside(all, images, convert);
  const remarks = [...all.remarks];
  if (inputs.length < FEW)
    remarks.push(
      `${calibration!.images}: ${inputs.length === 1 ? 'one calibration image' : `${inputs.length} calibration images`}: ` +
        'ranges of so few fit other images badly; a few hundred like those that the model will see are needed',
    );
  return { inputs, golden, aside, remarks, ...(images !== all && { sampledFrom: all.length }) };
}
