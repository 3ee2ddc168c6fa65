import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { checkDenseShapes } from './fully-connected';
import { bytes, lastDimension, type Checked, type DeviceOperator } from './operator';
import { COMPILED } from './compiled';
import { Requantization, checkRequantization, requantize } from './requantize';
import { SPARSE_BLOCK, checkSparseRows, sparseBlockWords } from './sparse-rows';

/** A row is an input; its places are the outputs. The bias is the layer's own, as in FullyConnected. */
export const enum SparseFullyConnected {
  rows = Requantization.words, // offset; see sparse-rows.ts
  blocks, // offset of int8 per row: how many blocks it has
  bits, // of a weight: 8 or 4
  inputs, // per row of the input tensor
  words,
}

function check(c: Checked): string {
  const inputs = c.words[c.at + SparseFullyConnected.inputs];
  const wrong = checkRequantization(c, inputs * SPARSE_BLOCK) || checkDenseShapes(c, inputs);
  return wrong || checkSparseRows(c, SparseFullyConnected.rows, inputs, lastDimension(c, c.output));
}

/**
 * Fully connected layer, int8, whose weights are mostly zero: only the others are stored and multiplied, and
 * those of inputs at their zero point, as behind a ReLU most are, not even read. All sums are in model.sums.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, bytes, arena, sums } = model,
    input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const outputs = words[output + Tensor.shape + words[output + Tensor.rank] - 1],
    inputs = words[at + SparseFullyConnected.inputs],
    zeroPoint = words[input + Tensor.zeroPoint];
  const bits = words[at + SparseFullyConnected.bits],
    size = sparseBlockWords(bits),
    bias = words[at + Requantization.bias] >> 2,
    begin = words[input + Tensor.address],
    end = begin + words[input + Tensor.bytes];
  for (
    let row = begin, address = words[output + Tensor.address];
    row < end;
    row += inputs, address += outputs
  ) {
    for (let o = 0; o < outputs; o++) sums[o] = words[bias + o];
    for (
      let i = 0,
        next = words[at + SparseFullyConnected.rows] >> 2,
        blocks = words[at + SparseFullyConnected.blocks];
      i < inputs;
      i++
    ) {
      const d = arena[row + i] - zeroPoint,
        last = next + bytes[blocks + i] * size;
      if (d) {
        if (COMPILED) addRow(model, bits, next, last, d);
        // prettier-ignore
        else if (bits === 8) {
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
    requantize(model, at, 0, outputs, 1, 1, address, 0);
  }
}

/**
 * Adds d times the weights of a row, which lie in words next to last - 1, to the sums of their places.
 *
 * @noinline
 */
function addRow(model: Model, bits: number, next: number, last: number, d: number): void {
  const { words, sums } = model,
    up = 32 - bits;
  for (let o = 0, i = next; i < last; i++) {
    let gaps = words[i];
    for (let e = 0, w = 0; e < SPARSE_BLOCK; e++) {
      if (e === 0 || (e === 4 && bits === 8)) {
        i += 1;
        w = words[i];
      }
      o += gaps & 15;
      gaps >>= 4;
      sums[o] += d * ((w << up) >> up);
      w >>= bits;
    }
  }
}

export const sparseFullyConnected: DeviceOperator = Object.freeze({
  name: 'sparseFullyConnected',
  words: SparseFullyConnected.words,
  operands: 1,
  check,
  work: (c: Checked) => bytes(c, c.output) * c.words[c.at + SparseFullyConnected.inputs],
  sums: (c: Checked) => lastDimension(c, c.output),
  run,
});
