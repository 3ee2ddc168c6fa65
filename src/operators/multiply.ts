import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { scaleBy } from './arithmetic';
import {
  HIGHEST_SHIFT,
  canScale,
  checkOperands,
  clampIsInt8,
  type Checked,
  type DeviceOperator,
} from './operator';

/**
 * output = MBQM((a - za) * (b - zb), multiplier, shift) + zero point, clamped. Operand b is repeated as in
 * Add.
 */
export const enum Multiply {
  multiplier = Operator.words,
  shift,
  minimum,
  maximum,
  words,
}

function check(c: Checked): string {
  const wrong = checkOperands(c);
  if (wrong) return wrong;
  if (!canScale(c, Multiply.multiplier, HIGHEST_SHIFT)) return 'it cannot be requantized';
  return clampIsInt8(c, Multiply.minimum) ? '' : 'its clamp is no range of int8';
}

/**
 * Element-wise product of two tensors, each with its own scale.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena, single } = model;
  const a = tensorRecord(words, words[at + Operator.input]),
    b = tensorRecord(words, words[at + Operator.input2]);
  const output = tensorRecord(words, words[at + Operator.output]),
    zeroPoint = words[output + Tensor.zeroPoint];
  const za = words[a + Tensor.zeroPoint],
    zb = words[b + Tensor.zeroPoint];
  const minimum = words[at + Multiply.minimum],
    maximum = words[at + Multiply.maximum],
    low = minimum - zeroPoint,
    high = maximum - zeroPoint;
  const multiplier = words[at + Multiply.multiplier],
    shift = words[at + Multiply.shift];
  const begin = words[b + Tensor.address],
    end = begin + words[b + Tensor.bytes];
  let p = words[a + Tensor.address],
    q = begin,
    r = words[output + Tensor.address];
  for (const last = r + words[output + Tensor.bytes]; r < last; p++, r++) {
    // Clamped before the zero point is added, as in requantize.
    const v = scaleBy((arena[p] - za) * (arena[q] - zb), multiplier, shift, single);
    arena[r] = v < low ? minimum : v > high ? maximum : v + zeroPoint;
    if (++q === end) q = begin;
  }
}

export const multiply: DeviceOperator = Object.freeze({
  name: 'multiply',
  words: Multiply.words,
  operands: 2,
  check,
  run,
});
