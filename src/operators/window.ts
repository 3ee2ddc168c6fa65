/**
 * A sliding window: convolutions and pooling. Output (y, x) covers input rows y * strideY - padTop + ky *
 * dilationY.
 */
import { bytes, dimension, isImage, lastDimension, type Checked } from './operator';

export const enum Window {
  kernelY,
  kernelX,
  strideY,
  strideX,
  dilationY,
  dilationX,
  padTop,
  padLeft,
  padBottom,
  padRight,
  words,
}

/** The largest number a window may hold. */
const MOST = 32767;

/**
 * What is wrong with a window over an image: numbers that make no sense, or taps of the last output outside
 * the padded input.
 * @param window index, within the record, of its Window words
 */
export function checkWindow(c: Checked, window: number): string {
  const { words, input, output } = c;
  const w = c.at + window;
  if (!isImage(c, input) || !isImage(c, output))
    return 'its input and output should be images with a batch of one';
  for (let i = 0; i < Window.words; i++) {
    const v = words[w + i];
    if (v < (i < Window.padTop ? 1 : 0) || v > MOST) return `its window has a value of ${v}`;
  }
  for (let axis = 0; axis < 2; axis++) {
    const extent = (words[w + Window.kernelY + axis] - 1) * words[w + Window.dilationY + axis] + 1;
    const reach = (dimension(c, output, 1 + axis) - 1) * words[w + Window.strideY + axis] + extent;
    const pads = words[w + Window.padTop + axis] + words[w + Window.padBottom + axis];
    if (reach > dimension(c, input, 1 + axis) + pads) return 'its window leaves the input';
  }
  return '';
}

/** Taps of a window over one channel. */
export const tapsOf = (c: Checked, window: number): number =>
  c.words[c.at + window + Window.kernelY] * c.words[c.at + window + Window.kernelX];

/** Multiply-adds of a convolution whose every output reads every input channel. */
export const convolutionWork = (c: Checked, window: number): number =>
  bytes(c, c.output) * tapsOf(c, window) * lastDimension(c, c.input);
