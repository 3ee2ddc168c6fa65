import type { Model } from '../model';
import { Operator, Tensor, Transpose } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Dimensions in another order. Shapes are taken as four dimensions, missing outer ones being 1.
 *
 * @param at word index of the operator's record
 */
export function transpose(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const shape = input + Tensor.shape, missing = 4 - words[input + Tensor.rank];
  const d1 = missing > 2 ? 1 : words[shape + 1 - missing], d2 = missing > 1 ? 1 : words[shape + 2 - missing], d3 = words[shape + 3 - missing];
  const d0 = missing > 0 ? 1 : words[shape];
  const s0 = d1 * d2 * d3, s1 = d2 * d3, s2 = d3; // distance between neighbours of each input dimension
  const p0 = words[at + Transpose.permutation], p1 = words[at + Transpose.permutation + 1];
  const p2 = words[at + Transpose.permutation + 2], p3 = words[at + Transpose.permutation + 3];
  const n0 = p0 === 0 ? d0 : p0 === 1 ? d1 : p0 === 2 ? d2 : d3, t0 = p0 === 0 ? s0 : p0 === 1 ? s1 : p0 === 2 ? s2 : 1;
  const n1 = p1 === 0 ? d0 : p1 === 1 ? d1 : p1 === 2 ? d2 : d3, t1 = p1 === 0 ? s0 : p1 === 1 ? s1 : p1 === 2 ? s2 : 1;
  const n2 = p2 === 0 ? d0 : p2 === 1 ? d1 : p2 === 2 ? d2 : d3, t2 = p2 === 0 ? s0 : p2 === 1 ? s1 : p2 === 2 ? s2 : 1;
  const n3 = p3 === 0 ? d0 : p3 === 1 ? d1 : p3 === 2 ? d2 : d3, t3 = p3 === 0 ? s0 : p3 === 1 ? s1 : p3 === 2 ? s2 : 1;
  let q = words[output + Tensor.address];
  const source = words[input + Tensor.address];
  for (let i = 0; i < n0; i++)
    for (let j = 0; j < n1; j++)
      for (let k = 0; k < n2; k++)
        for (let l = 0, p = source + i * t0 + j * t1 + k * t2; l < n3; l++, p += t3) arena[q++] = arena[p];
}
