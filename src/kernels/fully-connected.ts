import type { Model } from '../model';
import { FullyConnected, Operator, Output, Tensor } from '../format';
import { tensorRecord } from '../tensor';
import { store } from './store';

/**
 * Fully connected layer, int8: y[o] = sum over i of x[i] * w[o][i]. Input rows (all dimensions but the last) are
 * independent.
 *
 * Eight outputs and four inputs a step: one word of inputs and eight words of weights make 32 multiply-adds. A row's
 * last word may reach up to three bytes past the input; the weights there are zero.
 *
 * @param at word index of the operator's record
 */
export function fullyConnected(model: Model, at: number): void {
  const { words, arenaWords, sums } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const outputs = words[output + Tensor.shape + words[output + Tensor.rank] - 1];
  const inputs = words[at + FullyConnected.inputs];
  const rowWords = (inputs + 3) >> 2, weights = words[at + FullyConnected.weights] >> 2, bias = words[at + Output.bias] >> 2;
  const batch = (words[input + Tensor.bytes] / inputs) | 0;
  const source = words[input + Tensor.address] >> 2, address = words[output + Tensor.address];

  for (let n = 0; n < batch; n++) {
    const begin = source + n * rowWords, end = begin + rowWords;
    for (let o = 0; o < outputs; o += 8) {
      const count = outputs - o < 8 ? outputs - o : 8;
      // Rows beyond the last output repeat the first of the eight; their sums are not stored.
      let r0 = weights + o * rowWords, r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
      if (count > 1) r1 = r0 + rowWords;
      if (count > 2) r2 = r1 + rowWords;
      if (count > 3) r3 = r2 + rowWords;
      if (count > 4) r4 = r3 + rowWords;
      if (count > 5) r5 = r4 + rowWords;
      if (count > 6) r6 = r5 + rowWords;
      if (count > 7) r7 = r6 + rowWords;
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
      for (let i = begin; i < end; i++) {
        const x = arenaWords[i];
        const a = (x << 24) >> 24, b = (x << 16) >> 24, c = (x << 8) >> 24, d = x >> 24;
        let w = words[r0++];
        s0 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
        w = words[r1++];
        s1 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
        w = words[r2++];
        s2 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
        w = words[r3++];
        s3 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
        w = words[r4++];
        s4 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
        w = words[r5++];
        s5 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
        w = words[r6++];
        s6 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
        w = words[r7++];
        s7 += a * ((w << 24) >> 24) + b * ((w << 16) >> 24) + c * ((w << 8) >> 24) + d * (w >> 24);
      }
      sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3, sums[4] = s4, sums[5] = s5, sums[6] = s6, sums[7] = s7;
      for (let i = 0; i < count; i++) sums[i] += words[bias + o + i];
      store(model, at, o, count, 1, 1, address + n * outputs + o);
    }
  }
}
