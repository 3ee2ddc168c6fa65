import { bytesOf, listOf, repeat } from '../bigint';
import { Header, LanesConv, LanesOutput, Operator, TapKind, Tensor, Window } from '../format';
import type { Model } from '../model';
import { taps2, upperTaps4 } from './narrow';
import { TAPS, loadBlock, phasesOf, type Layer, type Phase } from './phases';
import { LANE, blockBytes, halve, halvingMasks, lanes, putRows } from './planes';
import { requantize, requantizer } from './requantize';

/**
 * Convolution and depthwise convolution on lanes. A channel's rows are one number P, a lane for each pixel, and P times
 * w[2] + w[1] * 2^24 + w[0] * 2^48 holds in each lane the sum over three taps of a kernel row. Kernel rows are added with a row's shift
 * between them.
 *
 * @param at word index of the operator's record
 */
export function conv2d(model: Model, at: number): void {
  const { words } = model, tensors = words[Header.tensors] >> 2, w = at + LanesConv.window;
  const input = tensors + words[at + Operator.input] * Tensor.words, output = tensors + words[at + Operator.output] * Tensor.words;
  const depthwise = words[at + LanesConv.depthwise], channels = words[input + Tensor.shape + 3], pitch = words[input + Tensor.pitch],
    width = words[input + Tensor.shape + 2];
  const dense = words[at + LanesConv.dense], strideX = dense ? 1 : words[w + Window.strideX], outputPitch = words[output + Tensor.pitch],
    rows = words[output + Tensor.shape + 1], each = depthwise ? 1 : channels;
  const outputWidth = words[output + Tensor.shape + 2], groups = strideX === 2 ? 1 : ((words[w + Window.kernelX] + TAPS - 1) / TAPS) | 0;
  let lanePitch = pitch;
  if (strideX === 2) {
    // Half the columns, and zeros for what the window reaches over on either side.
    const half = (width + 1) >> 1, reach = outputWidth + ((words[w + Window.kernelX] + 1) >> 1);
    lanePitch = half > reach ? half : reach;
    if (lanePitch < outputPitch) lanePitch = outputPitch;
  }
  const tapRows = words[w + Window.kernelY] * (strideX === 2 ? (words[w + Window.kernelX] > 1 ? 2 : 1) : groups),
    outputs = words[output + Tensor.shape + 3];
  const layer: Layer = {
    at, depthwise, channels, height: words[input + Tensor.shape + 1], width, pitch, lanePitch, strideX, strideY: dense ? 1 : words[w + Window.strideY],
    stepX: dense ? words[w + Window.strideX] : 1, stepY: dense ? words[w + Window.strideY] : 1,
    address: words[input + Tensor.address], outputs, outputWidth, outputPitch, tapRows, each,
    kind: words[at + LanesConv.kind], taps: tapsOf(words, at, outputs * tapRows, each), excess: words[at + LanesConv.excess],
    starts: words[at + LanesConv.starts] >> 2, places: new Uint8Array(words.buffer, words[at + LanesConv.places]), numbers: [], upper: [],
    rowShift: BigInt(LANE * lanePitch), mask: 0n, kept: 0n, halving: [], thinning: [], requantizer: undefined, rows: 0,
  };
  // Masks as long as any strip needs.
  const n = words[at + LanesConv.stripRows] < rows ? words[at + LanesConv.stripRows] : rows, results = (n - 1) * layer.stepY + 1,
    block = blockBytes(rows, outputPitch);
  const most = results + (((words[w + Window.kernelY] - 1) / layer.strideY) | 0), read = most < layer.height ? most : layer.height;
  layer.mask = lanes(255, read * lanePitch);
  if (layer.kind === TapKind.four) layer.numbers = listOf(16, BigInt), layer.upper = listOf(256, upperTaps4);
  else if (layer.kind === TapKind.two) layer.numbers = listOf(64, taps2);
  if (strideX === 2)
    layer.kept = repeat(repeat(0xffffffn, 2 * LANE, (width + 1) >> 1), LANE * pitch, read), layer.halving = halvingMasks((width + 1) >> 1, pitch, read);
  if (layer.stepX === 2) layer.thinning = halvingMasks(outputWidth, lanePitch, results);
  for (let y = 0; y < rows; y += n) strip(model, layer, y, y + n < rows ? n : rows - y, words[output + Tensor.address] + 3 * y * outputPitch, block);
}

/** A view of an operator's taps. @param rows of `each` taps */
function tapsOf(words: Int32Array, at: number, rows: number, each: number): Layer['taps'] {
  const begin = words[at + LanesConv.taps], kind = words[at + LanesConv.kind], count = rows * each;
  if (kind === TapKind.sparse) return new BigInt64Array(words.buffer, begin, words[(words[at + LanesConv.starts] >> 2) + 2 * rows]);
  if (kind === TapKind.wide) return new BigInt64Array(words.buffer, begin, count);
  if (kind === TapKind.four) return new Uint16Array(words.buffer, begin, count);
  return kind === TapKind.two ? new Uint8Array(words.buffer, begin, count) : new Int8Array(words.buffer, begin, count);
}

/** Output rows y to y + n - 1, written from address `next` on, a block every `block` bytes. */
function strip(model: Model, layer: Layer, y: number, n: number, next: number, block: number): void {
  const { words } = model, { depthwise, channels, outputs, outputWidth, outputPitch, lanePitch, stepX, stepY } = layer, rows = (n - 1) * stepY + 1;
  const phases = phasesOf(model, layer, y * stepY, rows), count = rows * lanePitch, list = phases.list, drop = phases.drop, from = stepY * lanePitch;
  if (layer.rows !== n) layer.requantizer = requantizer(count, repeat(repeat(1n, LANE * stepX, outputWidth), LANE * from, n)), layer.rows = n;
  const r = layer.requantizer!, one = lanes(1, phases.lanes);
  let record = words[layer.at + LanesConv.outputs] >> 2, loaded = -1;
  if (!depthwise) for (let c = 0; c < channels; c += 3) loadBlock(model, layer, list, c);
  const inputs = layer.excess ? inputsOf(layer, list) : 0n, excess = inputs * BigInt(layer.excess),
    zeroPoints = words[layer.at + LanesConv.zeroPoints];

  for (let o = 0; o < outputs; next += block) {
    let bytes = 0n;
    for (let k = 0; k < 3 && o < outputs; k++, o++, record += LanesOutput.words) {
      let channel = 0;
      if (depthwise) {
        channel = depthwise === 1 ? o : (o / depthwise) | 0;
        if (((channel / 3) | 0) !== loaded) {
          loaded = (channel / 3) | 0;
          for (let i = 0; i < list.length; i++) list[i].planes.length = 0;
          loadBlock(model, layer, list, loaded * 3);
        }
        channel -= loaded * 3;
      }
      let sum = one * BigInt(words[record + LanesOutput.offset]);
      if (excess) sum = sum - excess;
      if (zeroPoints) sum = sum - inputs * BigInt(model.bytes[zeroPoints + o]);
      if (layer.kind === TapKind.sparse) {
        // Numbers of one sign are added at half the cost of mixed ones.
        let minus = 0n;
        for (let i = 0; i < list.length; i++)
          sum = sum + sparseSumsOf(model, layer, list[i], 2 * o), minus = minus + sparseSumsOf(model, layer, list[i], 2 * o + 1);
        sum = sum - minus;
      } else for (let i = 0; i < list.length; i++) sum = sum + sumsOf(layer, list[i], o, channel);
      bytes = bytes | requantize(model, sum >> drop, record, k, r);
    }
    if (stepX === 2) bytes = halve(bytes, layer.thinning);
    putRows(model, bytesOf(bytes, 3 * count), from, outputPitch, n, next);
  }
}

/** Sums over all taps of output channel o that a phase meets, in its lanes. @param first index of the first plane */
function sumsOf(layer: Layer, phase: Phase, o: number, first: number): bigint {
  const { planes, kernelRows, kernelColumns } = phase, { kind, rowShift, depthwise, numbers, upper } = layer,
    end = depthwise ? first + 1 : planes.length;
  const taps = layer.taps as BigInt64Array, small = layer.taps as Uint8Array;
  let k = (o * layer.tapRows + phase.tapRow) * layer.each, sum = 0n;
  for (let j = 0; j < kernelRows; j++) {
    if (j) sum = sum << rowShift;
    for (let x = 0; x < kernelColumns; x += TAPS) {
      let s = 0n, c = first;
      if (kind === TapKind.wide) {
        for (s = planes[c] * taps[k], k += 1, c += 1; c < end; c += 1, k += 1) s = s + planes[c] * taps[k];
      } else if (kind === TapKind.four) {
        for (; c < end; c += 1, k += 1) {
          const v = small[k];
          s = s + planes[c] * (numbers[v & 15] + upper[(v >> 4) & 255]);
        }
      } else if (kind === TapKind.two) {
        for (; c < end; c += 1, k += 1) s = s + planes[c] * numbers[small[k]];
      } else if (layer.excess) {
        for (; c < end; c += 1, k += 1) s = s + planes[c] * BigInt(small[k] & 255);
      } else for (; c < end; c += 1, k += 1) s = s + planes[c] * BigInt(small[k]);
      if (kernelColumns - x > TAPS) s = s << BigInt(LANE * (kernelColumns - x - TAPS));
      sum = x || j ? sum + s : s;
    }
  }
  return phase.align ? sum << phase.align : sum;
}

/** Sums over the taps of one sign that are not zero. @param half twice the output channel, and 1 for the negative ones */
function sparseSumsOf({ words }: Model, layer: Layer, phase: Phase, half: number): bigint {
  const { planes, kernelRows, kernelColumns } = phase, { places, rowShift } = layer, taps = layer.taps as BigInt64Array;
  let row = layer.starts + half * layer.tapRows + phase.tapRow, k = words[row], sum = 0n;
  for (let j = 0; j < kernelRows; j++) {
    if (j) sum = sum << rowShift;
    for (let x = 0; x < kernelColumns; x += TAPS) {
      row += 1;
      const end = words[row];
      if (k === end) continue;
      let s = planes[places[k]] * taps[k];
      for (k += 1; k < end; k += 1) s = s + planes[places[k]] * taps[k];
      if (kernelColumns - x > TAPS) s = s << BigInt(LANE * (kernelColumns - x - TAPS));
      sum = sum + s;
    }
  }
  return phase.align ? sum << phase.align : sum;
}

/** Sums of all inputs under the window, which what was added to every weight is multiplied by. */
function inputsOf({ rowShift }: Layer, phases: Phase[]): bigint {
  let result = 0n;
  for (let i = 0; i < phases.length; i += 1) {
    const { planes, kernelRows, kernelColumns, align } = phases[i], tap = lanes(1, kernelColumns);
    let all = planes[0], sum = 0n;
    for (let c = 1; c < planes.length; c += 1) all = all + planes[c];
    all = all * tap;
    for (let j = 0; j < kernelRows; j += 1) sum = (sum << rowShift) + all;
    result = result + (sum << align);
  }
  return result;
}
