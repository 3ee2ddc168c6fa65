import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { dimension, type Checked } from './operator';
import { stripAddress } from './share';
import { Window } from './window';

/**
 * Padding without tests in the inner loops: the input rows under a few output rows are copied into scratch
 * with the padding around them, by native copies. Padding holds the input's zero point, so it adds nothing.
 */

/** Scratch bytes for a strip of `rows` output rows. */
export function stripBytes(
  rows: number,
  kernelY: number,
  strideY: number,
  dilationY: number,
  paddedWidth: number,
  channels: number,
): number {
  return ((rows - 1) * strideY + (kernelY - 1) * dilationY + 1) * paddedWidth * channels;
}

/** So that the product below fits 32 bits. */
const WORK_LIMIT = 0x7fffff;

/** Bytes of strips that may be filled for each step of work: layers of small kernels and large strides fill most. */
const FILLED = 256;

/**
 * What is wrong with the rows of a strip: padding needs one, it is no higher than the output, and filling all
 * strips is not the most of the work.
 * @param work of the operator
 */
export function checkStrip(c: Checked, window: number, stripRows: number, work: number): string {
  const w = c.at + window;
  let padded = 0;
  for (let i = Window.padTop; i <= Window.padRight; i++) padded |= c.words[w + i];
  if (stripRows === 0) return padded !== 0 ? 'it pads its input but has no strip to do it in' : '';
  const rows = dimension(c, c.output, 1);
  if (stripRows < 0 || stripRows > rows) return `it works in strips of ${stripRows} rows`;
  const strips = ((rows + stripRows - 1) / stripRows) | 0;
  return stripScratch(c, window, stripRows) > (((Math.min(work, WORK_LIMIT) * FILLED) / strips) | 0)
    ? `its ${strips} strips are larger than its work`
    : '';
}

/** Scratch bytes of an operator that works in strips; 0 where nothing is padded. */
export function stripScratch(c: Checked, window: number, stripRows: number): number {
  if (stripRows === 0) return 0;
  const { words } = c;
  const w = c.at + window;
  const width = words[w + Window.padLeft] + dimension(c, c.input, 2) + words[w + Window.padRight];
  const kernel = words[w + Window.kernelY],
    stride = words[w + Window.strideY],
    dilation = words[w + Window.dilationY];
  return stripBytes(stripRows, kernel, stride, dilation, width, dimension(c, c.input, 3));
}

/**
 * Fills the strip of this core with the padded input under output rows y to y + rows - 1.
 * @param window index, within the record, of its Window words
 * @returns bytes from one row of the strip to the next
 */
export function padStrip(model: Model, at: number, window: number, y: number, rows: number): number {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]);
  const height = words[input + Tensor.shape + 1],
    width = words[input + Tensor.shape + 2];
  const channels = words[input + Tensor.shape + 3],
    address = words[input + Tensor.address];
  const w = at + window,
    left = words[w + Window.padLeft] * channels,
    line = width * channels;
  const pitch = left + line + words[w + Window.padRight] * channels;
  const begin = y * words[w + Window.strideY] - words[w + Window.padTop];
  const count =
    (rows - 1) * words[w + Window.strideY] +
    (words[w + Window.kernelY] - 1) * words[w + Window.dilationY] +
    1;
  const strip = stripAddress(words, model.part, at);

  arena.fill(words[input + Tensor.zeroPoint], strip, strip + count * pitch);
  for (let i = 0; i < count; i++) {
    const row = begin + i;
    if (row >= 0 && row < height) {
      const from = address + row * line;
      arena.copyWithin(strip + i * pitch + left, from, from + line);
    }
  }
  return pitch;
}
