/** One operator of an int8 graph as its record in the file: parameters laid out for the kernel, factors made integer. */
import { FlintError } from '../src/error';
import { CONV_TILE, FC_GROUP, OperatorCode } from '../src/format';
import { stripBytes } from '../src/kernels/strip';
import { elements, type Activation, type IntGraph, type IntParameters, type Node, type Quantization, type TensorInfo, type Window } from './graph';
import { quantizeMultiplier, round } from './multiplier';
import { sparseOf } from './sparse';
import { grouped, storageOf, storageWords, tiled, type Storage } from './storage';
import { channelOf } from './quantize/quantize';
import type { Writer } from './writer';

export interface Encoded {
  code: OperatorCode;
  /** The record's words from Operator.words on. */
  fields: number[];
  scratchBytes: number;
}

/** Activations that the fused clamp stands for, in the output's integers. */
export function clamp(activation: Activation, { scale, zeroPoint }: Quantization): [number, number] {
  const at = (real: number): number => Math.max(-128, Math.min(127, zeroPoint + round(Math.fround(Math.fround(real) / Math.fround(scale)))));
  if (activation === 'relu') return [at(0), 127];
  if (activation === 'relu6') return [at(0), at(6)];
  if (activation === 'reluN1To1') return [at(-1), at(1)];
  return [-128, 127];
}

export const windowWords = (w: Window): number[] => [...w.kernel, ...w.stride, ...w.dilation, ...w.pads];

export type Layer = Extract<Node<IntParameters>, { parameters: IntParameters }>;

/** The Output words of a layer with weights: biases (with the input's zero point folded in but for fully connected layers), multipliers, the clamp. */
export function outputWords(node: Layer, input: Quantization, output: Quantization, writer: Writer): number[] {
  const { weights, scales, bias } = node.parameters, channels = bias.length;
  const channel = channelOf(node, channels, weights.length / channels);
  const positive = new Float64Array(channels), negative = new Float64Array(channels);
  weights.forEach((w, i) => (w > 0 ? (positive[channel(i)] += w) : (negative[channel(i)] -= w)));
  const biases: number[] = [], multipliers: number[] = [], shifts = new Int8Array(channels);
  let wide = 0;
  for (let c = 0; c < channels; c++) {
    const low = -128 - input.zeroPoint, high = 127 - input.zeroPoint;
    const largest = bias[c] + positive[c] * high - negative[c] * low, smallest = bias[c] + positive[c] * low - negative[c] * high;
    const folded = node.op === 'fullyConnected' ? bias[c] : bias[c] - input.zeroPoint * (positive[c] - negative[c]);
    if (Math.abs(folded) + (positive[c] + negative[c]) * 255 >= 2 ** 31)
      throw new FlintError(`${node.op} ${node.name}: sums of output channel ${c} can leave 32 bits`);
    // TensorFlow Lite multiplies a per-tensor scale in float32, per-channel ones in double.
    const product = scales.length > 1 || node.op !== 'fullyConnected' ? input.scale * scales[scales.length > 1 ? c : 0] : Math.fround(input.scale * scales[0]);
    const m = quantizeMultiplier(product / output.scale);
    biases.push(folded);
    multipliers.push(m.multiplier);
    shifts[c] = m.shift;
    if (m.shift >= 0 || largest >= 2 ** 25 || smallest < -(2 ** 25)) wide = 1;
  }
  return [writer.words(biases), writer.words(multipliers), writer.data(shifts), wide, ...clamp(node.activation, output)];
}

/** Rows, blocks and bits of a layer's weights without their zeros. */
function sparseWords(node: Node<IntParameters>, writer: Writer): number[] {
  const { words, blocks, bits } = sparseOf(node)!;
  return [writer.words(words), writer.data(blocks), bits];
}

/**
 * Output rows per padded strip: enough that tiles of eight pixels are well filled, no more than four.
 * @returns 0 when nothing is padded
 */
function stripRowsFor(window: Window, output: TensorInfo, atMost: number): number {
  if (window.pads.every((p) => p === 0)) return 0;
  const [, height, width] = output.shape;
  let best = 1, fill = 0;
  for (let rows = 1; rows <= Math.min(atMost, height); rows++) {
    const full = (rows * width) / (Math.ceil((rows * width) / CONV_TILE.pixels) * CONV_TILE.pixels);
    if (full > fill + 0.01) (best = rows), (fill = full);
  }
  return best;
}

function stripScratch(window: Window, input: TensorInfo, rows: number): number {
  const [, , width, channels] = input.shape, [, left, , right] = window.pads;
  return rows === 0 ? 0 : stripBytes(rows, window.kernel[0], window.stride[0], window.dilation[0], left + width + right, channels);
}

/** The Output words of a mean: the factor 1/n goes into the multiplier as TensorFlow Lite's integer mean puts it there. */
export function meanWords(input: TensorInfo, output: TensorInfo, writer: Writer): number[] {
  const [, height, width, channels] = input.shape, n = height * width, from = input.quantization!, to = output.quantization!;
  const m = quantizeMultiplier(from.scale / to.scale), left = Math.min(Math.floor(Math.log2(n)), 31 + m.shift);
  const multiplier = Number((BigInt(m.multiplier) << BigInt(left)) / BigInt(n)), shift = m.shift - left;
  const wide = shift >= 0 || n * 256 >= 2 ** 25 ? 1 : 0, fill = (v: number): number[] => new Array(channels).fill(v);
  return [writer.words(fill(-from.zeroPoint * n)), writer.words(fill(multiplier)), writer.data(Int8Array.from(fill(shift))), wide, -128, 127];
}

/**
 * @param index of a tensor by name
 * @param writer receives the parameters
 */
export function encode(graph: IntGraph, node: Node<IntParameters>, index: (name: string) => number, writer: Writer): Encoded {
  const tensor = (name: string): TensorInfo & { quantization: Quantization } => graph.tensors.get(name) as TensorInfo & { quantization: Quantization };
  const input = tensor(node.inputs[0] ?? node.output), output = tensor(node.output), scale = output.quantization;
  switch (node.op) {
    case 'conv2d': {
      const rows = stripRowsFor(node.window, output, 4), { weights, bias } = node.parameters;
      const common = outputWords(node, input.quantization, scale, writer);
      if (node.sparse)
        return {
          code: OperatorCode.conv2d, fields: [...common, ...windowWords(node.window), ...sparseWords(node, writer), rows],
          scratchBytes: stripScratch(node.window, input, rows),
        };
      const storage = storageOf(weights, bias.length);
      return {
        code: OperatorCode.conv2d,
        fields: [...common, ...windowWords(node.window), writer.data(tiled(weights, bias.length, storage)), ...storageWords(storage, writer), rows],
        scratchBytes: stripScratch(node.window, input, rows),
      };
    }
    case 'depthwiseConv2d': {
      const rows = node.window.pads.every((p) => p === 0) ? 0 : Math.min(2, output.shape[1]), { weights, bias } = node.parameters;
      const common = outputWords(node, input.quantization, scale, writer), taps = weights.length / bias.length;
      const byChannel = Int8Array.from(weights, (_, i) => weights[(i % taps) * bias.length + Math.floor(i / taps)]);
      return {
        code: OperatorCode.depthwiseConv2d,
        fields: [...common, ...windowWords(node.window), writer.data(byChannel), node.multiplier, rows],
        scratchBytes: stripScratch(node.window, input, rows),
      };
    }
    case 'fullyConnected': {
      const { weights, bias } = node.parameters, inputs = weights.length / bias.length, common = outputWords(node, input.quantization, scale, writer);
      if (node.sparse) return { code: OperatorCode.fullyConnected, fields: [...common, ...sparseWords(node, writer), inputs], scratchBytes: 0 };
      const storage: Storage = bias.length < FC_GROUP ? { bits: 8 } : storageOf(weights, bias.length);
      return {
        code: OperatorCode.fullyConnected,
        fields: [...common, writer.data(grouped(weights, bias.length, storage)), inputs, ...storageWords(storage, writer)], scratchBytes: 0,
      };
    }
    case 'maxPool2d':
    case 'averagePool2d':
      return {
        code: node.op === 'maxPool2d' ? OperatorCode.maxPool2d : OperatorCode.averagePool2d,
        fields: [...windowWords(node.window), ...clamp(node.activation, scale)],
        scratchBytes: 0,
      };
    case 'add': {
      const a = input.quantization.scale, b = tensor(node.inputs[1]).quantization.scale, twice = 2 * Math.max(a, b);
      const factors = [a / twice, b / twice, twice / (2 ** 20 * scale.scale)].map(quantizeMultiplier);
      return {
        code: OperatorCode.add,
        fields: [...factors.flatMap((f) => [f.multiplier, f.shift]), ...clamp(node.activation, scale), ...(node.signs ?? [1, 1])],
        scratchBytes: 0,
      };
    }
    case 'multiply': {
      const m = quantizeMultiplier((input.quantization.scale * tensor(node.inputs[1]).quantization.scale) / scale.scale);
      return { code: OperatorCode.multiply, fields: [m.multiplier, m.shift, ...clamp(node.activation, scale)], scratchBytes: 0 };
    }
    case 'prelu': {
      const factors = [input.quantization.scale / scale.scale, (input.quantization.scale * tensor(node.inputs[1]).quantization.scale) / scale.scale];
      return { code: OperatorCode.prelu, fields: factors.map(quantizeMultiplier).flatMap((f) => [f.multiplier, f.shift]), scratchBytes: 0 };
    }
    case 'lookup':
      return { code: OperatorCode.lookup, fields: [writer.data(node.table)], scratchBytes: 0 };
    case 'mean':
      return { code: OperatorCode.mean, fields: meanWords(input, output, writer), scratchBytes: 0 };
    case 'transpose': {
      const missing = 4 - node.permutation.length;
      return { code: OperatorCode.transpose, fields: [...[0, 1, 2, 3].slice(0, missing), ...node.permutation.map((p) => p + missing)], scratchBytes: 0 };
    }
    case 'slice': {
      const nhwc = (list: number[], outer: number): number[] => [...new Array(4 - list.length).fill(outer), ...list];
      return { code: OperatorCode.slice, fields: [...nhwc(node.begin, 0), ...nhwc(node.stride, 1), ...nhwc(node.count, 1)], scratchBytes: 0 };
    }
    case 'resizeNearest':
      return { code: OperatorCode.resizeNearest, fields: [writer.words(node.rows), writer.words(node.columns)], scratchBytes: 0 };
    case 'constant':
      return { code: OperatorCode.constant, fields: [writer.data(node.data)], scratchBytes: 0 };
    case 'concatenation':
      return {
        code: OperatorCode.concatenation,
        fields: [writer.words(node.inputs.map(index)), node.inputs.length, elements(output.shape.slice(0, node.axis))],
        scratchBytes: 0,
      };
    case 'pad': {
      const nhwc = (list: number[]): number[] => [...new Array(4 - list.length).fill(0), ...list];
      const value = Math.max(-128, Math.min(127, round(node.value / scale.scale) + scale.zeroPoint));
      return { code: OperatorCode.pad, fields: [...nhwc(node.before), ...nhwc(node.after), value], scratchBytes: 0 };
    }
    case 'softmax': {
      const m = quantizeMultiplier(Math.min(node.beta * input.quantization.scale * 2 ** 26, 2 ** 31 - 1));
      const minimumDifference = -Math.floor((31 * 2 ** 26) / 2 ** m.shift);
      return { code: OperatorCode.softmax, fields: [m.multiplier, m.shift, minimumDifference, elements(output.shape.slice(0, -1))], scratchBytes: 0 };
    }
    case 'layout':
      return { code: OperatorCode.layout, fields: [], scratchBytes: 0 };
    case 'reshape':
    case 'affine':
    case 'activation':
      throw new Error(`a node of kind ${node.op} has no record`);
  }
}
