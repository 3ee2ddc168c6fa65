import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, inFile, type Checked, type DeviceOperator } from './operator';

/** Any function of one value: the output for input q is table[q + 128]. */
export const enum Lookup {
  table = Operator.words, // offset of 256 int8
  words,
}

function check(c: Checked): string {
  if (bytes(c, c.input) !== bytes(c, c.output)) return 'its input and output differ in size';
  return inFile(c, Lookup.table, 256) ? '' : 'its table lies outside the file';
}

/**
 * Any function of one int8 (logistic, tanh, hard swish, requantization, ...) by a table of its 256 values.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, bytes, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const zero = words[at + Lookup.table] + 128;
  let p = words[input + Tensor.address];
  for (let q = words[output + Tensor.address], end = q + words[output + Tensor.bytes]; q < end; p++, q++)
    arena[q] = bytes[zero + arena[p]];
}

export const lookup: DeviceOperator = Object.freeze({
  name: 'lookup',
  words: Lookup.words,
  operands: 1,
  check,
  run,
});
