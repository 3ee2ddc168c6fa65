import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { dimension, lastDimension, type Checked, type DeviceOperator } from './operator';
import { Requantization, checkRequantization, requantize } from './requantize';
import { checkSparseRows, sparseBlockWords, sparseProducts } from './sparse-rows';
import { checkStrip, padStrip, stripScratch } from './strip';
import { CONV_TILE, TILE_SUMS, pointTile } from './tile';
import { Window, checkWindow, convolutionWork } from './window';

/**
 * A row is a kernel row of an output channel, [output][ky]; its places are numbered (kx, input channel). No
 * dilation of columns.
 */
export const enum SparseConv2d {
  window = Requantization.words,
  rows = window + Window.words, // offset; see sparse-rows.ts
  blocks, // offset of int8 per row: how many blocks it has
  bits, // of a weight: 8 or 4
  stripRows, // as in Conv2d
  words,
}

function check(c: Checked): string {
  const { words, at } = c;
  const w = at + SparseConv2d.window;
  const rowWidth = words[w + Window.kernelX] * lastDimension(c, c.input),
    wrong =
      checkWindow(c, SparseConv2d.window) ||
      checkRequantization(c, sparseProducts(words[w + Window.kernelY], rowWidth)) ||
      checkStrip(
        c,
        SparseConv2d.window,
        words[at + SparseConv2d.stripRows],
        convolutionWork(c, SparseConv2d.window),
      );
  if (wrong) return wrong;
  if (words[w + Window.dilationX] !== 1) return 'its columns are dilated, which sparse rows cannot be';
  const rows = dimension(c, c.output, 3) * words[w + Window.kernelY];
  return checkSparseRows(c, SparseConv2d.rows, rows, rowWidth);
}

/**
 * 2-D convolution, int8, whose weights are mostly zero: only the others are stored and multiplied.
 *
 * Eight output pixels are computed at once, so that finding a weight and its place costs each of them an
 * eighth.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words } = model,
    input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const rows = words[output + Tensor.shape + 1],
    width = words[output + Tensor.shape + 2],
    stripRows = words[at + SparseConv2d.stripRows];
  if (stripRows === 0) {
    convolveRows(
      model,
      at,
      words[input + Tensor.address],
      words[input + Tensor.shape + 2] * words[input + Tensor.shape + 3],
      0,
      rows * width,
    );
    return;
  }
  for (let y = 0; y < rows; y += stripRows) {
    const n = y + stripRows < rows ? stripRows : rows - y,
      pitch = padStrip(model, at, SparseConv2d.window, y, n);
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
  const { words, pointers } = model,
    input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]),
    w = at + SparseConv2d.window;
  const width = words[output + Tensor.shape + 2],
    outputs = words[output + Tensor.shape + 3],
    address = words[output + Tensor.address];
  const step = words[w + Window.strideX] * words[input + Tensor.shape + 3],
    rowStep = words[w + Window.strideY] * pitch;
  for (let done = 0; done < count; done += CONV_TILE.pixels) {
    const pixels = count - done < CONV_TILE.pixels ? count - done : CONV_TILE.pixels;
    pointTile(pointers, source, done, count, width, step, rowStep);
    for (
      let group = 0, next = words[at + SparseConv2d.rows] >> 2;
      group < outputs;
      group += CONV_TILE.outputs
    ) {
      const end = group + CONV_TILE.outputs < outputs ? group + CONV_TILE.outputs : outputs;
      for (let o = group; o < end; o++)
        next = sumTile(model, at, o, pitch, next, (o - group) * CONV_TILE.pixels);
      requantize(
        model,
        at,
        group,
        end - group,
        pixels,
        CONV_TILE.pixels,
        address + (first + done) * outputs + group,
        0,
      );
    }
  }
}

/**
 * Sums of eight pixels of output channel o, into model.sums from `to` on.
 * @param next word of the channel's first block
 * @returns the next channel's
 */
function sumTile(model: Model, at: number, o: number, pitch: number, next: number, to: number): number {
  const { words, bytes, arena, sums, pointers } = model,
    w = at + SparseConv2d.window,
    kernelY = words[w + Window.kernelY],
    rowStep = words[w + Window.dilationY] * pitch;
  const bits = words[at + SparseConv2d.bits],
    up = 32 - bits,
    size = sparseBlockWords(bits),
    blocks = words[at + SparseConv2d.blocks] + o * kernelY;
  const p0 = pointers[0],
    p1 = pointers[1],
    p2 = pointers[2],
    p3 = pointers[3],
    p4 = pointers[4],
    p5 = pointers[5],
    p6 = pointers[6],
    p7 = pointers[7];
  let s0 = words[(words[at + Requantization.bias] >> 2) + o],
    s1 = s0,
    s2 = s0,
    s3 = s0,
    s4 = s0,
    s5 = s0,
    s6 = s0,
    s7 = s0;
  for (let ky = 0, base = 0; ky < kernelY; ky++, base += rowStep) {
    for (let end = next + bytes[blocks + ky] * size, p = base; next < end; next += size) {
      let gaps = words[next],
        packed = words[next + 1];
      for (let e = 0; e < 8; e++) {
        const v = (packed << up) >> up;
        p += gaps & 15;
        if (v) {
          s0 += arena[p0 + p] * v;
          s1 += arena[p1 + p] * v;
          s2 += arena[p2 + p] * v;
          s3 += arena[p3 + p] * v;
          s4 += arena[p4 + p] * v;
          s5 += arena[p5 + p] * v;
          s6 += arena[p6 + p] * v;
          s7 += arena[p7 + p] * v;
        }
        gaps >>= 4;
        packed >>= bits;
        if (e === 3 && bits === 8) packed = words[next + 2];
      }
    }
  }
  sums[to] = s0;
  sums[to + 1] = s1;
  sums[to + 2] = s2;
  sums[to + 3] = s3;
  sums[to + 4] = s4;
  sums[to + 5] = s5;
  sums[to + 6] = s6;
  sums[to + 7] = s7;
  return next;
}

export const sparseConv2d: DeviceOperator = Object.freeze({
  name: 'sparseConv2d',
  words: SparseConv2d.words,
  operands: 1,
  check,
  work: (c: Checked) => convolutionWork(c, SparseConv2d.window),
  scratch: (c: Checked) => stripScratch(c, SparseConv2d.window, c.words[c.at + SparseConv2d.stripRows]),
  sums: () => TILE_SUMS,
  run,
});
