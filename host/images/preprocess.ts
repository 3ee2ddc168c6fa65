/**
 * From images to input tensors: the preprocessing that a file carries, and the same done here, with the
 * device's own code.
 */
import { FlintError } from '../../src/error';
import { Color, Fit, Preprocessing, Resize } from '../../src/format';
import { writeImage } from '../../src/image';
import type { Quantization } from '../graph';
import { round } from '../operators/multiplier';
import type { ImageInput } from '../recipe/read';
import type { Image } from './decode';

/**
 * Scale and zero point for a float model's input, so that all pixel values fit: q = pixel - 128 wherever that
 * is exact.
 */
export function inputQuantization({ mean, std }: ImageInput): Quantization {
  const [m] = mean,
    [s] = std;
  if (mean.every((v) => v === m) && std.every((v) => v === s) && Number.isInteger(m) && m >= 0 && m <= 255)
    return { scale: Math.fround(1 / s), zeroPoint: m - 128 };
  const low = Math.min(0, ...mean.map((v, c) => -v / std[c])),
    high = Math.max(0, ...mean.map((v, c) => (255 - v) / std[c]));
  const scale = Math.fround((high - low) / 255);
  return { scale, zeroPoint: Math.max(-128, Math.min(127, round(-128 - low / scale))) };
}

/**
 * One channel's integers: q = (pixel * scale + offset) >> 16 for all 256 pixel values.
 * @throws FlintError when no pair gives every value to within one step
 */
function channelWords(mean: number, std: number, q: Quantization): [number, number] {
  const exact = (u: number): number => (u - mean) / std / q.scale + q.zeroPoint;
  const scale = round(65536 / (std * q.scale)),
    offset = round((exact(0) + 0.5) * 65536);
  for (let u = 0; u < 256; u++) {
    const product = u * scale + offset;
    if (Math.abs(product) >= 2 ** 31 || Math.abs((product >> 16) - exact(u)) > 1)
      throw new FlintError(
        `a mean of ${mean} and a std of ${std} cannot be expressed with input scale ${q.scale}`,
      );
  }
  return [scale, offset];
}

const channelsOf = ({ color }: ImageInput): number => (color === 'gray' ? 1 : 3);

/** The shape of the tensor that images become. */
export const imageShape = (input: ImageInput): number[] => [1, input.height, input.width, channelsOf(input)];

/** The Preprocessing record's words. @param quantization of the model's input */
export function preprocessingWords(input: ImageInput, quantization: Quantization): number[] {
  const channels = input.mean.map((mean, c) => channelWords(mean, input.std[c], quantization));
  const three = (i: 0 | 1): number[] => [0, 1, 2].map((c) => channels[c]?.[i] ?? 0);
  const words: number[] = [];
  words[Preprocessing.width] = input.width;
  words[Preprocessing.height] = input.height;
  words[Preprocessing.color] = { gray: Color.gray, rgb: Color.rgb, bgr: Color.bgr }[input.color];
  words[Preprocessing.resize] = input.resize === 'bilinear' ? Resize.bilinear : Resize.nearest;
  words[Preprocessing.fit] = input.fit === 'cover' ? Fit.cover : Fit.stretch;
  return [...words, ...three(0), ...three(1)];
}

/** Turns images into input tensors. */
export function imageConverter(input: ImageInput, quantization: Quantization): (image: Image) => Int8Array {
  const recipe = Int32Array.from(preprocessingWords(input, quantization)),
    size = input.height * input.width * channelsOf(input);
  return ({ pixels, width, height, format }) => {
    const tensor = new Int8Array(size);
    writeImage({ recipe, inputs: [tensor] }, pixels, width, height, format);
    return tensor;
  };
}
