import type { Model } from '../model';
import { Operator, ResizeNearest, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * An image of another size whose pixels are copies; the packer has listed which.
 *
 * @param at word index of the operator's record
 */
export function resizeNearest(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3], pitch = words[input + Tensor.shape + 2] * channels;
  const rows = words[at + ResizeNearest.rows] >> 2, columns = words[at + ResizeNearest.columns] >> 2;
  const height = words[output + Tensor.shape + 1], width = words[output + Tensor.shape + 2];
  for (let y = 0, q = words[output + Tensor.address]; y < height; y++) {
    const row = words[input + Tensor.address] + words[rows + y] * pitch;
    for (let x = 0; x < width; x++, q += channels) {
      const p = row + words[columns + x] * channels;
      arena.copyWithin(q, p, p + channels);
    }
  }
}
