/// <reference types="node" />
/**
 * PNG and JPEG files into pixels, by sharp, which is libpng and libjpeg (mozjpeg). They are not resized to
 * the model's input here: the device's own code does that, so that the laptop sees what the device sees.
 */
import sharp from 'sharp';
import { FlintError } from '../../src/error';
import { PixelFormat } from '../../src/image';
import { readBytes } from '../system/read';

/** A decoded image: rows from the top, without gaps. */
export interface Image {
  /** Rows from the top, without gaps. */
  pixels: Uint8Array;
  width: number;
  height: number;
  format: PixelFormat;
}

/** Pixels of the longer side that an image keeps. Larger ones are shrunk while they are loaded. */
export const LONGEST_SIDE = 2048;

/** The versions of the libraries that decode: another one may give other pixels. */
export const decoders: Record<string, string | undefined> = { ...sharp.versions };

sharp.concurrency(1); // images are small: several at a time are faster than several threads on one
sharp.cache(false); // each image is decoded once: what libvips keeps would only take memory

/**
 * Decodes a PNG or JPEG file upright, gray where all of it is gray; transparency lies on black.
 *
 * An image whose longer side has more than LONGEST_SIDE pixels is shrunk to that while it is loaded (a JPEG
 * by its own means, in the frequency domain), each pixel the average of those it replaces. Decoding takes
 * less than 100 MB of memory then; only interlaced PNGs and progressive JPEGs have to be held whole.
 * @throws FlintError with the file's path when it is missing, no image, or larger than 268 million pixels
 */
export async function decode(path: string): Promise<Image> {
  const file = readBytes(path, 'image');
  try {
    const { data, info } = await sharp(file)
      .resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside', withoutEnlargement: true })
      .rotate()
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const rgb = new Uint8Array(data.buffer, data.byteOffset, data.length);
    const gray = grayOf(rgb);
    return gray
      ? { pixels: gray, width, height, format: PixelFormat.gray }
      : { pixels: rgb, width, height, format: PixelFormat.rgb888 };
  } catch (error) {
    const { message } = error as Error;
    const advice = /pixel limit/.test(message)
      ? 'it has more than 268 million pixels; make it smaller'
      : message;
    throw new FlintError(`${path}: this image cannot be decoded: ${advice}`);
  }
}

/** One byte a pixel, where red, green and blue are the same in all of them. */
function grayOf(rgb: Uint8Array): Uint8Array | undefined {
  const gray = new Uint8Array(rgb.length / 3);
  for (let i = 0, p = 0; p < rgb.length; i++, p += 3) {
    if (rgb[p] !== rgb[p + 1] || rgb[p] !== rgb[p + 2]) return undefined;
    gray[i] = rgb[p];
  }
  return gray;
}
