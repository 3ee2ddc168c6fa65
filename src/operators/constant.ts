import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, inFile, type Checked, type DeviceOperator } from './operator';

/** A tensor whose bytes are in the file. It has no input: its input index is -1. */
export const enum Constant {
  data = Operator.words, // offset
  words,
}

const check = (c: Checked): string =>
  inFile(c, Constant.data, bytes(c, c.output)) ? '' : 'its data lie outside the file';

/**
 * Copies a tensor from the file to the arena, for operators whose operand is a constant.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, bytes, arena } = model;
  const output = tensorRecord(words, words[at + Operator.output]);
  let p = words[at + Constant.data];
  for (let q = words[output + Tensor.address], end = q + words[output + Tensor.bytes]; q < end; p++, q++)
    arena[q] = bytes[p];
}

export const constant: DeviceOperator = Object.freeze({
  name: 'constant',
  words: Constant.words,
  operands: 0,
  check,
  run,
});
