import type { Model } from '../model';
import { multiplyHigh, roundingShift, saturatingShift } from '../arithmetic';
import { Operator, Softmax, Tensor } from '../format';
import { tensorRecord } from '../tensor';

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
      if (d >= minimumDifference) sum += roundingShift(exponential(multiplyHigh(d << shift, multiplier)), 12);
    }
    const headroom = Math.clz32(sum), scale = reciprocal(((sum << headroom) - -2147483648) | 0);
    const bits = 12 - headroom + 31 - 8;
    for (let i = 0; i < depth; i++) {
      const d = arena[p + i] - maximum;
      let v = -128;
      if (d >= minimumDifference) {
        v += roundingShift(multiplyHigh(scale, exponential(multiplyHigh(d << shift, multiplier))), bits);
        if (v > 127) v = 127;
      }
      arena[q + i] = v;
    }
  }
}

/** exp(a) in Q0.31 for a <= 0 in Q5.26: a polynomial around -1/8 for the fraction, a factor for each higher bit. */
export function exponential(a: number): number {
  if (a === 0) return 2147483647;
  const fraction = (a & 0xffffff) - 0x1000000, rest = fraction - a; // fraction: in [-1/4, 0)
  const x = (fraction << 5) + (1 << 28), x2 = multiplyHigh(x, x), x3 = multiplyHigh(x2, x), x4 = multiplyHigh(x2, x2);
  const tail = roundingShift(multiplyHigh(roundingShift(x4, 2) + x3, 715827883) + x2, 1);
  let r = 1895147668 + multiplyHigh(1895147668, x + tail);
  if (rest & (1 << 24)) r = multiplyHigh(r, 1672461947); // exp(-1/4)
  if (rest & (1 << 25)) r = multiplyHigh(r, 1302514674); // exp(-1/2)
  if (rest & (1 << 26)) r = multiplyHigh(r, 790015084); // exp(-1)
  if (rest & (1 << 27)) r = multiplyHigh(r, 290630308); // exp(-2)
  if (rest & (1 << 28)) r = multiplyHigh(r, 39332535); // exp(-4)
  if (rest & (1 << 29)) r = multiplyHigh(r, 720401); // exp(-8)
  if (rest & (1 << 30)) r = multiplyHigh(r, 242); // exp(-16)
  return r;
}

/** 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31, by three Newton steps in Q2.29. */
export function reciprocal(a: number): number {
  const half = (a >> 1) + 1073741824; // (1 + a) / 2
  let x = 1515870810 + multiplyHigh(half, -1010580540);
  for (let i = 0; i < 3; i++) x += saturatingShift(multiplyHigh(x, (1 << 29) - multiplyHigh(half, x)), 2);
  return saturatingShift(x, 1);
}
