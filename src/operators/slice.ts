import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, dimension4, sameQuantization, type Checked, type DeviceOperator } from './operator';

/** `count` elements, every stride-th from `begin` on, in each dimension of the input taken as NHWC. */
export const enum Slice {
  begin = Operator.words, // four words
  stride = begin + 4, // four words, may be negative
  count = stride + 4, // four words; their product is the output's size
  words = count + 4,
}

function check(c: Checked): string {
  let size = 1;
  for (let i = 0; i < 4; i++) {
    const begin = c.words[c.at + Slice.begin + i],
      stride = c.words[c.at + Slice.stride + i],
      count = c.words[c.at + Slice.count + i];
    const limit = dimension4(c.words, c.input, i);
    if (count < 1 || begin < 0 || begin >= limit) return 'it leaves its input';
    const last = begin + (count - 1) * stride;
    if (last < 0 || last >= limit) return 'it leaves its input';
    size *= count;
  }
  return size === bytes(c, c.output) && sameQuantization(c, c.input, c.output)
    ? ''
    : 'its input and output do not match';
}

/**
 * A strided part of a tensor. The input is taken as four dimensions, missing outer ones being 1.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const d1 = dimension4(words, input, 1),
    d2 = dimension4(words, input, 2),
    d3 = dimension4(words, input, 3);
  const begin = at + Slice.begin,
    stride = at + Slice.stride,
    count = at + Slice.count;
  const n0 = words[count],
    n1 = words[count + 1],
    n2 = words[count + 2],
    n3 = words[count + 3],
    step = words[stride + 3];
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

export const slice: DeviceOperator = Object.freeze({
  name: 'slice',
  words: Slice.words,
  operands: 1,
  check,
  run,
});
