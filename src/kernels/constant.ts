import type { Model } from '../model';
import { Constant, Operator, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Copies a tensor from the file to the arena, for operators whose operand is a constant.
 *
 * @param at word index of the operator's record
 */
export function constant(model: Model, at: number): void {
  const { words, bytes, arena } = model;
  const output = tensorRecord(model, words[at + Operator.output]);
  let p = words[at + Constant.data];
  for (let q = words[output + Tensor.address], end = q + words[output + Tensor.bytes]; q < end; p++, q++) arena[q] = bytes[p];
}
