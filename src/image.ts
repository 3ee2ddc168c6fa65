/**
 * Camera images into a model's input, by the recipe the model carries: crop, resize, colour, then the input's
 * integers.
 */
import { FlintError } from './error';
import { native } from './native/native';
import { Orientation, Pixel, pixelBytes, resample } from './resample';

/** What images may be made of. */
export const PixelFormat = Object.freeze({
  /** One byte a pixel. */
  gray: Pixel.gray,
  /** Three bytes a pixel: red, green, blue. */
  rgb888: Pixel.rgb888,
  /** Two bytes a pixel, little-endian: red in the top 5 bits, green in 6, blue in 5. */
  rgb565le: Pixel.rgb565le,
  /** The same, big-endian, as many displays have it. */
  rgb565be: Pixel.rgb565be,
  /** Two bytes a pixel: Y, U, Y, V for two neighbours, of BT.601, Y from 16 to 235. The width is even. */
  yuv422: Pixel.yuv422,
} as const);
export type PixelFormat = 0 | 1 | 2 | 3 | 4;

/** How a camera is mounted: degrees clockwise by which its images must be turned. */
export type Rotation = 0 | 90 | 180 | 270;

/** What takes an image: a loaded model, or any preprocessing with a buffer for what it makes. */
export interface ImageTarget {
  /** A Preprocessing record. */
  recipe?: Int32Array;
  /** The first one is filled. */
  inputs: Int8Array[];
}

/**
 * Fills a model's first input with an image.
 *
 * The image is set upright first, by a rotation and then a mirror. The part of it that the recipe's Fit selects is
 * resized with pixel centres aligned: output column x lies at (x + 1/2) * part / width - 1/2 of the part, taken to
 * the nearest pixel, or (bilinear) to 1/256 of a pixel between its neighbours, each blend rounded to nearest: within
 * one step of exact interpolation. Four neighbours are read however much the image shrinks, so that one much larger
 * than the input is sampled, not averaged. Gray is (77 R + 150 G + 29 B) / 256.
 *
 * @param pixels rows from the top, without gaps
 * @param rotation degrees clockwise
 * @param mirror whether left and right are swapped, after the rotation
 * @throws FlintError when the model takes no images or the array does not hold such an image
 */
export function writeImage(
  target: ImageTarget,
  pixels: Uint8Array,
  width: number,
  height: number,
  format: PixelFormat,
  rotation: Rotation = 0,
  mirror = false,
): void {
  const { recipe } = target;
  if (!recipe) throw new FlintError('the model takes no images: it has no preprocessing recipe');
  if (!(format >= Pixel.gray && format <= Pixel.yuv422 && format === (format | 0)))
    throw new FlintError(`pixel format ${format} is unknown`);
  if (!(rotation === 0 || rotation === 90 || rotation === 180 || rotation === 270))
    throw new FlintError(
      `an image cannot be turned by ${rotation as number} degrees: 0, 90, 180 or 270 are needed`,
    );
  if (!(
    width > 0 &&
    height > 0 &&
    width <= 32767 &&
    height <= 32767 &&
    width === (width | 0) &&
    height === (height | 0)
  ))
    throw new FlintError(
      `an image cannot have ${width} x ${height} pixels: whole numbers from 1 to 32767 are needed`,
    );
  if (format === Pixel.yuv422 && width & 1)
    throw new FlintError(`an image in yuv422 has an even number of columns, not ${width}`);
  // Other arrays may have as many values, but not bytes.
  if (!(pixels instanceof Uint8Array)) throw new FlintError('the pixels of an image should be a Uint8Array');
  const size = width * height * pixelBytes(format);
  if (pixels.length !== size)
    throw new FlintError(
      `the image has ${pixels.length} bytes; ${width} x ${height} pixels in this format have ${size}`,
    );

  const input = target.inputs[0],
    orientation = rotation / 90 + (mirror ? Orientation.mirror : 0);
  if (native)
    native.resample(recipe.buffer, recipe.byteOffset, pixels, width, height, format, orientation, input);
  else resample(recipe, pixels, width, height, format, orientation, input);
}
