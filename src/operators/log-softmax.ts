import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { multiplyHigh, roundingShift, saturatingShift, scaleBy } from './arithmetic';
import { reciprocal } from './exponential';
import { canScale, type Checked, type DeviceOperator } from './operator';
import { Softmax, checkSoftmax, largest, sumOfExponentials } from './softmax';

/** Begins as Softmax does; the output's scale is 1/16 and its zero point 127. */
export const enum LogSoftmax {
  inverseMultiplier = Softmax.words, // from Q5.26 back to differences of the input
  inverseShift,
  words,
}

function check(c: Checked): string {
  if (!canScale(c, LogSoftmax.inverseMultiplier, 0)) return 'its scale is out of range';
  return checkSoftmax(c);
}

/** The square root of one half, and its own square root, in Q0.31. */
const ROOT = 1518500250,
  ROOT_OF_ROOT = 1805811301;

/**
 * The natural logarithm in Q5.26 of a sum of at least 1 in Q12.19: log_x_for_x_greater_than_or_equal_to_1 of
 * TensorFlow Lite. A power of two near x is taken out, so that a quotient of polynomials gives the rest; of
 * two choices of that power the one that leaves less.
 */
function logarithm(x: number): number {
  const headroom = Math.clz32(x) - 1,
    b = Math.clz32(multiplyHigh(x, ROOT)) - 1;
  const restA = saturatingShift(multiplyHigh(x << headroom, ROOT), 1),
    restB = saturatingShift(x, b),
    powerA = ((11 - headroom) << 25) + 8388608,
    powerB = ((12 - b) << 25) - 8388608;
  const r = restA < restB ? restA : restB,
    power = powerA > powerB ? powerA : powerB; // Q6.25
  const half = (r >> 1) + (ROOT_OF_ROOT >> 1) + 1, // the constant is odd
    q = (r - ROOT_OF_ROOT) * 2,
    q2 = multiplyHigh(q, q);
  const above = multiplyHigh(q, r) + multiplyHigh(multiplyHigh(q, q2), 117049297),
    below =
      multiplyHigh(half, (1057819769 + q + multiplyHigh(127690142, q2)) | 0) + multiplyHigh(638450708, q);
  const log = multiplyHigh(power, 1488522236) + multiplyHigh(roundingShift(above, 6), reciprocal(below));
  return saturatingShift(log, 1);
}

/**
 * The logarithm of softmax over the last dimension in fixed point, TensorFlow Lite's LogSoftmaxQuantized to
 * the last bit.
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const rows = words[at + Softmax.rows],
    depth = (words[output + Tensor.bytes] / rows) | 0;
  let p = words[input + Tensor.address],
    q = words[output + Tensor.address];
  for (let n = 0; n < rows; n++, p += depth, q += depth) {
    const maximum = largest(model, p, depth),
      log = logarithm(sumOfExponentials(model, at, p, depth, maximum));
    // Differences down to this one stay within Q5.26 when the logarithm is taken from them.
    const inverse = words[at + LogSoftmax.inverseMultiplier];
    let least = scaleBy((log - 2147483647 - 1) | 0, inverse, words[at + LogSoftmax.inverseShift], false);
    if (least < words[at + Softmax.minimumDifference] - 1) least = words[at + Softmax.minimumDifference] - 1;
    for (let i = 0; i < depth; i++) {
      const d = arena[p + i] - maximum;
      let v = -128;
      if (d > least) {
        const scaled = multiplyHigh(d << words[at + Softmax.shift], words[at + Softmax.multiplier]);
        v = roundingShift((scaled - log) | 0, 22) + 127;
        if (v > 127) v = 127;
        if (v < -128) v = -128;
      }
      arena[q + i] = v;
    }
  }
}

export const logSoftmax: DeviceOperator = Object.freeze({
  name: 'logSoftmax',
  words: LogSoftmax.words,
  operands: 1,
  check,
  run,
});
