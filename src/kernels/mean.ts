import type { Model } from '../model';
import { Operator, Output, Tensor } from '../format';
import { tensorRecord } from '../tensor';
import { store } from './store';

/** Channels summed before they are requantized: what model.sums holds. */
const BLOCK = 256;

/**
 * Mean over height and width. Unlike average pooling, the output has a scale of its own.
 *
 * @param at word index of the operator's record
 */
export function mean(model: Model, at: number): void {
  const { words, arena, sums } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3], source = words[input + Tensor.address];
  const address = words[output + Tensor.address], bias = words[at + Output.bias] >> 2;
  for (let first = 0; first < channels; first += BLOCK) {
    const count = channels - first < BLOCK ? channels - first : BLOCK;
    for (let c = 0; c < count; c++) sums[c] = words[bias + first + c];
    for (let p = source + first, end = source + words[input + Tensor.bytes]; p < end; p += channels)
      for (let c = 0; c < count; c++) sums[c] += arena[p + c];
    store(model, at, first, count, 1, 1, address + first);
  }
}
