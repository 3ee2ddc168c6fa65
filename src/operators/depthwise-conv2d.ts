import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, dimension, inFile, type Checked, type DeviceOperator } from './operator';
import { Requantization, checkRequantization, requantize } from './requantize';
import { endRow, firstRow, stripAddress } from './share';
import { checkStrip, padStrip, stripScratch } from './strip';
import { Window, checkWindow, tapsOf } from './window';

export const enum DepthwiseConv2d {
  window = Requantization.words,
  weights = window + Window.words, // offset, int8: [output channel][ky][kx]
  multiplier, // output channels per input channel
  stripRows, // as in Conv2d
  words,
}

/** Multiply-adds. */
const depthwiseWork = (c: Checked): number => bytes(c, c.output) * tapsOf(c, DepthwiseConv2d.window);

function check(c: Checked): string {
  const { words, at } = c;
  const wrong =
    checkWindow(c, DepthwiseConv2d.window) ||
    checkRequantization(c, tapsOf(c, DepthwiseConv2d.window)) ||
    checkStrip(c, DepthwiseConv2d.window, words[at + DepthwiseConv2d.stripRows], depthwiseWork(c));
  if (wrong) return wrong;
  const multiplier = words[at + DepthwiseConv2d.multiplier],
    outputs = dimension(c, c.output, 3);
  if (multiplier < 1 || dimension(c, c.input, 3) * multiplier !== outputs)
    return 'its input and output channels do not belong together';
  return inFile(c, DepthwiseConv2d.weights, tapsOf(c, DepthwiseConv2d.window) * outputs)
    ? ''
    : 'its weights lie outside the file';
}

/** Output pixels summed before they are requantized: what model.sums holds. */
const SEGMENT = 256;

/**
 * Depthwise convolution, int8, any window: output channel c * multiplier + m is input channel c under its own
 * weights. 3x3 windows without dilation keep the nine weights and the sliding columns in locals.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, part } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const rows = words[output + Tensor.shape + 1],
    stripRows = words[at + DepthwiseConv2d.stripRows],
    first = firstRow(part, rows),
    end = endRow(part, rows);
  let source = words[input + Tensor.address],
    pitch = words[input + Tensor.shape + 2] * words[input + Tensor.shape + 3];
  source += first * words[at + DepthwiseConv2d.window + Window.strideY] * pitch;
  for (let y = first; y < end; y += stripRows || rows) {
    const n = stripRows === 0 ? end - first : y + stripRows < end ? stripRows : end - y;
    if (stripRows) {
      pitch = padStrip(model, at, DepthwiseConv2d.window, y, n);
      source = stripAddress(words, part, at);
    }
    convolveRows(model, at, source, pitch, y, n);
  }
}

/**
 * Output rows y to y + n - 1: 3x3 windows in blocks of as many sums as there is room for.
 * @param source address of the padded input rows under them
 * @param pitch bytes from one of those rows to the next
 */
function convolveRows(model: Model, at: number, source: number, pitch: number, y: number, n: number): void {
  const { words } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const width = words[output + Tensor.shape + 2],
    w = at + DepthwiseConv2d.window,
    down = words[w + Window.strideY] * pitch,
    step = words[w + Window.strideX] * words[input + Tensor.shape + 3];
  const three =
    words[w + Window.kernelY] === 3 &&
    words[w + Window.kernelX] === 3 &&
    words[w + Window.dilationY] === 1 &&
    words[w + Window.dilationX] === 1;
  const fit = width < SEGMENT ? (SEGMENT / width) | 0 : 1;
  for (let i = 0; i < n;) {
    if (three) {
      const rows = n - i < fit ? n - i : fit;
      for (let x = 0; x < width; x += SEGMENT) {
        const count = width - x < SEGMENT ? width - x : SEGMENT;
        convolve3x3(model, at, source + i * down + x * step, pitch, (y + i) * width + x, rows, count);
      }
      i += rows;
    } else {
      convolveRow(model, at, source + i * down, pitch, y + i);
      i += 1;
    }
  }
}

/**
 * Output pixels `first` and on, `rows` rows of `count`, of a 3x3 window. Inputs are read once, column by
 * column, and added to all outputs they belong to: with stride 1 a column of four serves two rows of three
 * outputs, with stride 2 one of three serves up to two outputs. The sums of outputs that still lack columns
 * stay in locals.
 */
function convolve3x3(
  model: Model,
  at: number,
  source: number,
  pitch: number,
  first: number,
  rows: number,
  count: number,
): void {
  const { words, bytes, arena, sums } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    outputs = words[output + Tensor.shape + 3],
    multiplier = words[at + DepthwiseConv2d.multiplier];
  const address = words[output + Tensor.address] + first * outputs,
    bias = words[at + Requantization.bias] >> 2;
  const strideX = words[at + DepthwiseConv2d.window + Window.strideX],
    down = words[at + DepthwiseConv2d.window + Window.strideY] * pitch,
    step = strideX * channels;
  const pairs = strideX === 1 && down === pitch ? rows >> 1 : 0,
    pitch2 = pitch * 2,
    pitch3 = pitch * 3;
  for (let o = 0, channel = 0, m = 0, k = words[at + DepthwiseConv2d.weights]; o < outputs; o++, k += 9) {
    const w0 = bytes[k],
      w1 = bytes[k + 1],
      w2 = bytes[k + 2],
      w3 = bytes[k + 3],
      w4 = bytes[k + 4];
    const w5 = bytes[k + 5],
      w6 = bytes[k + 6],
      w7 = bytes[k + 7],
      w8 = bytes[k + 8],
      v = words[bias + o];
    let j = 0,
      row = source + channel;
    // prettier-ignore
    for (let i = 0; i < pairs; i++) {
      let p = row, a = arena[p], b = arena[p + pitch], c = arena[p + pitch2], d = arena[p + pitch3];
      let s1 = v + a * w0 + b * w3 + c * w6,
        t1 = v + b * w0 + c * w3 + d * w6;
      p += channels;
      a = arena[p], b = arena[p + pitch], c = arena[p + pitch2], d = arena[p + pitch3];
      let s0 = s1 + a * w1 + b * w4 + c * w7,
        t0 = t1 + b * w1 + c * w4 + d * w7;
      s1 = v + a * w0 + b * w3 + c * w6;
      t1 = v + b * w0 + c * w3 + d * w6;
      for (const end = j + count; j < end; j++) {
        p += channels;
        a = arena[p], b = arena[p + pitch], c = arena[p + pitch2], d = arena[p + pitch3];
        sums[j] = s0 + a * w2 + b * w5 + c * w8;
        s0 = s1 + a * w1 + b * w4 + c * w7;
        s1 = v + a * w0 + b * w3 + c * w6;
        sums[j + count] = t0 + b * w2 + c * w5 + d * w8;
        t0 = t1 + b * w1 + c * w4 + d * w7;
        t1 = v + b * w0 + c * w3 + d * w6;
      }
      j += count;
      row += pitch2;
    }
    // prettier-ignore
    for (let i = pairs * 2; i < rows; i++, row += down) {
      const end = j + count;
      let p = row;
      if (strideX === 2) {
        let s = v + arena[p] * w0 + arena[p + pitch] * w3 + arena[p + pitch2] * w6;
        for (; j < end; j++) {
          p += channels;
          s += arena[p] * w1 + arena[p + pitch] * w4 + arena[p + pitch2] * w7;
          p += channels;
          const a = arena[p], b = arena[p + pitch], c = arena[p + pitch2];
          sums[j] = s + a * w2 + b * w5 + c * w8;
          s = v + a * w0 + b * w3 + c * w6;
        }
      }
      for (; j < end; j++, p += step) {
        const q = p + channels, r = q + channels;
        sums[j] =
          v + arena[p] * w0 + arena[q] * w1 + arena[r] * w2 +
          arena[p + pitch] * w3 + arena[q + pitch] * w4 + arena[r + pitch] * w5 +
          arena[p + pitch2] * w6 + arena[q + pitch2] * w7 + arena[r + pitch2] * w8;
      }
    }
    requantize(model, at, o, 1, j, 0, address + o, 0);
    if (++m === multiplier) {
      m = 0;
      channel += 1;
    }
  }
}

/** One output row, any window: eight pixels under each tap. */
function convolveRow(model: Model, at: number, source: number, pitch: number, y: number): void {
  const { words, bytes, arena, sums } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    width = words[output + Tensor.shape + 2];
  const outputs = words[output + Tensor.shape + 3],
    multiplier = words[at + DepthwiseConv2d.multiplier];
  const address = words[output + Tensor.address] + y * width * outputs,
    bias = words[at + Requantization.bias] >> 2;
  const w = at + DepthwiseConv2d.window,
    kernelY = words[w + Window.kernelY],
    kernelX = words[w + Window.kernelX];
  const step = words[w + Window.strideX] * channels,
    tapX = words[w + Window.dilationX] * channels;
  const tapY = words[w + Window.dilationY] * pitch;
  for (
    let o = 0, c = 0, m = 0, k = words[at + DepthwiseConv2d.weights];
    o < outputs;
    o++, k += kernelY * kernelX
  ) {
    for (let x = 0; x < width; x += 8) {
      // Beyond the row's last pixel that pixel is summed again; the result is not stored.
      const count = width - x < 8 ? width - x : 8,
        s = count < 2 ? 0 : step;
      const s2 = count < 3 ? s : s + step,
        s3 = count < 4 ? s2 : s2 + step,
        s4 = count < 5 ? s3 : s3 + step;
      const s5 = count < 6 ? s4 : s4 + step,
        s6 = count < 7 ? s5 : s5 + step,
        s7 = count < 8 ? s6 : s6 + step;
      const b = words[bias + o];
      let a0 = b,
        a1 = b,
        a2 = b,
        a3 = b,
        a4 = b,
        a5 = b,
        a6 = b,
        a7 = b;
      for (let ky = 0, i = k, row = source + x * step + c; ky < kernelY; ky++, row += tapY) {
        for (let kx = 0, p = row; kx < kernelX; kx++, p += tapX) {
          const v = bytes[i++];
          a0 += v * arena[p];
          a1 += v * arena[p + s];
          a2 += v * arena[p + s2];
          a3 += v * arena[p + s3];
          a4 += v * arena[p + s4];
          a5 += v * arena[p + s5];
          a6 += v * arena[p + s6];
          a7 += v * arena[p + s7];
        }
      }
      sums[0] = a0;
      sums[1] = a1;
      sums[2] = a2;
      sums[3] = a3;
      sums[4] = a4;
      sums[5] = a5;
      sums[6] = a6;
      sums[7] = a7;
      requantize(model, at, o, 1, count, 0, address + x * outputs + o, 0);
    }
    if (++m === multiplier) {
      m = 0;
      c += 1;
    }
  }
}

export const depthwiseConv2d: DeviceOperator = Object.freeze({
  name: 'depthwiseConv2d',
  words: DepthwiseConv2d.words,
  operands: 1,
  check,
  work: depthwiseWork,
  scratch: (c: Checked) => stripScratch(c, DepthwiseConv2d.window, c.words[c.at + DepthwiseConv2d.stripRows]),
  rows: (c: Checked) => dimension(c, c.output, 1),
  sums: () => SEGMENT,
  run,
});
