import type { Model } from '../model';
import { scaleBy } from '../arithmetic';
import { Operator, Prelu, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Leaky ReLU with a slope per element: the second operand, repeated as often as it fits.
 *
 * @param at word index of the operator's record
 */
export function prelu(model: Model, at: number): void {
  const { words, arena, single } = model;
  const x = tensorRecord(model, words[at + Operator.input]), alpha = tensorRecord(model, words[at + Operator.input2]);
  const output = tensorRecord(model, words[at + Operator.output]), zeroPoint = words[output + Tensor.zeroPoint];
  const zx = words[x + Tensor.zeroPoint], za = words[alpha + Tensor.zeroPoint];
  const begin = words[alpha + Tensor.address], end = begin + words[alpha + Tensor.bytes];
  let p = words[x + Tensor.address], q = begin, r = words[output + Tensor.address];
  for (const last = r + words[output + Tensor.bytes]; r < last; p++, r++) {
    const u = arena[p] - zx;
    const v = zeroPoint + (u >= 0
      ? scaleBy(u, words[at + Prelu.positiveMultiplier], words[at + Prelu.positiveShift], single)
      : scaleBy(u * (arena[q] - za), words[at + Prelu.negativeMultiplier], words[at + Prelu.negativeShift], single));
    arena[r] = v < -128 ? -128 : v > 127 ? 127 : v;
    if (++q === end) q = begin;
  }
}
