import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, dimension4, rank, sameQuantization, type Checked, type DeviceOperator } from './operator';

export const enum Transpose {
  // four words: output dimension i is input dimension permutation[i], both taken as NHWC
  permutation = Operator.words,
  words = permutation + 4,
}

function check(c: Checked): string {
  let seen = 0;
  for (let i = 0; i < 4; i++) {
    const p = c.words[c.at + Transpose.permutation + i];
    if (p < 0 || p > 3 || (i < 4 - rank(c, c.input) && p !== i))
      return 'its permutation names a dimension that does not exist';
    seen |= 1 << p;
  }
  if (seen !== 15) return 'its permutation names a dimension twice';
  return bytes(c, c.input) === bytes(c, c.output) && sameQuantization(c, c.input, c.output)
    ? ''
    : 'its input and output do not match';
}

/**
 * Dimensions in another order. Shapes are taken as four dimensions, missing outer ones being 1.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena, sums } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]),
    permutation = at + Transpose.permutation;
  // In sums: how far apart neighbours of each input dimension lie, then of each output dimension.
  sums[3] = 1;
  for (let i = 2; i >= 0; i--) sums[i] = sums[i + 1] * dimension4(words, input, i + 1);
  for (let i = 0; i < 4; i++) sums[4 + i] = sums[words[permutation + i]];
  const n0 = dimension4(words, input, words[permutation]),
    n1 = dimension4(words, input, words[permutation + 1]),
    n2 = dimension4(words, input, words[permutation + 2]),
    n3 = dimension4(words, input, words[permutation + 3]),
    t0 = sums[4],
    t1 = sums[5],
    t2 = sums[6],
    t3 = sums[7];
  let q = words[output + Tensor.address];
  const source = words[input + Tensor.address];
  for (let i = 0; i < n0; i++)
    for (let j = 0; j < n1; j++)
      for (let k = 0; k < n2; k++)
        for (let l = 0, p = source + i * t0 + j * t1 + k * t2; l < n3; l++, p += t3) arena[q++] = arena[p];
}

export const transpose: DeviceOperator = Object.freeze({
  name: 'transpose',
  words: Transpose.words,
  operands: 1,
  check,
  sums: () => 8,
  run,
});
