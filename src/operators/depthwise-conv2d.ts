import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { bytes, dimension, inFile, type Checked, type DeviceOperator } from './operator';
import { Requantization, checkRequantization, requantize } from './requantize';
import { checkStrip, padStrip, stripScratch } from './strip';
import { Window, checkWindow, tapsOf } from './window';

export const enum DepthwiseConv2d {
  window = Requantization.words,
  weights = window + Window.words, // offset, int8: [output channel][ky][kx]
  multiplier, // output channels per input channel
  stripRows, // as in Conv2d
  words,
}

function check(c: Checked): string {
  const { words, at } = c;
  const wrong =
    checkWindow(c, DepthwiseConv2d.window) ||
    checkRequantization(c) ||
    checkStrip(c, DepthwiseConv2d.window, words[at + DepthwiseConv2d.stripRows]);
  if (wrong) return wrong;
  const multiplier = words[at + DepthwiseConv2d.multiplier],
    outputs = dimension(c, c.output, 3);
  if (multiplier < 1 || dimension(c, c.input, 3) * multiplier !== outputs)
    return 'its input and output channels do not belong together';
  return inFile(c, DepthwiseConv2d.weights, tapsOf(c, DepthwiseConv2d.window) * outputs)
    ? ''
    : 'its weights lie outside the file';
}

/** Output pixels summed before they are requantized: what model.sums holds, twice. */
const SEGMENT = 128;

/**
 * Depthwise convolution, int8, any window: output channel c * multiplier + m is input channel c under its own
 * weights. 3x3 windows without dilation keep the nine weights and the sliding columns in locals.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const rows = words[output + Tensor.shape + 1],
    stripRows = words[at + DepthwiseConv2d.stripRows];
  const w = at + DepthwiseConv2d.window,
    rowStride = words[w + Window.strideY];
  const three =
    words[w + Window.kernelY] === 3 &&
    words[w + Window.kernelX] === 3 &&
    words[w + Window.dilationY] === 1 &&
    words[w + Window.dilationX] === 1;
  let source = words[input + Tensor.address],
    pitch = words[input + Tensor.shape + 2] * words[input + Tensor.shape + 3];
  for (let y = 0; y < rows; y += stripRows || rows) {
    const n = stripRows === 0 ? rows : y + stripRows < rows ? stripRows : rows - y;
    if (stripRows) {
      pitch = padStrip(model, at, DepthwiseConv2d.window, y, n);
      source = words[at + Operator.scratch];
    }
    for (let i = 0; i < n;) {
      const p = source + i * rowStride * pitch;
      if (!three) convolveRow(model, at, p, pitch, y + i++);
      else if (rowStride === 1 && words[w + Window.strideX] === 1 && i + 1 < n) {
        convolve3x3Pair(model, at, p, pitch, y + i);
        i += 2;
      } else convolve3x3Row(model, at, p, pitch, y + i++);
    }
  }
}

/** Output rows y and y + 1 of a 3x3 window with stride 1: a column of four inputs serves both. */
function convolve3x3Pair(model: Model, at: number, source: number, pitch: number, y: number): void {
  const { words, bytes, arena, sums } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    width = words[output + Tensor.shape + 2];
  const outputs = words[output + Tensor.shape + 3],
    multiplier = words[at + DepthwiseConv2d.multiplier];
  const address = words[output + Tensor.address] + y * width * outputs,
    bias = words[at + Requantization.bias] >> 2;
  const pitch2 = pitch * 2,
    pitch3 = pitch * 3;
  for (let o = 0, c = 0, m = 0, k = words[at + DepthwiseConv2d.weights]; o < outputs; o++, k += 9) {
    const w0 = bytes[k],
      w1 = bytes[k + 1],
      w2 = bytes[k + 2],
      w3 = bytes[k + 3],
      w4 = bytes[k + 4];
    const w5 = bytes[k + 5],
      w6 = bytes[k + 6],
      w7 = bytes[k + 7],
      w8 = bytes[k + 8],
      b = words[bias + o];
    let p = source + c;
    let a0 = arena[p],
      b0 = arena[p + pitch],
      c0 = arena[p + pitch2],
      d0 = arena[p + pitch3];
    p += channels;
    let a1 = arena[p],
      b1 = arena[p + pitch],
      c1 = arena[p + pitch2],
      d1 = arena[p + pitch3];
    for (let x = 0; x < width; x += SEGMENT) {
      const count = width - x < SEGMENT ? width - x : SEGMENT;
      for (let j = 0; j < count; j++) {
        p += channels;
        const a2 = arena[p],
          b2 = arena[p + pitch],
          c2 = arena[p + pitch2],
          d2 = arena[p + pitch3];
        sums[j] = b + a0 * w0 + a1 * w1 + a2 * w2 + b0 * w3 + b1 * w4 + b2 * w5 + c0 * w6 + c1 * w7 + c2 * w8;
        sums[SEGMENT + j] =
          b + b0 * w0 + b1 * w1 + b2 * w2 + c0 * w3 + c1 * w4 + c2 * w5 + d0 * w6 + d1 * w7 + d2 * w8;
        // prettier-ignore
        a0 = a1, b0 = b1, c0 = c1, d0 = d1, a1 = a2, b1 = b2, c1 = c2, d1 = d2;
      }
      const q = address + x * outputs + o;
      requantize(model, at, o, 1, count, 0, q);
      for (let j = 0; j < count; j++) sums[j] = sums[SEGMENT + j];
      requantize(model, at, o, 1, count, 0, q + width * outputs);
    }
    if (++m === multiplier) {
      m = 0;
      c += 1;
    }
  }
}

/** One output row of a 3x3 window, any stride. */
function convolve3x3Row(model: Model, at: number, source: number, pitch: number, y: number): void {
  const { words, bytes, arena, sums } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    width = words[output + Tensor.shape + 2];
  const outputs = words[output + Tensor.shape + 3],
    multiplier = words[at + DepthwiseConv2d.multiplier];
  const address = words[output + Tensor.address] + y * width * outputs,
    bias = words[at + Requantization.bias] >> 2;
  const step = words[at + DepthwiseConv2d.window + Window.strideX] * channels;
  for (let o = 0, c = 0, m = 0, k = words[at + DepthwiseConv2d.weights]; o < outputs; o++, k += 9) {
    const w0 = bytes[k],
      w1 = bytes[k + 1],
      w2 = bytes[k + 2],
      w3 = bytes[k + 3],
      w4 = bytes[k + 4];
    const w5 = bytes[k + 5],
      w6 = bytes[k + 6],
      w7 = bytes[k + 7],
      w8 = bytes[k + 8],
      b = words[bias + o];
    for (let x = 0, p = source + c; x < width; x += SEGMENT) {
      const count = width - x < SEGMENT ? width - x : SEGMENT;
      for (let j = 0; j < count; j++, p += step) {
        const q = p + channels,
          r = q + channels;
        sums[j] =
          b +
          arena[p] * w0 +
          arena[q] * w1 +
          arena[r] * w2 +
          arena[p + pitch] * w3 +
          arena[q + pitch] * w4 +
          arena[r + pitch] * w5 +
          arena[p + pitch * 2] * w6 +
          arena[q + pitch * 2] * w7 +
          arena[r + pitch * 2] * w8;
      }
      requantize(model, at, o, 1, count, 0, address + x * outputs + o);
    }
    if (++m === multiplier) {
      m = 0;
      c += 1;
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
      requantize(model, at, o, 1, count, 0, address + x * outputs + o);
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
  work: (c: Checked) => bytes(c, c.output) * tapsOf(c, DepthwiseConv2d.window),
  scratch: (c: Checked) => stripScratch(c, DepthwiseConv2d.window, c.words[c.at + DepthwiseConv2d.stripRows]),
  sums: () => 2 * SEGMENT,
  run,
});
