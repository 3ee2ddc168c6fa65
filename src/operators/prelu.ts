import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { scaleBy } from './arithmetic';
import { HIGHEST_SHIFT, canScale, checkOperands, type Checked, type DeviceOperator } from './operator';

/**
 * x >= zx: MBQM(x - zx, positive), else MBQM((x - zx) * (alpha - za), negative); alpha is repeated as operand
 * b of Add.
 */
export const enum Prelu {
  positiveMultiplier = Operator.words,
  positiveShift,
  negativeMultiplier,
  negativeShift,
  words,
}

function check(c: Checked): string {
  const wrong = checkOperands(c);
  if (wrong) return wrong;
  const scales =
    canScale(c, Prelu.positiveMultiplier, HIGHEST_SHIFT) &&
    canScale(c, Prelu.negativeMultiplier, HIGHEST_SHIFT);
  return scales ? '' : 'it cannot be requantized';
}

/**
 * Leaky ReLU with a slope per element: the second operand, repeated as often as it fits.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena, single } = model;
  const x = tensorRecord(words, words[at + Operator.input]),
    alpha = tensorRecord(words, words[at + Operator.input2]);
  const output = tensorRecord(words, words[at + Operator.output]),
    zeroPoint = words[output + Tensor.zeroPoint];
  const zx = words[x + Tensor.zeroPoint],
    za = words[alpha + Tensor.zeroPoint];
  const begin = words[alpha + Tensor.address],
    end = begin + words[alpha + Tensor.bytes];
  let p = words[x + Tensor.address],
    q = begin,
    r = words[output + Tensor.address];
  for (const last = r + words[output + Tensor.bytes]; r < last; p++, r++) {
    const u = arena[p] - zx;
    const v =
      u >= 0
        ? scaleBy(u, words[at + Prelu.positiveMultiplier], words[at + Prelu.positiveShift], single)
        : scaleBy(
            u * (arena[q] - za),
            words[at + Prelu.negativeMultiplier],
            words[at + Prelu.negativeShift],
            single,
          );
    // Clamped before the zero point is added, as in requantize.
    arena[r] = v < -128 - zeroPoint ? -128 : v > 127 - zeroPoint ? 127 : v + zeroPoint;
    if (++q === end) q = begin;
  }
}

export const prelu: DeviceOperator = Object.freeze({
  name: 'prelu',
  words: Prelu.words,
  operands: 2,
  check,
  run,
});
