import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { ARENA_LIMIT } from '../verify/common';
import { inFile, type Checked, type DeviceOperator, dimension, lastDimension } from './operator';
import { Requantization, checkRequantization, requantize } from './requantize';
import { checkStrip, padStrip, stripScratch } from './strip';
import { CONV_TILE, TILE_SUMS, pointTile } from './tile';
import { checkZeroPoints, isWidth } from './weights';
import { Window, checkWindow, convolutionWork, tapsOf } from './window';

/** Taps are numbered (ky, kx, input channel), the channel fastest. */
export const enum Conv2d {
  window = Requantization.words,
  weights = window + Window.words, // offset; see CONV_TILE
  bits, // of a weight: 8, 4 or 2; narrow ones lie side by side, the first in the lowest bits
  // offset of int8 per output channel: its weights are what is stored minus this; 0: they are what is stored
  zeroPoints,
  stripRows, // output rows computed from one padded strip of the input in scratch; 0: no padding, no strip
  words,
}

function check(c: Checked): string {
  const { words, at } = c;
  const wrong =
    checkWindow(c, Conv2d.window) ||
    checkRequantization(c, tapsOf(c, Conv2d.window) * lastDimension(c, c.input)) ||
    checkStrip(c, Conv2d.window, words[at + Conv2d.stripRows]);
  if (wrong) return wrong;
  const bits = words[at + Conv2d.bits];
  if (!isWidth(bits)) return `it has weights of ${bits} bits`;
  // What a window sees lies in the input, or in the strip: no more than an arena. It is divided below, which
  // a product beyond int32 must not be.
  const taps = tapsOf(c, Conv2d.window) * lastDimension(c, c.input);
  if (taps > ARENA_LIMIT) return 'its window sees more values than an arena can hold';
  const chunks = ((taps + CONV_TILE.taps - 1) / CONV_TILE.taps) | 0;
  // Eight weights have as many bytes as one has bits.
  if (!inFile(c, Conv2d.weights, chunks * dimension(c, c.output, 3) * bits))
    return 'its weights lie outside the file';
  return checkZeroPoints(c, Conv2d.zeroPoints);
}

/**
 * 2-D convolution, int8, any window: the sum of (x - inputZeroPoint) * w over all taps, requantized per
 * channel.
 *
 * Eight output pixels are computed at once: the inputs under eight taps of each (64 values) are loaded into
 * locals and used for up to 32 output channels, whose sums live in a plain array. A weight word holds four
 * int8, or more narrower ones. That way a multiply-add costs an eighth of a typed-array read, which is what
 * XS is slow at.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const rows = words[output + Tensor.shape + 1],
    width = words[output + Tensor.shape + 2];
  const stripRows = words[at + Conv2d.stripRows];
  if (stripRows === 0) {
    const pitch = words[input + Tensor.shape + 2] * words[input + Tensor.shape + 3];
    convolveRows(model, at, words[input + Tensor.address], pitch, 0, rows * width);
    return;
  }
  for (let y = 0; y < rows; y += stripRows) {
    const n = y + stripRows < rows ? stripRows : rows - y;
    const pitch = padStrip(model, at, Conv2d.window, y, n);
    convolveRows(model, at, words[at + Operator.scratch], pitch, y * width, n * width);
  }
}

/**
 * Output pixels first to first + count - 1, in reading order.
 * @param source address of the padded input rows under them
 * @param pitch bytes from one of those rows to the next
 */
function convolveRows(
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
    outputs = words[output + Tensor.shape + 3];
  const width = words[output + Tensor.shape + 2],
    address = words[output + Tensor.address];
  const w = at + Conv2d.window,
    kernelX = words[w + Window.kernelX];
  const tapCount = words[w + Window.kernelY] * kernelX * channels;
  const step = words[w + Window.strideX] * channels,
    rowStep = words[w + Window.strideY] * pitch;
  const nextX = (words[w + Window.dilationX] - 1) * channels;
  const nextY = words[w + Window.dilationY] * pitch - kernelX * words[w + Window.dilationX] * channels;
  const bits = words[at + Conv2d.bits],
    weights = bits === 2 ? words[at + Conv2d.weights] >> 1 : words[at + Conv2d.weights] >> 2;
  const bias = words[at + Requantization.bias] >> 2,
    zeroPoints = words[at + Conv2d.zeroPoints];

  for (let done = 0; done < count; done += CONV_TILE.pixels) {
    const pixels = count - done < CONV_TILE.pixels ? count - done : CONV_TILE.pixels;
    pointTile(pointers, source, done, count, width, step, rowStep);
    const p0 = pointers[0],
      p1 = pointers[1],
      p2 = pointers[2],
      p3 = pointers[3];
    const p4 = pointers[4],
      p5 = pointers[5],
      p6 = pointers[6],
      p7 = pointers[7];
    // Sums of each pixel's inputs, which zero points of weights are multiplied by.
    // prettier-ignore
    let t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0, t6 = 0, t7 = 0;

    for (let group = 0, next = weights; group < outputs; group += CONV_TILE.outputs) {
      const end = (outputs - group < CONV_TILE.outputs ? outputs - group : CONV_TILE.outputs) * 8;
      for (let j = 0, b = bias + group; j < end; b += 1) {
        const v = words[b];
        for (let i = 0; i < 8; i++, j++) sums[j] = v;
      }
      // prettier-ignore
      for (let tap = 0, offset = 0, c = 0, kx = 0; tap < tapCount; ) {
        // Offsets of eight taps; those that fill up the last chunk have weight zero and read the last tap
        // again.
        for (let i = 0; i < CONV_TILE.taps; i++) {
          taps[i] = offset;
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
        const ta = taps[0], tb = taps[1], tc = taps[2], td = taps[3];
        const te = taps[4], tf = taps[5], tg = taps[6], th = taps[7];
        const x0a = arena[p0 + ta], x0b = arena[p0 + tb], x0c = arena[p0 + tc], x0d = arena[p0 + td],
          x0e = arena[p0 + te], x0f = arena[p0 + tf], x0g = arena[p0 + tg], x0h = arena[p0 + th];
        const x1a = arena[p1 + ta], x1b = arena[p1 + tb], x1c = arena[p1 + tc], x1d = arena[p1 + td],
          x1e = arena[p1 + te], x1f = arena[p1 + tf], x1g = arena[p1 + tg], x1h = arena[p1 + th];
        const x2a = arena[p2 + ta], x2b = arena[p2 + tb], x2c = arena[p2 + tc], x2d = arena[p2 + td],
          x2e = arena[p2 + te], x2f = arena[p2 + tf], x2g = arena[p2 + tg], x2h = arena[p2 + th];
        const x3a = arena[p3 + ta], x3b = arena[p3 + tb], x3c = arena[p3 + tc], x3d = arena[p3 + td],
          x3e = arena[p3 + te], x3f = arena[p3 + tf], x3g = arena[p3 + tg], x3h = arena[p3 + th];
        const x4a = arena[p4 + ta], x4b = arena[p4 + tb], x4c = arena[p4 + tc], x4d = arena[p4 + td],
          x4e = arena[p4 + te], x4f = arena[p4 + tf], x4g = arena[p4 + tg], x4h = arena[p4 + th];
        const x5a = arena[p5 + ta], x5b = arena[p5 + tb], x5c = arena[p5 + tc], x5d = arena[p5 + td],
          x5e = arena[p5 + te], x5f = arena[p5 + tf], x5g = arena[p5 + tg], x5h = arena[p5 + th];
        const x6a = arena[p6 + ta], x6b = arena[p6 + tb], x6c = arena[p6 + tc], x6d = arena[p6 + td],
          x6e = arena[p6 + te], x6f = arena[p6 + tf], x6g = arena[p6 + tg], x6h = arena[p6 + th];
        const x7a = arena[p7 + ta], x7b = arena[p7 + tb], x7c = arena[p7 + tc], x7d = arena[p7 + td],
          x7e = arena[p7 + te], x7f = arena[p7 + tf], x7g = arena[p7 + tg], x7h = arena[p7 + th];
        if (zeroPoints && group === 0) {
          t0 += x0a + x0b + x0c + x0d + x0e + x0f + x0g + x0h;
          t1 += x1a + x1b + x1c + x1d + x1e + x1f + x1g + x1h;
          t2 += x2a + x2b + x2c + x2d + x2e + x2f + x2g + x2h;
          t3 += x3a + x3b + x3c + x3d + x3e + x3f + x3g + x3h;
          t4 += x4a + x4b + x4c + x4d + x4e + x4f + x4g + x4h;
          t5 += x5a + x5b + x5c + x5d + x5e + x5f + x5g + x5h;
          t6 += x6a + x6b + x6c + x6d + x6e + x6f + x6g + x6h;
          t7 += x7a + x7b + x7c + x7d + x7e + x7f + x7g + x7h;
        }
        for (let j = 0; j < end; j += 8) {
          let a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number;
          if (bits === 8) {
            const v = words[next], u = words[next + 1];
            next += 2;
            a = (v << 24) >> 24, b = (v << 16) >> 24, c = (v << 8) >> 24, d = v >> 24;
            e = (u << 24) >> 24, f = (u << 16) >> 24, g = (u << 8) >> 24, h = u >> 24;
          } else if (bits === 4) {
            const v = words[next];
            next += 1;
            a = (v << 28) >> 28, b = (v << 24) >> 28, c = (v << 20) >> 28, d = (v << 16) >> 28;
            e = (v << 12) >> 28, f = (v << 8) >> 28, g = (v << 4) >> 28, h = v >> 28;
          } else {
            const v = words[next >> 1] >> ((next & 1) << 4); // next counts half words
            next += 1;
            a = (v << 30) >> 30, b = (v << 28) >> 30, c = (v << 26) >> 30, d = (v << 24) >> 30;
            e = (v << 22) >> 30, f = (v << 20) >> 30, g = (v << 18) >> 30, h = (v << 16) >> 30;
          }
          sums[j] += x0a * a + x0b * b + x0c * c + x0d * d + x0e * e + x0f * f + x0g * g + x0h * h;
          sums[j + 1] += x1a * a + x1b * b + x1c * c + x1d * d + x1e * e + x1f * f + x1g * g + x1h * h;
          sums[j + 2] += x2a * a + x2b * b + x2c * c + x2d * d + x2e * e + x2f * f + x2g * g + x2h * h;
          sums[j + 3] += x3a * a + x3b * b + x3c * c + x3d * d + x3e * e + x3f * f + x3g * g + x3h * h;
          sums[j + 4] += x4a * a + x4b * b + x4c * c + x4d * d + x4e * e + x4f * f + x4g * g + x4h * h;
          sums[j + 5] += x5a * a + x5b * b + x5c * c + x5d * d + x5e * e + x5f * f + x5g * g + x5h * h;
          sums[j + 6] += x6a * a + x6b * b + x6c * c + x6d * d + x6e * e + x6f * f + x6g * g + x6h * h;
          sums[j + 7] += x7a * a + x7b * b + x7c * c + x7d * d + x7e * e + x7f * f + x7g * g + x7h * h;
        }
      }
      if (zeroPoints) {
        for (let j = 0, z = zeroPoints + group; j < end; j += 8, z++) {
          const v = bytes[z];
          if (v === 0) continue;
          sums[j] -= v * t0;
          sums[j + 1] -= v * t1;
          sums[j + 2] -= v * t2;
          sums[j + 3] -= v * t3;
          sums[j + 4] -= v * t4;
          sums[j + 5] -= v * t5;
          sums[j + 6] -= v * t6;
          sums[j + 7] -= v * t7;
        }
      }
      requantize(model, at, group, end >> 3, pixels, 8, address + (first + done) * outputs + group, 0);
    }
  }
}

export const conv2d: DeviceOperator = Object.freeze({
  name: 'conv2d',
  words: Conv2d.words,
  operands: 1,
  check,
  work: (c: Checked) => convolutionWork(c, Conv2d.window),
  scratch: (c: Checked) => stripScratch(c, Conv2d.window, c.words[c.at + Conv2d.stripRows]),
  sums: () => TILE_SUMS,
  run,
});
