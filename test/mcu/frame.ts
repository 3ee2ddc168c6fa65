/** The camera's frame and the recipes that writeImage is counted with. */
import { Color, Fit, Resize } from '../../src/format';
import { Pixel } from '../../src/resample';
import { Random } from '../support/random';

/** A small camera's frame, and the input's width and height. */
export const enum Frame {
  width = 160,
  height = 120,
  side = 96,
  format = Pixel.rgb565le,
}

/** What a model may take of it. */
export const colors = Object.freeze([
  { name: 'gray', color: Color.gray, channels: 1 },
  { name: 'RGB', color: Color.rgb, channels: 3 },
]);

/** Noise: no two neighbours are equal, so that no blend is spared. */
export function frame(): Uint8Array {
  const random = new Random(1),
    pixels = new Uint8Array(Frame.width * Frame.height * 2);
  for (let i = 0; i < pixels.length; i++) pixels[i] = random.below(256);
  return pixels;
}

/** A Preprocessing record: the middle of the frame, bilinear, u - 128. */
export function recipe(color: number): Int32Array {
  const one = 65536,
    offset = -128 * one;
  return Int32Array.of(
    Frame.side,
    Frame.side,
    color,
    Resize.bilinear,
    Fit.cover,
    one,
    one,
    one,
    offset,
    offset,
    offset,
  );
}
