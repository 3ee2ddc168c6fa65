import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { ARENA_LIMIT } from '../verify/common';
import { MANY_REGISTERS } from './compiled';
import { convolveBlocks } from './conv2d-blocks';
import { addChunk } from './conv2d-chunk';
import { addNarrowChunk } from './conv2d-narrow';
import { BATCH_WORDS, convolveNarrowBlocks } from './conv2d-narrow-blocks';
import { Conv2d } from './conv2d-record';
import { inFile, int8At, type Checked, type DeviceOperator, dimension, lastDimension } from './operator';
import { Requantization, checkRequantization, requantize } from './requantize';
import { endRow, firstRow, stripAddress } from './share';
import { checkStrip, padStrip, stripScratch } from './strip';
import { CONV_TILE, TILE_SUMS, pointTile } from './tile';
import { checkZeroPoints, isWidth } from './weights';
import { Window, checkWindow, convolutionWork, tapsOf } from './window';

function check(c: Checked): string {
  const { words, at } = c;
  const wrong =
    checkWindow(c, Conv2d.window) ||
    checkRequantization(c, tapsOf(c, Conv2d.window) * lastDimension(c, c.input)) ||
    checkStrip(c, Conv2d.window, words[at + Conv2d.stripRows], convolutionWork(c, Conv2d.window));
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
  return checkZeroPoints(c, Conv2d.zeroPoints) || checkFilling(c, taps, chunks);
}

/** The weights that fill up each output's last chunk are worth nothing: not every kernel multiplies them. */
function checkFilling(c: Checked, taps: number, chunks: number): string {
  const { words, at } = c,
    bits = words[at + Conv2d.bits],
    zeroPoints = words[at + Conv2d.zeroPoints],
    outputs = dimension(c, c.output, 3);
  for (let o = 0; o < outputs && (taps & 7) !== 0; o++) {
    const group = o - (o & (CONV_TILE.outputs - 1)),
      n = Math.min(outputs - group, CONV_TILE.outputs),
      chunk = words[at + Conv2d.weights] + (group * chunks + (chunks - 1) * n + (o - group)) * bits,
      nothing = zeroPoints === 0 ? 0 : int8At(words, zeroPoints + o);
    for (let k = taps & 7; k < CONV_TILE.taps; k++) {
      const bit = k * bits,
        stored = int8At(words, chunk + (bit >> 3)) << (32 - bits - (bit & 7));
      if (stored >> (32 - bits) !== nothing) return `a weight that fills up its output channel ${o} is not 0`;
    }
  }
  return '';
}

/**
 * 2-D convolution, int8, any window: the sum of (x - inputZeroPoint) * w over all taps, requantized per
 * channel.
 *
 * Eight output pixels are computed at once, for up to 32 output channels, whose sums live in a plain array;
 * taps are taken by eight.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, part } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const rows = words[output + Tensor.shape + 1],
    width = words[output + Tensor.shape + 2];
  const stripRows = words[at + Conv2d.stripRows],
    first = firstRow(part, rows),
    end = endRow(part, rows);
  if (stripRows === 0) {
    const pitch = words[input + Tensor.shape + 2] * words[input + Tensor.shape + 3],
      source = words[input + Tensor.address] + first * words[at + Conv2d.window + Window.strideY] * pitch;
    convolveRows(model, at, source, pitch, first * width, (end - first) * width);
    return;
  }
  for (let y = first; y < end; y += stripRows) {
    const n = y + stripRows < end ? stripRows : end - y;
    const pitch = padStrip(model, at, Conv2d.window, y, n);
    convolveRows(model, at, stripAddress(words, part, at), pitch, y * width, n * width);
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
  if (MANY_REGISTERS) {
    if (model.words[at + Conv2d.bits] === 8) convolveBlocks(model, at, source, pitch, first, count);
    else convolveNarrowBlocks(model, at, source, pitch, first, count);
    return;
  }
  const { words, bytes, sums, pointers, taps } = model;
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
    if (zeroPoints) for (let i = 0; i < CONV_TILE.pixels; i++) sums[TILE_SUMS + i] = 0;

    for (let group = 0, next = weights; group < outputs; group += CONV_TILE.outputs) {
      const end = (outputs - group < CONV_TILE.outputs ? outputs - group : CONV_TILE.outputs) * 8;
      for (let j = 0, b = bias + group; j < end; b += 1) {
        const v = words[b];
        for (let i = 0; i < 8; i++, j++) sums[j] = v;
      }
      const totals = zeroPoints > 0 && group === 0;
      for (let tap = 0, offset = 0, c = 0, kx = 0; tap < tapCount;) {
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
        if (bits === 8) {
          addChunk(model, next, end, totals);
          next += end >> 2;
        } else {
          addNarrowChunk(model, bits, next, end, totals);
          next += end >> 3;
        }
      }
      if (zeroPoints) {
        for (let j = 0, z = zeroPoints + group; j < end; j += 8, z++) {
          const v = bytes[z];
          if (v === 0) continue;
          for (let i = 0; i < 8; i++) sums[j + i] -= v * sums[TILE_SUMS + i];
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
  rows: (c: Checked) => dimension(c, c.output, 1),
  // Behind the sums, those of each pixel's inputs, which zero points of weights are multiplied by.
  sums: (c: Checked) => (c.words[c.at + Conv2d.zeroPoints] === 0 ? TILE_SUMS : TILE_SUMS + CONV_TILE.pixels),
  taps: (c: Checked) => (c.words[c.at + Conv2d.bits] === 8 ? 0 : BATCH_WORDS),
  run,
});
