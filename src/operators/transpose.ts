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
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const d0 = dimension4(words, input, 0),
    d1 = dimension4(words, input, 1),
    d2 = dimension4(words, input, 2),
    d3 = dimension4(words, input, 3);
  const s0 = d1 * d2 * d3,
    s1 = d2 * d3,
    s2 = d3; // distance between neighbours of each input dimension
  const p0 = words[at + Transpose.permutation],
    p1 = words[at + Transpose.permutation + 1];
  const p2 = words[at + Transpose.permutation + 2],
    p3 = words[at + Transpose.permutation + 3];
  const n0 = p0 === 0 ? d0 : p0 === 1 ? d1 : p0 === 2 ? d2 : d3,
    t0 = p0 === 0 ? s0 : p0 === 1 ? s1 : p0 === 2 ? s2 : 1;
  const n1 = p1 === 0 ? d0 : p1 === 1 ? d1 : p1 === 2 ? d2 : d3,
    t1 = p1 === 0 ? s0 : p1 === 1 ? s1 : p1 === 2 ? s2 : 1;
  const n2 = p2 === 0 ? d0 : p2 === 1 ? d1 : p2 === 2 ? d2 : d3,
    t2 = p2 === 0 ? s0 : p2 === 1 ? s1 : p2 === 2 ? s2 : 1;
  const n3 = p3 === 0 ? d0 : p3 === 1 ? d1 : p3 === 2 ? d2 : d3,
    t3 = p3 === 0 ? s0 : p3 === 1 ? s1 : p3 === 2 ? s2 : 1;
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
  run,
});
