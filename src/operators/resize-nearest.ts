import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { dimension, inFile, isImage, sameQuantization, type Checked, type DeviceOperator } from './operator';

/** Each output row and column is a copy of the input's listed one. */
export const enum ResizeNearest {
  rows = Operator.words, // offset of a list, one per output row
  columns, // offset of a list, one per output column
  words,
}

const check = (c: Checked): string => checkResize(c, ResizeNearest.rows, 1);

/**
 * What is wrong with an image of another size, and with two lists of places in the input: of output rows,
 * then of columns.
 * @param lists word of the record that holds the first list's offset; the second's follows
 * @param steps between two neighbouring pixels
 */
export function checkResize(c: Checked, lists: number, steps: number): string {
  const { words, at, input, output } = c;
  if (!isImage(c, input) || !isImage(c, output))
    return 'its input and output should be images with a batch of one';
  if (dimension(c, input, 3) !== dimension(c, output, 3) || !sameQuantization(c, input, output))
    return 'its input and output do not match';
  for (let axis = 0; axis < 2; axis++) {
    const count = dimension(c, output, 1 + axis),
      list = words[at + lists + axis] >> 2,
      last = (dimension(c, input, 1 + axis) - 1) * steps;
    if (!inFile(c, lists + axis, count * 4)) return 'its lists lie outside the file';
    for (let i = 0; i < count; i++)
      if (words[list + i] < 0 || words[list + i] > last) return 'it leaves its input';
  }
  return '';
}

/**
 * An image of another size whose pixels are copies; the packer has listed which.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    pitch = words[input + Tensor.shape + 2] * channels;
  const rows = words[at + ResizeNearest.rows] >> 2,
    columns = words[at + ResizeNearest.columns] >> 2;
  const height = words[output + Tensor.shape + 1],
    width = words[output + Tensor.shape + 2];
  for (let y = 0, q = words[output + Tensor.address]; y < height; y++) {
    const row = words[input + Tensor.address] + words[rows + y] * pitch;
    for (let x = 0; x < width; x++, q += channels) {
      const p = row + words[columns + x] * channels;
      arena.copyWithin(q, p, p + channels);
    }
  }
}

export const resizeNearest: DeviceOperator = Object.freeze({
  name: 'resizeNearest',
  words: ResizeNearest.words,
  operands: 1,
  check,
  run,
});
