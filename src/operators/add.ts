import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { scaleBy, scaleDown } from './arithmetic';
import { COMPILED } from './compiled';
import {
  HIGHEST_SHIFT,
  canScale,
  checkOperands,
  clampIsInt8,
  type Checked,
  type DeviceOperator,
} from './operator';

/**
 * sum = firstSign * MBQM((a - za) << 20, first) + secondSign * MBQM((b - zb) << 20, second); output =
 * MBQM(sum, result) + zero point, clamped. Operand b is repeated as often as it fits into a: it is as large,
 * a channel vector, or a scalar.
 */
export const enum Add {
  firstMultiplier = Operator.words,
  firstShift,
  secondMultiplier,
  secondShift,
  resultMultiplier,
  resultShift,
  minimum,
  maximum,
  firstSign, // 1 or -1
  secondSign,
  words,
}

const isSign = (value: number): boolean => value === 1 || value === -1;

function check(c: Checked): string {
  const wrong = checkOperands(c);
  if (wrong) return wrong;
  if (!isSign(c.words[c.at + Add.firstSign]) || !isSign(c.words[c.at + Add.secondSign]))
    return 'it has a sign that is neither 1 nor -1';
  // Operands arrive shifted left by 20 bits, so that only factors up to one are exact.
  const scales = canScale(c, Add.firstMultiplier, 0) && canScale(c, Add.secondMultiplier, 0);
  if (!scales || !canScale(c, Add.resultMultiplier, HIGHEST_SHIFT)) return 'it cannot be requantized';
  return clampIsInt8(c, Add.minimum) ? '' : 'its clamp is no range of int8';
}

/**
 * Element-wise sum or difference of two tensors, each with its own scale. The scaled operands are looked up:
 * an int8 has 256 values, and the tables (in model.sums) are made in the time of a hundred additions.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena, sums, single } = model;
  const a = tensorRecord(words, words[at + Operator.input]),
    b = tensorRecord(words, words[at + Operator.input2]);
  const output = tensorRecord(words, words[at + Operator.output]),
    zeroPoint = words[output + Tensor.zeroPoint];
  const minimum = words[at + Add.minimum],
    maximum = words[at + Add.maximum];
  const multiplier = words[at + Add.resultMultiplier],
    shift = words[at + Add.resultShift];
  for (let i = 0; i < 256; i++) {
    sums[i] =
      words[at + Add.firstSign] *
      scaleBy(
        (i - 128 - words[a + Tensor.zeroPoint]) << 20,
        words[at + Add.firstMultiplier],
        words[at + Add.firstShift],
        single,
      );
    sums[256 + i] =
      words[at + Add.secondSign] *
      scaleBy(
        (i - 128 - words[b + Tensor.zeroPoint]) << 20,
        words[at + Add.secondMultiplier],
        words[at + Add.secondShift],
        single,
      );
  }
  const begin = words[b + Tensor.address],
    end = begin + words[b + Tensor.bytes];
  let p = words[a + Tensor.address],
    q = begin,
    r = words[output + Tensor.address];
  const last = r + words[output + Tensor.bytes];
  if (shift < 0 && !single) {
    // Each operand is below 2^28, being scaled by no more than one. Interpreted, calls would cost the most.
    const mh = multiplier >> 16,
      ml = multiplier & 65535,
      right = -shift,
      half = 1 << (right - 1);
    for (; r < last; p++, r++) {
      let v = sums[arena[p] + 128] + sums[arena[q] + 384];
      if (COMPILED) v = scaleDown(v, multiplier);
      else {
        const h = v >> 15,
          l = v & 32767;
        v = h * mh * 2 + ((((h * ml + ((l * ml) >> 15)) >> 1) + l * mh) >> 14);
      }
      v = (v + 1) >> 1;
      v = ((v + half + (v >> 31)) >> right) + zeroPoint;
      if (v < minimum) v = minimum;
      else if (v > maximum) v = maximum;
      arena[r] = v;
      if (++q === end) q = begin;
    }
  }
  for (; r < last; p++, r++) {
    // Clamped before the zero point is added, as in requantize.
    const v = scaleBy(sums[arena[p] + 128] + sums[arena[q] + 384], multiplier, shift, single);
    arena[r] = v < minimum - zeroPoint ? minimum : v > maximum - zeroPoint ? maximum : v + zeroPoint;
    if (++q === end) q = begin;
  }
}

export const add: DeviceOperator = Object.freeze({
  name: 'add',
  words: Add.words,
  operands: 2,
  check,
  sums: () => 512,
  run,
});
