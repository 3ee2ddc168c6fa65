import { bytesOf, repeat } from '../bigint';
import { LanesOutput, LanesPointwise, Operator, Tensor } from '../format';
import type { Model } from '../model';
import { tensorRecord } from '../tensor';
import { bytesAt, narrowBytes, narrowMask } from './narrow';
import { LANE, blockBytes, lanes, putRows } from './planes';
import { requantize, requantizer } from './requantize';

/** Lanes of pixels and outputs are exchanged in squares of at most so many. */
const SQUARE = 32;

/**
 * 1 x 1 convolution, any stride, with a lane for each output channel: a pixel's sums are one number, to which each input channel adds its
 * weights (+ 128, or half of their range) times the pixel's value. Values of -128, as behind a ReLU most are, cost nothing. At the end the sums are transposed: a lane for each pixel.
 *
 * Better than conv2d where images are small: there a channel has too few lanes.
 *
 * @param at word index of the operator's record
 */
export function pointwise(model: Model, at: number): void {
  const { words } = model, output = tensorRecord(model, words[at + Operator.output]), zeroPoints = words[at + LanesPointwise.zeroPoints];
  const height = words[output + Tensor.shape + 1], width = words[output + Tensor.shape + 2], outputs = words[output + Tensor.shape + 3],
    outputPitch = words[output + Tensor.pitch];
  const block = blockBytes(height, outputPitch), third = ((outputs + 3) / 3) | 0, rows = words[at + LanesPointwise.stripRows];
  for (let y = 0; y < height; y += rows) {
    const n = y + rows < height ? rows : height - y, pixels = n * width;
    const planes = transpose(sumsOf(model, at, y, n, third), 3 * third), one = lanes(1, pixels), r = requantizer(pixels, one);
    // The one behind the last output has only weights of half the range: what the others have too much.
    const excess = planes[(outputs % 3) * third + ((outputs / 3) | 0)],
      inputs = zeroPoints ? excess >> BigInt(words[at + LanesPointwise.bits] - 1) : 0n;
    for (let o = 0, next = words[output + Tensor.address] + 3 * y * outputPitch; o < outputs; o += 3, next += block) {
      let bytes = 0n;
      for (let k = 0; k < 3 && o + k < outputs; k += 1) {
        const record = (words[at + LanesPointwise.outputs] >> 2) + (o + k) * LanesOutput.words;
        let sum = planes[k * third + o / 3] + one * BigInt(words[record + LanesOutput.offset]) - excess;
        if (zeroPoints) sum = sum - inputs * BigInt(model.bytes[zeroPoints + o + k]);
        bytes = bytes | requantize(model, sum, record, k, r);
      }
      putRows(model, bytesOf(bytes, 3 * n * outputPitch), width, outputPitch, n, next, width);
    }
  }
}

/** For each pixel of rows y to y + n - 1: a lane for each output, those of outputs 3 t first, then 3 t + 1, then 3 t + 2. */
function sumsOf(model: Model, at: number, y: number, n: number, third: number): bigint[] {
  const { words, arena } = model, input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const pitch = words[input + Tensor.pitch], width = words[output + Tensor.shape + 2], strideY = words[at + LanesPointwise.strideY],
    step = 3 * words[at + LanesPointwise.strideX];
  const channels = words[input + Tensor.shape + 3], block = blockBytes(words[input + Tensor.shape + 1], pitch), file = words.buffer as ArrayBuffer,
    size = 3 * third;
  const first = lanes(255, third), second = first << 8n, shift1 = BigInt(LANE * third - 8), shift2 = BigInt(2 * LANE * third - 16),
    pixels = n * width, gap = 3 * strideY * pitch - step * width;
  const sums: bigint[] = [];
  for (let p = 0; p < pixels; p += 1) sums.push(0n);
  const bits = words[at + LanesPointwise.bits], stored = narrowBytes(size, bits), mask = narrowMask(size, bits);
  const weights = (offset: number): bigint => {
    const d = bytesAt(file, offset, size, bits, mask), e = d & first, f = d & second;
    return e + (f << shift1) + ((d - e - f) << shift2);
  };
  // Three input channels at a time, whose bytes lie side by side; beyond the last channel they are 0.
  for (let c = 0, next = words[at + LanesPointwise.weights], begin = words[input + Tensor.address] + 3 * y * strideY * pitch; c < channels; c += 3, next += 3 * stored, begin += block) {
    const w = weights(next), w1 = c + 1 < channels ? weights(next + stored) : 0n, w2 = c + 2 < channels ? weights(next + 2 * stored) : 0n;
    for (let i = begin, p = 0, end = width; p < pixels; end += width, i += gap) {
      for (; p < end; p += 1) {
        let sum = sums[p], x = arena[i];
        if (x) sum = sum + w * BigInt(x & 255);
        x = arena[i + 1];
        if (x) sum = sum + w1 * BigInt(x & 255);
        x = arena[i + 2];
        if (x) sum = sum + w2 * BigInt(x & 255);
        sums[p] = sum;
        i += step;
      }
    }
  }
  return sums;
}

/** Lane i of number j becomes lane j of number i: squares of lanes, exchanged in halves, then in halves of halves. @param count lanes */
function transpose(numbers: bigint[], count: number): bigint[] {
  let side = 1;
  while (side < numbers.length && side < SQUARE) side *= 2;
  const across = ((count + side - 1) / side) | 0, masks: bigint[] = [], shifts: bigint[] = [], result: bigint[] = [];
  for (let s = 1; s < side; s *= 2) {
    masks.push(repeat((1n << BigInt(LANE * s)) - 1n, 2 * LANE * s, (across * side) / (2 * s)));
    shifts.push(BigInt(LANE * s));
  }
  // Filled from the start: where an array has gaps, XS's garbage collection may read beyond its end.
  for (let i = across * side; i > 0; i -= 1) result.push(0n);
  const square = (1n << BigInt(LANE * side)) - 1n, next = BigInt(LANE * side), rows: bigint[] = [];
  for (let begin = 0; begin < numbers.length; begin += side) {
    rows.length = 0;
    for (let i = 0; i < side; i += 1) rows.push(begin + i < numbers.length ? numbers[begin + i] : 0n);
    for (let q = 0, s = 1; s < side; q += 1, s *= 2) {
      const mask = masks[q], shift = shifts[q];
      for (let i = 0; i < side; i += 1) {
        if (i & s) continue;
        const a = rows[i], b = rows[i + s];
        if (b) {
          const t = ((a >> shift) ^ b) & mask;
          rows[i + s] = b ^ t;
          rows[i] = a ^ (t << shift);
        } else if (a) {
          rows[i + s] = (a >> shift) & mask;
          rows[i] = a & mask;
        }
      }
    }
    const up = BigInt(LANE * begin);
    for (let i = 0; i < side; i += 1) {
      let z = rows[i];
      for (let k = i, b = 0; b < across; b += 1, k += side) {
        result[k] = begin ? result[k] | ((z & square) << up) : z & square;
        z = z >> next;
      }
    }
  }
  return result;
}
