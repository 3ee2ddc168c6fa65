import type { Model } from '../model';
import { scaleBy } from '../arithmetic';
import { Add, Operator, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Element-wise sum or difference of two tensors, each with its own scale. The scaled operands are looked up: an int8
 * has 256 values, and the tables (in model.sums) are made in the time of a hundred additions.
 *
 * @param at word index of the operator's record
 */
export function add(model: Model, at: number): void {
  const { words, arena, sums, single } = model;
  const a = tensorRecord(model, words[at + Operator.input]), b = tensorRecord(model, words[at + Operator.input2]);
  const output = tensorRecord(model, words[at + Operator.output]), zeroPoint = words[output + Tensor.zeroPoint];
  const minimum = words[at + Add.minimum], maximum = words[at + Add.maximum];
  const multiplier = words[at + Add.resultMultiplier], shift = words[at + Add.resultShift];
  for (let i = 0; i < 256; i++) {
    sums[i] = words[at + Add.firstSign] *
      scaleBy((i - 128 - words[a + Tensor.zeroPoint]) << 20, words[at + Add.firstMultiplier], words[at + Add.firstShift], single);
    sums[256 + i] = words[at + Add.secondSign] *
      scaleBy((i - 128 - words[b + Tensor.zeroPoint]) << 20, words[at + Add.secondMultiplier], words[at + Add.secondShift], single);
  }
  const begin = words[b + Tensor.address], end = begin + words[b + Tensor.bytes];
  let p = words[a + Tensor.address], q = begin, r = words[output + Tensor.address];
  for (const last = r + words[output + Tensor.bytes]; r < last; p++, r++) {
    const v = scaleBy(sums[arena[p] + 128] + sums[arena[q] + 384], multiplier, shift, single) + zeroPoint;
    arena[r] = v < minimum ? minimum : v > maximum ? maximum : v;
    if (++q === end) q = begin;
  }
}
