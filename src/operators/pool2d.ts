import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, clampIsInt8, dimension, sameQuantization, type Checked } from './operator';
import { Window, checkWindow, tapsOf } from './window';

/** Taps in the padding do not count. Input and output share scale and zero point. */
export const enum Pool2d {
  window = Operator.words,
  minimum = window + Window.words,
  maximum,
  words,
}

function check(c: Checked): string {
  const { words, at, input, output } = c;
  const w = at + Pool2d.window,
    wrong = checkWindow(c, Pool2d.window);
  if (wrong) return wrong;
  if (words[w + Window.dilationY] !== 1 || words[w + Window.dilationX] !== 1)
    return 'it is dilated, which pooling cannot be';
  for (let axis = 0; axis < 2; axis++) {
    // Every window must hold at least one tap that is not padding.
    const padding = words[w + Window.padTop + axis];
    const last = (dimension(c, output, 1 + axis) - 1) * words[w + Window.strideY + axis] - padding;
    if (padding >= words[w + Window.kernelY + axis] || last >= dimension(c, input, 1 + axis))
      return 'a window of it holds only padding';
  }
  if (dimension(c, input, 3) !== dimension(c, output, 3)) return 'its input and output differ in channels';
  if (!sameQuantization(c, input, output)) return 'its output has another scale than its input';
  return clampIsInt8(c, Pool2d.minimum) ? '' : 'its clamp is no range of int8';
}

/** Values that its windows look at, padding included. */
const work = (c: Checked): number => bytes(c, c.output) * tapsOf(c, Pool2d.window);

/**
 * Pools an image.
 *
 * @param at word index of the operator's record
 * @param max the maximum of each window, else the average
 */
export function pool2d(model: Model, at: number, max: boolean): void {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const height = words[input + Tensor.shape + 1],
    width = words[input + Tensor.shape + 2];
  const channels = words[input + Tensor.shape + 3],
    source = words[input + Tensor.address];
  const rows = words[output + Tensor.shape + 1],
    columns = words[output + Tensor.shape + 2];
  const w = at + Pool2d.window,
    kernelY = words[w + Window.kernelY],
    kernelX = words[w + Window.kernelX];
  const strideY = words[w + Window.strideY],
    strideX = words[w + Window.strideX];
  const top = words[w + Window.padTop],
    left = words[w + Window.padLeft],
    pitch = width * channels;
  const minimum = words[at + Pool2d.minimum],
    maximum = words[at + Pool2d.maximum];
  let q = words[output + Tensor.address];
  for (let y = 0; y < rows; y++) {
    const y0 = y * strideY - top < 0 ? 0 : y * strideY - top,
      y1 = y * strideY - top + kernelY;
    const tapRows = (y1 < height ? y1 : height) - y0;
    for (let x = 0; x < columns; x++) {
      const x0 = x * strideX - left < 0 ? 0 : x * strideX - left,
        x1 = x * strideX - left + kernelX;
      const tapLine = ((x1 < width ? x1 : width) - x0) * channels;
      const begin = source + y0 * pitch + x0 * channels;
      if (max && tapRows === 2 && tapLine === 2 * channels)
        pool2x2(model, begin, pitch, channels, minimum, maximum, q);
      else {
        const taps = ((tapRows * tapLine) / channels) | 0,
          half = taps >> 1;
        for (let c = 0; c < channels; c++) {
          let v = max ? -128 : 0;
          for (let i = 0, row = begin + c; i < tapRows; i++, row += pitch) {
            for (let p = row, end = row + tapLine; p < end; p += channels) {
              const u = arena[p];
              if (!max) v += u;
              else if (u > v) v = u;
            }
          }
          // XS divides in doubles only; the quotient is exact.
          if (!max) v = ((v > 0 ? v + half : v - half) / taps) | 0;
          arena[q + c] = v < minimum ? minimum : v > maximum ? maximum : v;
        }
      }
      q += channels;
    }
  }
}

/** One output pixel of the commonest maximum pool. */
function pool2x2(
  model: Model,
  p: number,
  pitch: number,
  channels: number,
  minimum: number,
  maximum: number,
  q: number,
): void {
  const { arena } = model;
  for (let end = p + channels; p < end; p++, q++) {
    let v = arena[p],
      u = arena[p + channels];
    if (u > v) v = u;
    u = arena[p + pitch];
    if (u > v) v = u;
    u = arena[p + pitch + channels];
    if (u > v) v = u;
    arena[q] = v < minimum ? minimum : v > maximum ? maximum : v;
  }
}

/** What the two poolings have in common. */
export const pooling = { words: Pool2d.words, operands: 1, check, work } as const;
