/**
 * Convolution of weights of 4 or 2 bits where there are registers for twelve sums: eight pixels of three
 * outputs at a time, two pixels in one register as in conv2d-narrow.ts.
 *
 * q = x0 + x1 * 2^16, and q * w adds to the sums of both, which so share a word until they are taken apart:
 * after batches of 32 taps for 4 bits, of 64 for 2. x * w lies in [-127 * 8, 128 * 8] for 4 bits, a sum over 32
 * taps in [-32512, 32768], and with 1 less in what 16 bits hold. So all begin with one less, in both halves,
 * and partial sums and the whole word stay within 32 bits. For 2 bits, a fourth as much a tap, there is room to
 * spare.
 */
import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { Conv2d } from './conv2d-record';
import { Requantization, requantize } from './requantize';
import { CONV_TILE, TILE_SUMS, pointTile } from './tile';
import { Window } from './window';

/** Taps whose sums are kept two in a word, for weights of 4 and of 2 bits. */
const BATCH_4 = 32;
const BATCH_2 = 64;

/** One less in both halves of a word. */
const LESS = -65537;

/** Words of model.taps that compiled kernels need: four of pixels for each tap of a batch. */
export const BATCH_WORDS = BATCH_2 * 4;

/** As convolveRows of conv2d.ts, for weights of 4 and 2 bits. */
export function convolveNarrowBlocks(
  model: Model,
  at: number,
  source: number,
  pitch: number,
  first: number,
  count: number,
): void {
  const { words, bytes, arena, sums, pointers, taps } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    outputs = words[output + Tensor.shape + 3],
    width = words[output + Tensor.shape + 2],
    address = words[output + Tensor.address];
  const w = at + Conv2d.window,
    kernelX = words[w + Window.kernelX],
    step = words[w + Window.strideX] * channels,
    rowStep = words[w + Window.strideY] * pitch;
  const nextX = (words[w + Window.dilationX] - 1) * channels,
    nextY = words[w + Window.dilationY] * pitch - kernelX * words[w + Window.dilationX] * channels;
  const tapCount = words[w + Window.kernelY] * kernelX * channels,
    bits = words[at + Conv2d.bits],
    batch = bits === 4 ? BATCH_4 * 4 : BATCH_2 * 4,
    batches = ((tapCount * 4 + batch - 1) / batch) | 0; // each begins with one less
  const bias = words[at + Requantization.bias] >> 2,
    zeroPoints = words[at + Conv2d.zeroPoints];
  for (let done = 0; done < count; done += CONV_TILE.pixels) {
    const pixels = count - done < CONV_TILE.pixels ? count - done : CONV_TILE.pixels;
    pointTile(pointers, source, done, count, width, step, rowStep);
    if (zeroPoints) for (let i = 0; i < CONV_TILE.pixels; i++) sums[TILE_SUMS + i] = 0;
    for (
      let group = 0, next = words[at + Conv2d.weights] >> (bits === 4 ? 2 : 1);
      group < outputs;
      group += CONV_TILE.outputs
    ) {
      const n = outputs - group < CONV_TILE.outputs ? outputs - group : CONV_TILE.outputs;
      for (let o = 0, j = 0; o < n; o++) {
        const v = words[bias + group + o] + batches;
        for (let i = 0; i < 8; i++, j++) sums[j] = v;
      }
      for (let tap = 0, offset = 0, c = 0, kx = 0; tap < tapCount;) {
        let filled = 0;
        for (; filled < batch && tap < tapCount; filled += 32) {
          if ((channels & 7) === 0) {
            for (let i = 0; i < 4; i++) {
              const p = pointers[2 * i] + offset,
                q = pointers[2 * i + 1] + offset,
                k = filled + i;
              // @unroll
              for (let j = 0; j < 8; j++) taps[k + 4 * j] = arena[p + j] + arena[q + j] * 65536;
            }
            tap += 8;
            offset += 8;
            c += 8;
            if (c === channels) {
              c = 0;
              offset += nextX;
              kx += 1;
              if (kx === kernelX) {
                kx = 0;
                offset += nextY;
              }
            }
          } else {
            // Taps that fill up the last chunk have weight zero and read the last tap again.
            for (let k = filled, end = filled + 32; k < end;) {
              for (let i = 0; i < 8; i += 2, k++)
                taps[k] = arena[pointers[i] + offset] + arena[pointers[i + 1] + offset] * 65536;
              tap += 1;
              if (tap < tapCount) {
                offset += 1;
                c += 1;
                if (c === channels) {
                  c = 0;
                  offset += nextX;
                  kx += 1;
                  if (kx === kernelX) {
                    kx = 0;
                    offset += nextY;
                  }
                }
              }
            }
          }
        }
        if (zeroPoints > 0 && group === 0) {
          for (let i = 0; i < 4; i++) {
            let s = 0;
            for (let k = i; k < filled; k += 4) s += taps[k];
            sums[TILE_SUMS + 2 * i] += (s << 16) >> 16;
            sums[TILE_SUMS + 2 * i + 1] += (s + 32768) >> 16;
          }
        }
        let o = 0;
        for (; o + 3 <= n; o += 3) sumThree(model, bits, next + o, n, filled, o * 8);
        for (; o < n; o++) sumOne(model, bits, next + o, n, filled, o * 8);
        next += (filled >> 5) * n;
      }
      if (zeroPoints) {
        for (let o = 0; o < n; o++) {
          const v = bytes[zeroPoints + group + o];
          if (v) for (let i = 0; i < 8; i++) sums[o * 8 + i] -= v * sums[TILE_SUMS + i];
        }
      }
      requantize(model, at, group, n, pixels, 8, address + (first + done) * outputs + group, 0);
    }
  }
}

/**
 * Adds to the sums of three outputs of eight pixels, in model.sums from `to` on, the batch of inputs in
 * model.taps. Weights leave their words from above, the last tap first.
 * @param next of the first output's first weights: its word for 4 bits, its half word for 2
 * @param stride from one chunk of weights to the next
 * @param filled words of the batch
 */
// prettier-ignore
function sumThree(model: Model, bits: number, next: number, stride: number, filled: number, to: number): void {
  const { words, sums, taps } = model;
  const up = 32 - bits;
  let a0 = LESS, a1 = LESS, a2 = LESS, a3 = LESS, b0 = LESS, b1 = LESS, b2 = LESS, b3 = LESS;
  let c0 = LESS, c1 = LESS, c2 = LESS, c3 = LESS;
  for (let k = 0, i = next; k < filled; k += 32, i += stride) {
    let u: number, v: number, w: number;
    if (bits === 4) u = words[i], v = words[i + 1], w = words[i + 2];
    else u = upperHalf(model, i), v = upperHalf(model, i + 1), w = upperHalf(model, i + 2);
    // @unroll
    for (let j = 28; j >= 0; j -= 4) {
      const x0 = taps[k + j], x1 = taps[k + j + 1], x2 = taps[k + j + 2], x3 = taps[k + j + 3];
      let q = u >> up;
      u <<= bits;
      a0 += x0 * q, a1 += x1 * q, a2 += x2 * q, a3 += x3 * q;
      q = v >> up;
      v <<= bits;
      b0 += x0 * q, b1 += x1 * q, b2 += x2 * q, b3 += x3 * q;
      q = w >> up;
      w <<= bits;
      c0 += x0 * q, c1 += x1 * q, c2 += x2 * q, c3 += x3 * q;
    }
  }
  sums[to] += (a0 << 16) >> 16, sums[to + 1] += (a0 + 32768) >> 16;
  sums[to + 2] += (a1 << 16) >> 16, sums[to + 3] += (a1 + 32768) >> 16;
  sums[to + 4] += (a2 << 16) >> 16, sums[to + 5] += (a2 + 32768) >> 16;
  sums[to + 6] += (a3 << 16) >> 16, sums[to + 7] += (a3 + 32768) >> 16;
  sums[to + 8] += (b0 << 16) >> 16, sums[to + 9] += (b0 + 32768) >> 16;
  sums[to + 10] += (b1 << 16) >> 16, sums[to + 11] += (b1 + 32768) >> 16;
  sums[to + 12] += (b2 << 16) >> 16, sums[to + 13] += (b2 + 32768) >> 16;
  sums[to + 14] += (b3 << 16) >> 16, sums[to + 15] += (b3 + 32768) >> 16;
  sums[to + 16] += (c0 << 16) >> 16, sums[to + 17] += (c0 + 32768) >> 16;
  sums[to + 18] += (c1 << 16) >> 16, sums[to + 19] += (c1 + 32768) >> 16;
  sums[to + 20] += (c2 << 16) >> 16, sums[to + 21] += (c2 + 32768) >> 16;
  sums[to + 22] += (c3 << 16) >> 16, sums[to + 23] += (c3 + 32768) >> 16;
}

/** The same for one output: one or two of a group are left over. */
// prettier-ignore
function sumOne(model: Model, bits: number, next: number, stride: number, filled: number, to: number): void {
  const { words, sums, taps } = model;
  const up = 32 - bits;
  let a0 = LESS, a1 = LESS, a2 = LESS, a3 = LESS;
  for (let k = 0, i = next; k < filled; k += 32, i += stride) {
    let u = bits === 4 ? words[i] : upperHalf(model, i);
    for (let j = 28; j >= 0; j -= 4) {
      const q = u >> up;
      u <<= bits;
      a0 += taps[k + j] * q, a1 += taps[k + j + 1] * q, a2 += taps[k + j + 2] * q, a3 += taps[k + j + 3] * q;
    }
  }
  sums[to] += (a0 << 16) >> 16, sums[to + 1] += (a0 + 32768) >> 16;
  sums[to + 2] += (a1 << 16) >> 16, sums[to + 3] += (a1 + 32768) >> 16;
  sums[to + 4] += (a2 << 16) >> 16, sums[to + 5] += (a2 + 32768) >> 16;
  sums[to + 6] += (a3 << 16) >> 16, sums[to + 7] += (a3 + 32768) >> 16;
}

/** Half word i of the file in the upper half of a word; something else may be in the lower. */
function upperHalf(model: Model, i: number): number {
  return model.words[i >> 1] << ((~i & 1) << 4);
}
