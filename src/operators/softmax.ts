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
  words, // where those of LogSoftmax begin, which has these too
}

/** Values of a row whose exponentials' sum is sure to fit Q12.19. */
const MOST_CLASSES = 4095;

/** What a difference from the maximum, times 2^shift, reaches at most: it stays within int32. */
const FARTHEST = 31 << 26;

/** What is wrong with a record that begins so. */
export function checkSoftmax(c: Checked): string {
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
 * The largest of `depth` values from arena[p] on.
 *
 * @noinline
 */
export function largest(model: Model, p: number, depth: number): number {
  const { arena } = model;
  let maximum = -128;
  for (let i = 0; i < depth; i++) if (arena[p + i] > maximum) maximum = arena[p + i];
  return maximum;
}

/** The sum of exp(v - maximum) over these values, in Q12.19. @param at word index of the operator's record */
export function sumOfExponentials(
  model: Model,
  at: number,
  p: number,
  depth: number,
  maximum: number,
): number {
  const { words, arena } = model;
  const multiplier = words[at + Softmax.multiplier],
    shift = words[at + Softmax.shift];
  let sum = 0;
  for (let i = 0; i < depth; i++) {
    const d = arena[p + i] - maximum;
    if (d >= words[at + Softmax.minimumDifference])
      sum += roundingShift(exponential(multiplyHigh(d << shift, multiplier), 5), 12);
  }
  return sum;
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
    const maximum = largest(model, p, depth),
      sum = sumOfExponentials(model, at, p, depth, maximum);
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
  check: checkSoftmax,
  run,
});
