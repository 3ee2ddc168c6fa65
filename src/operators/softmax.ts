import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { multiplyHigh, roundingShift } from './arithmetic';
import { exponential, reciprocal } from './exponential';
import { bytes, type Checked, type DeviceOperator } from './operator';

/** Over the last dimension; the output's scale is 1/256 and its zero point -128. */
export const enum Softmax {
  multiplier = Operator.words, // of beta * inputScale * 2^26
  shift,
  minimumDifference, // differences from the maximum below this give -128
  rows,
  words,
}

/** Values of a row whose exponentials' sum is sure to fit Q12.19. */
const MOST_CLASSES = 4095;

/** What a difference from the maximum, times 2^shift, reaches at most: it stays within int32. */
const FARTHEST = 31 << 26;

function check(c: Checked): string {
  const { words, at } = c;
  const rows = words[at + Softmax.rows],
    shift = words[at + Softmax.shift];
  if (bytes(c, c.input) !== bytes(c, c.output) || rows < 1 || bytes(c, c.output) % rows !== 0)
    return 'its input and output do not match';
  if (((bytes(c, c.output) / rows) | 0) > MOST_CLASSES)
    return `it has more than ${MOST_CLASSES} classes, whose sum could overflow`;
  const difference = words[at + Softmax.minimumDifference];
  const fits =
    words[at + Softmax.multiplier] >= 0 &&
    shift >= 0 &&
    shift <= 31 &&
    difference <= 0 &&
    difference >= -(FARTHEST >> shift);
  return fits ? '' : 'its scale is out of range';
}

/**
 * Softmax over the last dimension in fixed point, gemmlowp's to the last bit. Qa.b below: a integer bits, b
 * fraction bits.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const rows = words[at + Softmax.rows],
    depth = (words[output + Tensor.bytes] / rows) | 0;
  const multiplier = words[at + Softmax.multiplier],
    shift = words[at + Softmax.shift];
  const minimumDifference = words[at + Softmax.minimumDifference];
  let p = words[input + Tensor.address],
    q = words[output + Tensor.address];
  for (let n = 0; n < rows; n++, p += depth, q += depth) {
    let maximum = -128;
    for (let i = 0; i < depth; i++) if (arena[p + i] > maximum) maximum = arena[p + i];
    let sum = 0; // Q12.19
    for (let i = 0; i < depth; i++) {
      const d = arena[p + i] - maximum;
      if (d >= minimumDifference)
        sum += roundingShift(exponential(multiplyHigh(d << shift, multiplier), 5), 12);
    }
    const headroom = Math.clz32(sum),
      scale = reciprocal((sum << headroom) & 2147483647);
    const bits = 12 - headroom + 31 - 8;
    for (let i = 0; i < depth; i++) {
      const d = arena[p + i] - maximum;
      let v = -128;
      if (d >= minimumDifference && bits < 32) {
        // beyond, hundreds of equal classes leave nothing of each
        v += roundingShift(multiplyHigh(scale, exponential(multiplyHigh(d << shift, multiplier), 5)), bits);
        if (v > 127) v = 127;
      }
      arena[q + i] = v;
    }
  }
}

export const softmax: DeviceOperator = Object.freeze({
  name: 'softmax',
  words: Softmax.words,
  operands: 1,
  check,
  run,
});
