import { bytesOf, repeat } from '../bigint';
import { FullyConnected, Operator, Output, Tensor } from '../format';
import { store } from '../kernels/store';
import type { Model } from '../model';
import { tensorRecord } from '../tensor';
import { bytesAt, narrowBytes, narrowMask } from './narrow';
import { lanes } from './planes';

/** Pairs of inputs whose products fit the 24 bits of a lane together: 2 * 255 * 255 each. */
const PAIRS = 128;

/**
 * Fully connected layer with a lane for each output: a number of weights (w + 128, a byte each, or narrower ones) of two inputs, times the number of the
 * two inputs. Pairs of inputs that are both -128, as behind a ReLU most are, cost nothing.
 *
 * Outputs 3 t, 3 t + 1 and 3 t + 2 share a lane's three bytes: two of them are masked out, the third is what is left of the whole.
 *
 * @param at word index of the operator's record
 */
export function fullyConnected(model: Model, at: number): void {
  const { words, arena, sums } = model, input = tensorRecord(model, words[at + Operator.input]),
    output = tensorRecord(model, words[at + Operator.output]);
  const outputs = words[output + Tensor.bytes], from = words[input + Tensor.address], inputs = words[at + FullyConnected.inputs];
  const triples = ((outputs + 2) / 3) | 0, size = 6 * triples, bits = words[at + FullyConnected.bits], stored = narrowBytes(size, bits),
    mask = narrowMask(size, bits), first = lanes(255, 2 * triples), second = first << 8n, wide = repeat(0xffffffn, 48, triples);
  let all = 0n, a = 0n, b = 0n, sumA = 0n, sumB = 0n, sumC = 0n, total = 0, count = 0, next = words[at + FullyConnected.weights];
  for (let i = from, end = from + inputs; i < end; i += 2, next += stored) {
    const u = arena[i] + 128, v = i + 1 < end ? arena[i + 1] + 128 : 0;
    if (u | v) {
      const x = BigInt((u | (v << 24)) >>> 0), d = bytesAt(words.buffer as ArrayBuffer, next, size, bits, mask);
      all = all + d * x;
      a = a + (d & first) * x;
      b = b + (d & second) * x;
      total += u + v;
      count++;
    }
    if (count === PAIRS || i + 2 >= end) {
      sumA = sumA + ((a >> 24n) & wide);
      sumB = sumB + ((b >> 32n) & wide);
      sumC = sumC + (((all - a - b) >> 40n) & wide);
      all = 0n, a = 0n, b = 0n, count = 0;
    }
  }
  const parts = [sumA, sumB, sumC], zeroPoints = words[at + FullyConnected.zeroPoints], half = 1 << (bits - 1), bias = words[at + Output.bias] >> 2,
    address = words[output + Tensor.address];
  for (let k = 0; k < 3; k++) {
    const bytes = new Uint8Array(bytesOf(parts[k], size));
    for (let t = 0, p = 0, o = k; o < outputs; t++, o += 3, p += 6) {
      const sum = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24), added = half + (zeroPoints ? model.bytes[zeroPoints + o] : 0);
      sums[0] = sum - total * added + words[bias + o];
      store(model, at, o, 1, 1, 1, address + o);
    }
  }
}
