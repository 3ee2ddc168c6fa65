import { bytesOf, repeat } from '../bigint';
import { Header, LanesConv, LanesOutput, Operator, Tensor, Window } from '../format';
import type { Model } from '../model';
import { tensorRecord } from '../tensor';
import { LANE, blockBytes, halve, halvingMasks, lanes, putRows, rowsOf } from './planes';
import { requantize, requantizer } from './requantize';

/** Taps of one kernel row that fit a 64-bit number as 24-bit digits. */
export const TAPS = 3;

/** The input rows of one parity (all, when the vertical stride is 1) under a strip, and the kernel rows that meet them. */
interface Phase {
  /** First kernel row; the others follow at steps of the stride. */
  kernelRow: number;
  kernelRows: number;
  /** First input row, and how many at steps of the stride. */
  first: number;
  rows: number;
  /** Rows that its sums must move up by to meet those of the other phases. */
  align: number;
  /** 255 in every lane. */
  mask: bigint;
  /** 1 in every lane that is a pixel of the image. */
  image: bigint;
  /** One number per input channel that is loaded. */
  planes: bigint[];
}

/**
 * Convolution and depthwise convolution on lanes. A channel's rows are one number P, a lane for each pixel, and P times
 * w[2] + w[1] * 2^24 + w[0] * 2^48 holds in each lane the sum over three taps of a kernel row. Kernel rows are added with a row's shift
 * between them. With a horizontal stride of 2 every other result is thrown away.
 *
 * @param at word index of the operator's record
 */
export function conv2d(model: Model, at: number): void {
  const { words } = model, output = tensorRecord(model, words[at + Operator.output]), rows = words[output + Tensor.shape + 1];
  const taps = words[at + LanesConv.wide] ? new BigInt64Array(words.buffer, words[at + LanesConv.taps], tapCount(model, at)) : undefined;
  for (let y = 0, n = words[at + LanesConv.stripRows]; y < rows; y += n) convolveStrip(model, at, taps, y, y + n < rows ? n : rows - y);
}

/** Output rows y to y + n - 1. */
function convolveStrip(model: Model, at: number, taps: BigInt64Array | undefined, y: number, n: number): void {
  const { words } = model, input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const w = at + LanesConv.window, kernelX = words[w + Window.kernelX], strideX = words[w + Window.strideX], pitch = words[input + Tensor.pitch];
  const outputs = words[output + Tensor.shape + 3], width = words[output + Tensor.shape + 2], outputPitch = words[output + Tensor.pitch];
  const outputBlock = blockBytes(words[output + Tensor.shape + 1], outputPitch), depthwise = words[at + LanesConv.depthwise];

  const phases = phasesOf(model, at, y, n), row = phases.row, count = n * pitch;
  const drop = BigInt(LANE * (row * pitch + kernelX - 1 - words[w + Window.padLeft]));
  const r = requantizer(count, repeat(repeat(1n, LANE * strideX, width), LANE * pitch, n));
  const masks = strideX === 2 ? halvingMasks(width, pitch, n) : [], one = lanes(1, phases.lanes);
  if (!depthwise) for (let c = 0; c < words[input + Tensor.shape + 3]; c += 3) loadBlock(model, at, phases.list, c);

  for (let o = 0, block = -1, next = words[output + Tensor.address] + 3 * y * outputPitch; o < outputs; o += 3, next += outputBlock) {
    let bytes = 0n;
    for (let k = 0; k < 3 && o + k < outputs; k++) {
      let channel = 0;
      if (depthwise) {
        channel = ((o + k) / depthwise) | 0;
        if (((channel / 3) | 0) !== block) {
          block = (channel / 3) | 0;
          for (const phase of phases.list) phase.planes.length = 0;
          loadBlock(model, at, phases.list, block * 3);
        }
        channel -= block * 3;
      }
      const record = (words[at + LanesConv.outputs] >> 2) + (o + k) * LanesOutput.words;
      let sum = one * BigInt(words[record + LanesOutput.offset]);
      for (const phase of phases.list) {
        const s = sumsOf(model, at, taps, phase, o + k, channel, pitch);
        sum += phase.align ? s << BigInt(LANE * pitch * phase.align) : s;
      }
      bytes |= requantize(model, sum >> drop, record, k, r);
    }
    if (strideX === 2) bytes = halve(bytes, masks);
    putRows(model, bytesOf(bytes, 3 * count), pitch, outputPitch, n, next);
  }
}

/** The phases of a strip; the row of lanes in which the strip's first row of sums ends up; and how many lanes the sums reach over. */
function phasesOf({ words }: Model, at: number, y: number, n: number): { list: Phase[]; row: number; lanes: number } {
  const input = (words[Header.tensors] >> 2) + words[at + Operator.input] * Tensor.words;
  const w = at + LanesConv.window, kernelY = words[w + Window.kernelY], stride = words[w + Window.strideY], pad = words[w + Window.padTop];
  const height = words[input + Tensor.shape + 1], width = words[input + Tensor.shape + 2], pitch = words[input + Tensor.pitch];
  const list: Phase[] = [], bases: number[] = [];
  let row = 0, last = 0;
  for (let parity = 0; parity < stride; parity++) {
    const kernelRow = (pad + parity) % stride;
    if (kernelRow >= kernelY) continue;
    const kernelRows = (((kernelY - 1 - kernelRow) / stride) | 0) + 1, lag = (kernelRow - pad - parity) / stride;
    const begin = y + lag > 0 ? y + lag : 0, most = ((height - 1 - parity) / stride + 1) | 0, reach = y + n + lag + kernelRows - 1;
    const rows = (reach < most ? reach : most) - begin;
    if (rows < 1) continue;
    const base = y + lag + kernelRows - 1 - begin, count = rows * pitch;
    bases.push(base);
    if (base > row) row = base;
    if (rows + kernelRows - 1 - base > last) last = rows + kernelRows - 1 - base;
    const image = words[at + LanesConv.zeroSums] ? repeat(lanes(1, width), LANE * pitch, rows) : 0n;
    list.push({ kernelRow, kernelRows, first: begin * stride + parity, rows, align: 0, mask: lanes(255, count), image, planes: [] });
  }
  for (let i = 0; i < list.length; i++) list[i].align = row - bases[i];
  return { list, row, lanes: (row + (last > n ? last : n)) * pitch + words[w + Window.kernelX] };
}

/** Appends the planes of the three channels from c on. */
function loadBlock(model: Model, at: number, phases: Phase[], c: number): void {
  const { words } = model, input = tensorRecord(model, words[at + Operator.input]), stride = words[at + LanesConv.window + Window.strideY];
  const pitch = words[input + Tensor.pitch], channels = words[input + Tensor.shape + 3];
  const address = words[input + Tensor.address] + (c / 3) * blockBytes(words[input + Tensor.shape + 1], pitch);
  for (const phase of phases) {
    const block = rowsOf(model, address, pitch, phase.first, stride, phase.rows), { mask, planes } = phase;
    planes.push(block & mask);
    if (c + 1 < channels) planes.push((block >> 8n) & mask);
    if (c + 2 < channels) planes.push((block >> 16n) & mask);
  }
}

/** Sums over all taps of one output channel that a phase meets, in its lanes. @param channel index of the first plane */
function sumsOf({ words, bytes }: Model, at: number, taps: BigInt64Array | undefined, phase: Phase, o: number, channel: number, pitch: number): bigint {
  const { planes, kernelRow, kernelRows, image } = phase, w = at + LanesConv.window, kernelX = words[w + Window.kernelX];
  const each = words[at + LanesConv.depthwise] ? 1 : planes.length, end = channel + each, groups = ((kernelX + TAPS - 1) / TAPS) | 0;
  const rowShift = BigInt(LANE * pitch), zeroSums = words[at + LanesConv.zeroSums] >> 2, narrow = words[at + LanesConv.taps];
  let sum = 0n;
  for (let j = 0, r = kernelRow; j < kernelRows; j++, r += words[w + Window.strideY]) {
    if (j) sum = sum << rowShift;
    for (let g = 0; g < groups; g++) {
      const to = g === groups - 1 ? kernelX : (g + 1) * TAPS;
      let k = ((o * words[w + Window.kernelY] + r) * groups + g) * each, s = 0n;
      if (taps) for (let c = channel; c < end; c++, k++) s = s + planes[c] * taps[k];
      else for (let c = channel; c < end; c++, k++) s = s + planes[c] * BigInt(bytes[narrow + k]);
      if (zeroSums) {
        let t = 0n;
        for (let x = g * TAPS, z = zeroSums + (o * words[w + Window.kernelY] + r) * kernelX + x; x < to; x++, z++) t = (t << 24n) + BigInt(words[z]);
        s = s + image * t;
      }
      sum = sum + (to === kernelX ? s : s << BigInt(LANE * (kernelX - to)));
    }
  }
  return sum;
}

function tapCount({ words }: Model, at: number): number {
  const tensors = words[Header.tensors] >> 2, w = at + LanesConv.window, inputs = words[tensors + words[at + Operator.input] * Tensor.words + Tensor.shape + 3];
  const outputs = words[tensors + words[at + Operator.output] * Tensor.words + Tensor.shape + 3];
  return outputs * words[w + Window.kernelY] * (((words[w + Window.kernelX] + TAPS - 1) / TAPS) | 0) * (words[at + LanesConv.depthwise] ? 1 : inputs);
}
