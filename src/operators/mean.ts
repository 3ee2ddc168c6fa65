import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, dimension, isImage, lastDimension, type Checked, type DeviceOperator } from './operator';
import { Requantization, checkRequantization, requantize } from './requantize';

/** Its record holds nothing but the requantization. */
export const enum Mean {
  words = Requantization.words,
}

function check(c: Checked): string {
  if (!isImage(c, c.input)) return 'its input should be an image with a batch of one';
  const channels = dimension(c, c.input, 3);
  if (bytes(c, c.output) !== channels || lastDimension(c, c.output) !== channels)
    return 'its input and output channels do not belong together';
  // Values alone are added, of which 255 are a product.
  return checkRequantization(c, (dimension(c, c.input, 1) * dimension(c, c.input, 2)) >> 7);
}

/** Channels summed before they are requantized: what model.sums holds. */
const BLOCK = 256;

/**
 * Mean over height and width. Unlike average pooling, the output has a scale of its own.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena, sums } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    source = words[input + Tensor.address];
  const address = words[output + Tensor.address],
    bias = words[at + Requantization.bias] >> 2;
  for (let first = 0; first < channels; first += BLOCK) {
    const count = channels - first < BLOCK ? channels - first : BLOCK;
    for (let c = 0; c < count; c++) sums[c] = words[bias + first + c];
    for (let p = source + first, end = source + words[input + Tensor.bytes]; p < end; p += channels)
      for (let c = 0; c < count; c++) sums[c] += arena[p + c];
    requantize(model, at, first, count, 1, 1, address + first, 0);
  }
}

export const mean: DeviceOperator = Object.freeze({
  name: 'mean',
  words: Mean.words,
  operands: 1,
  check,
  work: (c: Checked) => bytes(c, c.input),
  sums: () => BLOCK,
  run,
});
