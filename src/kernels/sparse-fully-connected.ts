import type { Model } from '../model';
import { Operator, Output, SparseFullyConnected, Tensor, sparseBlockWords } from '../format';
import { tensorRecord } from '../tensor';
import { store } from './store';

/**
 * Fully connected layer, int8, whose weights are mostly zero: only the others are stored and multiplied, and those of inputs at their zero
 * point, as behind a ReLU most are, not even read. All sums are in model.sums.
 *
 * @param at word index of the operator's record
 */
export function sparseFullyConnected(model: Model, at: number): void {
  const { words, bytes, arena, sums } = model, input = tensorRecord(model, words[at + Operator.input]),
    output = tensorRecord(model, words[at + Operator.output]);
  const outputs = words[output + Tensor.shape + words[output + Tensor.rank] - 1], inputs = words[at + SparseFullyConnected.inputs],
    zeroPoint = words[input + Tensor.zeroPoint];
  const bits = words[at + SparseFullyConnected.bits], size = sparseBlockWords(bits), bias = words[at + Output.bias] >> 2,
    begin = words[input + Tensor.address], end = begin + words[input + Tensor.bytes];
  for (let row = begin, address = words[output + Tensor.address]; row < end; row += inputs, address += outputs) {
    for (let o = 0; o < outputs; o++) sums[o] = words[bias + o];
    for (let i = 0, next = words[at + SparseFullyConnected.rows] >> 2, blocks = words[at + SparseFullyConnected.blocks]; i < inputs; i++) {
      const d = arena[row + i] - zeroPoint, last = next + bytes[blocks + i] * size;
      if (d) {
        if (bits === 8) {
          for (let o = 0; next < last; next += 3) {
            const gaps = words[next];
            let w = words[next + 1];
            o += gaps & 15, sums[o] += d * ((w << 24) >> 24);
            o += (gaps >> 4) & 15, sums[o] += d * ((w << 16) >> 24);
            o += (gaps >> 8) & 15, sums[o] += d * ((w << 8) >> 24);
            o += (gaps >> 12) & 15, sums[o] += d * (w >> 24);
            w = words[next + 2];
            o += (gaps >> 16) & 15, sums[o] += d * ((w << 24) >> 24);
            o += (gaps >> 20) & 15, sums[o] += d * ((w << 16) >> 24);
            o += (gaps >> 24) & 15, sums[o] += d * ((w << 8) >> 24);
            o += (gaps >> 28) & 15, sums[o] += d * (w >> 24);
          }
        } else {
          for (let o = 0; next < last; next += 2) {
            const gaps = words[next], w = words[next + 1];
            o += gaps & 15, sums[o] += d * ((w << 28) >> 28);
            o += (gaps >> 4) & 15, sums[o] += d * ((w << 24) >> 28);
            o += (gaps >> 8) & 15, sums[o] += d * ((w << 20) >> 28);
            o += (gaps >> 12) & 15, sums[o] += d * ((w << 16) >> 28);
            o += (gaps >> 16) & 15, sums[o] += d * ((w << 12) >> 28);
            o += (gaps >> 20) & 15, sums[o] += d * ((w << 8) >> 28);
            o += (gaps >> 24) & 15, sums[o] += d * ((w << 4) >> 28);
            o += (gaps >> 28) & 15, sums[o] += d * (w >> 28);
          }
        }
      }
      next = last;
    }
    store(model, at, 0, outputs, 1, 1, address);
  }
}
