import type { Model } from '../model';
import { Concatenation, Operator, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Joins tensors along one axis; all have the output's scale and zero point, so bytes are copied.
 *
 * @param at word index of the operator's record
 */
export function concatenation(model: Model, at: number): void {
  const { words, arena } = model;
  const output = tensorRecord(model, words[at + Operator.output]), outer = words[at + Concatenation.outer];
  const line = (words[output + Tensor.bytes] / outer) | 0, list = words[at + Concatenation.inputs] >> 2;
  for (let i = 0, q = words[output + Tensor.address]; i < words[at + Concatenation.inputCount]; i++) {
    const input = tensorRecord(model, words[list + i]), piece = (words[input + Tensor.bytes] / outer) | 0;
    for (let n = 0, p = words[input + Tensor.address]; n < outer; n++, p += piece) {
      arena.copyWithin(q + n * line, p, p + piece);
    }
    q += piece;
  }
}
