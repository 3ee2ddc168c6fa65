/**
 * Convolution of 8-bit weights where there are registers for sixteen sums: two pixels of eight outputs at a
 * time, so that nothing but inputs and weights is in memory. (Four by four would read less, but need more
 * registers than there are.)
 * Interpreted, and on processors of sixteen registers, the tiles of conv2d.ts are faster.
 */
import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { Conv2d } from './conv2d-record';
import { Requantization, requantize } from './requantize';
import { CONV_TILE, pointTile } from './tile';
import { Window } from './window';

/** As convolveRows of conv2d.ts, for weights of 8 bits. */
export function convolveBlocks(
  model: Model,
  at: number,
  source: number,
  pitch: number,
  first: number,
  count: number,
): void {
  const { words, bytes, sums, pointers } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    outputs = words[output + Tensor.shape + 3],
    width = words[output + Tensor.shape + 2],
    address = words[output + Tensor.address];
  const w = at + Conv2d.window,
    step = words[w + Window.strideX] * channels,
    rowStep = words[w + Window.strideY] * pitch,
    chunks = (words[w + Window.kernelY] * words[w + Window.kernelX] * channels + 7) >> 3;
  const zeroPoints = words[at + Conv2d.zeroPoints];
  for (let done = 0; done < count; done += CONV_TILE.pixels) {
    const pixels = count - done < CONV_TILE.pixels ? count - done : CONV_TILE.pixels;
    pointTile(pointers, source, done, count, width, step, rowStep);
    for (let group = 0, next = words[at + Conv2d.weights]; group < outputs; group += CONV_TILE.outputs) {
      const n = outputs - group < CONV_TILE.outputs ? outputs - group : CONV_TILE.outputs;
      if (n < 8 || zeroPoints) {
        for (let o = 0; o < n; o++) {
          const zeroPoint = zeroPoints ? bytes[zeroPoints + group + o] : 0;
          for (let k = 0; k < pixels; k++)
            sums[o * 8 + k] = sumOne(model, at, pitch, next + o * 8, n * 8, group + o, k, zeroPoint);
        }
      } else {
        for (let i = 0; i < n; i += 8) {
          const o = i + 8 > n ? n - 8 : i; // the last block may do again what the one before it has done
          for (let k = 0; k < pixels; k += 2)
            sumBlock(model, at, pitch, next + o * 8, n * 8, group + o, k, o * 8 + k);
        }
      }
      next += n * 8 * chunks;
      requantize(model, at, group, n, pixels, 8, address + (first + done) * outputs + group, 0);
    }
  }
}

/**
 * Sums of outputs o to o + 7 for pixels k and k + 1 of the tile, into model.sums.
 * @param pitch bytes from one row of the padded input to the next
 * @param weights address of the first output's first weight
 * @param stride bytes from one chunk of weights to the next
 * @param to where the first sum goes
 * @noinline
 */
function sumBlock(
  model: Model,
  at: number,
  pitch: number,
  weights: number,
  stride: number,
  o: number,
  k: number,
  to: number,
): void {
  const { words, bytes, arena, sums, pointers } = model;
  const window = at + Conv2d.window,
    channels = words[tensorRecord(words, words[at + Operator.input]) + Tensor.shape + 3],
    kernelX = words[window + Window.kernelX],
    dilationX = words[window + Window.dilationX];
  // Taps of a row that lie side by side make a run.
  const run = dilationX === 1 ? kernelX * channels : channels,
    runs = dilationX === 1 ? 1 : kernelX,
    next = dilationX * channels,
    down = words[window + Window.dilationY] * pitch - runs * next;
  const i = (words[at + Requantization.bias] >> 2) + o;
  // prettier-ignore
  let a0 = words[i], b0 = words[i + 1], c0 = words[i + 2], d0 = words[i + 3],
    e0 = words[i + 4], f0 = words[i + 5], g0 = words[i + 6], h0 = words[i + 7];
  // prettier-ignore
  let a1 = a0, b1 = b0, c1 = c0, d1 = d0, e1 = e0, f1 = f0, g1 = g0, h1 = h0;
  let p = pointers[k],
    q = pointers[k + 1],
    v = weights,
    left = 8;
  // prettier-ignore
  for (let ky = words[window + Window.kernelY]; ky > 0; ky--) {
    for (let r = runs; r > 0; r--) {
      if ((run & 7) === 0) {
        for (let t = 0; t < run; t += 8, v += stride) {
          // @unroll
          for (let j = 0; j < 8; j++) {
            const x = arena[p + t + j], y = arena[q + t + j];
            let w = bytes[v + j];
            a0 += x * w, a1 += y * w;
            w = bytes[v + j + 8];
            b0 += x * w, b1 += y * w;
            w = bytes[v + j + 16];
            c0 += x * w, c1 += y * w;
            w = bytes[v + j + 24];
            d0 += x * w, d1 += y * w;
            w = bytes[v + j + 32];
            e0 += x * w, e1 += y * w;
            w = bytes[v + j + 40];
            f0 += x * w, f1 += y * w;
            w = bytes[v + j + 48];
            g0 += x * w, g1 += y * w;
            w = bytes[v + j + 56];
            h0 += x * w, h1 += y * w;
          }
        }
      } else {
        for (let t = 0; t < run; t++) {
          const x = arena[p + t], y = arena[q + t];
          let w = bytes[v];
          a0 += x * w, a1 += y * w;
          w = bytes[v + 8];
          b0 += x * w, b1 += y * w;
          w = bytes[v + 16];
          c0 += x * w, c1 += y * w;
          w = bytes[v + 24];
          d0 += x * w, d1 += y * w;
          w = bytes[v + 32];
          e0 += x * w, e1 += y * w;
          w = bytes[v + 40];
          f0 += x * w, f1 += y * w;
          w = bytes[v + 48];
          g0 += x * w, g1 += y * w;
          w = bytes[v + 56];
          h0 += x * w, h1 += y * w;
          v += 1;
          left -= 1;
          if (left === 0) {
            left = 8;
            v += stride - 8;
          }
        }
      }
      p += next;
      q += next;
    }
    p += down;
    q += down;
  }
  // prettier-ignore
  sums[to] = a0, sums[to + 8] = b0, sums[to + 16] = c0, sums[to + 24] = d0,
    sums[to + 32] = e0, sums[to + 40] = f0, sums[to + 48] = g0, sums[to + 56] = h0;
  // prettier-ignore
  sums[to + 1] = a1, sums[to + 9] = b1, sums[to + 17] = c1, sums[to + 25] = d1,
    sums[to + 33] = e1, sums[to + 41] = f1, sums[to + 49] = g1, sums[to + 57] = h1;
}

/** The sum of one output for one pixel: for few outputs, and for weights that all have a zero point. */
function sumOne(
  model: Model,
  at: number,
  pitch: number,
  weights: number,
  stride: number,
  o: number,
  k: number,
  zeroPoint: number,
): number {
  const { words, bytes, arena, pointers } = model;
  const window = at + Conv2d.window,
    channels = words[tensorRecord(words, words[at + Operator.input]) + Tensor.shape + 3],
    kernelX = words[window + Window.kernelX],
    next = words[window + Window.dilationX] * channels,
    down = words[window + Window.dilationY] * pitch - kernelX * next;
  let sum = words[(words[at + Requantization.bias] >> 2) + o],
    p = pointers[k],
    v = weights,
    left = 8;
  for (let ky = words[window + Window.kernelY]; ky > 0; ky--) {
    for (let kx = kernelX; kx > 0; kx--) {
      for (let t = p; t < p + channels; t++) {
        sum += arena[t] * (bytes[v] - zeroPoint);
        v += 1;
        left -= 1;
        if (left === 0) {
          left = 8;
          v += stride - 8;
        }
      }
      p += next;
    }
    p += down;
  }
  return sum;
}
