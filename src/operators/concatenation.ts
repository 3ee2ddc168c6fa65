import { Header, Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, inFile, isReadable, sameQuantization, type Checked, type DeviceOperator } from './operator';

/** Joins tensors along one axis. All have the output's scale and zero point. */
export const enum Concatenation {
  inputs = Operator.words, // offset of a list of tensor indices
  inputCount,
  outer, // product of the dimensions before the axis
  words,
}

function check(c: Checked): string {
  const { words, at, output } = c;
  const outer = words[at + Concatenation.outer],
    count = words[at + Concatenation.inputCount];
  if (count < 1 || count > words[Header.tensorCount] || !inFile(c, Concatenation.inputs, count * 4))
    return 'its list of inputs lies outside the file';
  if (outer < 1 || bytes(c, output) % outer !== 0) return 'its output cannot be divided so';
  let sum = 0;
  for (let i = 0, list = words[at + Concatenation.inputs] >> 2; i < count; i++) {
    if (!isReadable(c, words[list + i])) return `its input ${i} is not there`;
    const tensor = tensorRecord(words, words[list + i]);
    if (bytes(c, tensor) % outer !== 0) return `its input ${i} cannot be divided so`;
    if (!sameQuantization(c, tensor, output)) return `its input ${i} has another scale than its output`;
    sum += bytes(c, tensor);
  }
  return sum === bytes(c, output) ? '' : 'its inputs do not fill its output';
}

/**
 * Joins tensors along one axis; all have the output's scale and zero point, so bytes are copied.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const output = tensorRecord(words, words[at + Operator.output]),
    outer = words[at + Concatenation.outer];
  const line = (words[output + Tensor.bytes] / outer) | 0,
    list = words[at + Concatenation.inputs] >> 2;
  for (let i = 0, q = words[output + Tensor.address]; i < words[at + Concatenation.inputCount]; i++) {
    const input = tensorRecord(words, words[list + i]),
      piece = (words[input + Tensor.bytes] / outer) | 0;
    for (let n = 0, p = words[input + Tensor.address]; n < outer; n++, p += piece) {
      arena.copyWithin(q + n * line, p, p + piece);
    }
    q += piece;
  }
}

export const concatenation: DeviceOperator = Object.freeze({
  name: 'concatenation',
  words: Concatenation.words,
  operands: 1,
  check,
  run,
});
