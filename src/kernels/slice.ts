import type { Model } from '../model';
import { Operator, Slice, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * A strided part of a tensor. The input is taken as four dimensions, missing outer ones being 1.
 *
 * @param at word index of the operator's record
 */
export function slice(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const shape = input + Tensor.shape, missing = 4 - words[input + Tensor.rank];
  const d1 = missing > 2 ? 1 : words[shape + 1 - missing], d2 = missing > 1 ? 1 : words[shape + 2 - missing], d3 = words[shape + 3 - missing];
  const begin = at + Slice.begin, stride = at + Slice.stride, count = at + Slice.count;
  const n0 = words[count], n1 = words[count + 1], n2 = words[count + 2], n3 = words[count + 3], step = words[stride + 3];
  let q = words[output + Tensor.address];
  for (let i = 0, a = words[begin]; i < n0; i++, a += words[stride])
    for (let j = 0, b = words[begin + 1]; j < n1; j++, b += words[stride + 1])
      for (let k = 0, c = words[begin + 2]; k < n2; k++, c += words[stride + 2]) {
        let p = words[input + Tensor.address] + ((a * d1 + b) * d2 + c) * d3 + words[begin + 3];
        if (step === 1) {
          arena.copyWithin(q, p, p + n3);
          q += n3;
        } else for (let l = 0; l < n3; l++, p += step) arena[q++] = arena[p];
      }
}
