import type { Model } from '../model';
import { Lookup, Operator, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Any function of one int8 (logistic, tanh, hard swish, requantization, ...) by a table of its 256 values.
 *
 * @param at word index of the operator's record
 */
export function lookup(model: Model, at: number): void {
  const { words, bytes, arena } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const zero = words[at + Lookup.table] + 128;
  let p = words[input + Tensor.address];
  for (let q = words[output + Tensor.address], end = q + words[output + Tensor.bytes]; q < end; p++, q++) arena[q] = bytes[zero + arena[p]];
}
