import type { Model } from '../model';
import { multiplyHigh, roundingShift } from '../arithmetic';
import { Operator, Softmax, Tensor } from '../format';
import { tensorRecord } from '../tensor';
import { exponential, reciprocal } from './exponential';

/**
 * Softmax over the last dimension in fixed point, gemmlowp's to the last bit. Qa.b below: a integer bits, b fraction bits.
 *
 * @param at word index of the operator's record
 */
export function softmax(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const rows = words[at + Softmax.rows], depth = (words[output + Tensor.bytes] / rows) | 0;
  const multiplier = words[at + Softmax.multiplier], shift = words[at + Softmax.shift];
  const minimumDifference = words[at + Softmax.minimumDifference];
  let p = words[input + Tensor.address], q = words[output + Tensor.address];
  for (let n = 0; n < rows; n++, p += depth, q += depth) {
    let maximum = -128;
    for (let i = 0; i < depth; i++) if (arena[p + i] > maximum) maximum = arena[p + i];
    let sum = 0; // Q12.19
    for (let i = 0; i < depth; i++) {
      const d = arena[p + i] - maximum;
      if (d >= minimumDifference) sum += roundingShift(exponential(multiplyHigh(d << shift, multiplier), 5), 12);
    }
    const headroom = Math.clz32(sum), scale = reciprocal((sum << headroom) & 2147483647);
    const bits = 12 - headroom + 31 - 8;
    for (let i = 0; i < depth; i++) {
      const d = arena[p + i] - maximum;
      let v = -128;
      if (d >= minimumDifference && bits < 32) { // beyond, hundreds of equal classes leave nothing of each
        v += roundingShift(multiplyHigh(scale, exponential(multiplyHigh(d << shift, multiplier), 5)), bits);
        if (v > 127) v = 127;
      }
      arena[q + i] = v;
    }
  }
}
