import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { checkOperands, sameQuantization, type Checked, type DeviceOperator } from './operator';

function check(c: Checked): string {
  const wrong = checkOperands(c);
  if (wrong) return wrong;
  return sameQuantization(c, c.input, c.output) && sameQuantization(c, c.second, c.output)
    ? ''
    : 'its inputs and its output differ in scale or zero point';
}

/**
 * The larger one of two values, element by element. All three tensors have one scale and zero point, so that
 * bytes are compared. Operand b is repeated as often as it fits into a. (TensorFlow Lite Micro's
 * maximum_minimum.)
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const a = tensorRecord(words, words[at + Operator.input]),
    b = tensorRecord(words, words[at + Operator.input2]),
    output = tensorRecord(words, words[at + Operator.output]);
  const begin = words[b + Tensor.address],
    end = begin + words[b + Tensor.bytes];
  let p = words[a + Tensor.address],
    q = begin,
    r = words[output + Tensor.address];
  for (const last = r + words[output + Tensor.bytes]; r < last; p++, r++) {
    const v = arena[p],
      w = arena[q];
    arena[r] = v > w ? v : w;
    if (++q === end) q = begin;
  }
}

export const maximum: DeviceOperator = Object.freeze({
  name: 'maximum',
  words: Operator.words,
  operands: 2,
  check,
  run,
});
