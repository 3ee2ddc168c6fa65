import type { Model } from '../model';
import { Operator, Tensor, Window } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Padding without tests in the inner loops: the input rows under a few output rows are copied into scratch
 * with the padding around them, by native copies. Padding holds the input's zero point, so it adds nothing.
 */

/** Scratch bytes for a strip of `rows` output rows. */
export function stripBytes(
  rows: number, kernelY: number, strideY: number, dilationY: number, paddedWidth: number, channels: number,
): number {
  return ((rows - 1) * strideY + (kernelY - 1) * dilationY + 1) * paddedWidth * channels;
}

/**
 * Fills the operator's scratch with the padded input under output rows y to y + rows - 1.
 * @param window index, within the record, of its Window words
 * @returns bytes from one row of the strip to the next
 */
export function padStrip(model: Model, at: number, window: number, y: number, rows: number): number {
  const { words, arena } = model;
  const input = tensorRecord(model, words[at + Operator.input]);
  const height = words[input + Tensor.shape + 1], width = words[input + Tensor.shape + 2];
  const channels = words[input + Tensor.shape + 3], address = words[input + Tensor.address];
  const w = at + window, left = words[w + Window.padLeft] * channels, line = width * channels;
  const pitch = left + line + words[w + Window.padRight] * channels;
  const begin = y * words[w + Window.strideY] - words[w + Window.padTop];
  const count = (rows - 1) * words[w + Window.strideY] + (words[w + Window.kernelY] - 1) * words[w + Window.dilationY] + 1;
  const scratch = words[at + Operator.scratch];

  arena.fill(words[input + Tensor.zeroPoint], scratch, scratch + count * pitch);
  for (let i = 0; i < count; i++) {
    const row = begin + i;
    if (row >= 0 && row < height) {
      const from = address + row * line;
      arena.copyWithin(scratch + i * pitch + left, from, from + line);
    }
  }
  return pitch;
}
