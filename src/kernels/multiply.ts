import type { Model } from '../model';
import { scaleBy } from '../arithmetic';
import { Multiply, Operator, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Element-wise product of two tensors, each with its own scale.
 *
 * @param at word index of the operator's record
 */
export function multiply(model: Model, at: number): void {
  const { words, arena, single } = model;
  const a = tensorRecord(model, words[at + Operator.input]), b = tensorRecord(model, words[at + Operator.input2]);
  const output = tensorRecord(model, words[at + Operator.output]), zeroPoint = words[output + Tensor.zeroPoint];
  const za = words[a + Tensor.zeroPoint], zb = words[b + Tensor.zeroPoint];
  const minimum = words[at + Multiply.minimum], maximum = words[at + Multiply.maximum];
  const multiplier = words[at + Multiply.multiplier], shift = words[at + Multiply.shift];
  const begin = words[b + Tensor.address], end = begin + words[b + Tensor.bytes];
  let p = words[a + Tensor.address], q = begin, r = words[output + Tensor.address];
  for (const last = r + words[output + Tensor.bytes]; r < last; p++, r++) {
    const v = scaleBy((arena[p] - za) * (arena[q] - zb), multiplier, shift, single) + zeroPoint;
    arena[r] = v < minimum ? minimum : v > maximum ? maximum : v;
    if (++q === end) q = begin;
  }
}
