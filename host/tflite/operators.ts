/** One TFLite operator as nodes of our graph; what cannot be expressed is a Refusal. */
import type { Activation, Node, IntParameters, Quantization, Window } from '../graph';
import { elements } from '../graph';
import type { TfOperator, TfTensor } from './read';
import { hardSwishTable, leakyReluTable, logisticTable, relu6Table, reluTable, requantizeTable, tanhTable } from './tables';

/** Why an operator cannot be taken, and what to do about it. */
export class Refusal extends Error {}

type Unnamed = Node<IntParameters> extends infer N ? (N extends unknown ? Omit<N, 'name'> : never) : never;

/** What a converter may ask and add. */
export interface Context {
  single: boolean;
  /** The tensor's name in the graph; constants become `constant` nodes when an operator reads them as activations. */
  name(tensor: TfTensor): string;
  /** A new activation of the given shape and quantization, for chains of nodes. */
  temporary(shape: number[], like: TfTensor): string;
  emit(node: Unnamed): void;
}

type Converter = (op: TfOperator, context: Context) => void;

const need = (ok: unknown, why: string): void => {
  if (!ok) throw new Refusal(why);
};

/** Activations are int8 with one scale. */
export function quantization(tensor: TfTensor): Quantization {
  need(tensor.type === 'int8', `tensor ${tensor.name} is ${tensor.type}; only int8 runs on the device: convert the model with full integer quantization`);
  need(tensor.scales.length === 1 && tensor.zeroPoints.length === 1, `tensor ${tensor.name} has ${tensor.scales.length} scales; activations need one`);
  const [scale] = tensor.scales, [zeroPoint] = tensor.zeroPoints;
  need(scale > 0 && Number.isFinite(scale) && zeroPoint >= -128 && zeroPoint <= 127, `tensor ${tensor.name} has scale ${scale} and zero point ${zeroPoint}`);
  return { scale, zeroPoint };
}

const operand = (op: TfOperator, i: number): TfTensor => op.inputs[i] ?? refuse(`input ${i} is missing`);
const result = (op: TfOperator): TfTensor => op.outputs[0] ?? refuse('it has no output');
function refuse(why: string): never {
  throw new Refusal(why);
}

/** A constant int32 (or int64) list: axes, paddings, sizes. */
function integers(tensor: TfTensor): number[] {
  const bytes = tensor.type === 'int64' ? 8 : 4;
  need(['int32', 'int64'].includes(tensor.type) && tensor.data.length === elements(tensor.shape) * bytes && tensor.data.length > 0, `tensor ${tensor.name} should be a constant list of integers`);
  const view = new DataView(tensor.data.buffer, tensor.data.byteOffset, tensor.data.length);
  return Array.from({ length: tensor.data.length / bytes }, (_, i) => (bytes === 8 ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true)));
}

function activation(code: number): Activation {
  const name = (['none', 'relu', 'reluN1To1', 'relu6'] as const)[code];
  return name ?? refuse(`its fused activation is ${['', '', '', '', 'TANH', 'SIGN_BIT'][code] || code}; NONE, RELU, RELU6 and RELU_N1_TO_1 can be fused`);
}

/** Weights with one scale, or one per output channel, all symmetric. */
function parameters(op: TfOperator, channels: number, axis: number): IntParameters {
  const w = operand(op, 1), b = op.inputs[2], size = elements(w.shape);
  need(w.type === 'int8', `its weights are ${w.type}${w.type === 'uint8' ? ', asymmetric as old converters made them: convert the model again with TensorFlow 2' : '; int8 is supported'}`);
  need(w.data.length === size, 'its weights are not stored in the file');
  need(w.zeroPoints.every((z) => z === 0), 'its weights have zero points other than 0');
  need(w.scales.length === 1 || (w.scales.length === channels && w.axis === axis), `its weights have ${w.scales.length} scales along dimension ${w.axis} for ${channels} output channels`);
  need(w.scales.every((s) => s > 0 && Number.isFinite(s)), 'its weights have a scale that is not positive');
  const bias = b ? integers(b) : new Array(channels).fill(0);
  need(bias.length === channels && (!b || b.type === 'int32'), `its bias has ${bias.length} values (${b?.type}) for ${channels} output channels`);
  return { weights: new Int8Array(w.data.slice().buffer), scales: Float64Array.from(w.scales), bias: Int32Array.from(bias) };
}

/** Padding as TensorFlow counts it: the odd pixel of SAME goes behind. */
function windowOf(input: TfTensor, kernel: [number, number], stride: [number, number], dilation: [number, number], padding: number): Window {
  need(input.shape.length === 4 && input.shape[0] === 1, `its input has the shape [${input.shape}]; an image of batch 1 is needed`);
  need([...kernel, ...stride, ...dilation].every((n) => n >= 1 && n <= 32767), 'its window has impossible sizes');
  const pads: Window['pads'] = [0, 0, 0, 0];
  for (const axis of [0, 1]) {
    const n = input.shape[1 + axis], out = Math.ceil(n / stride[axis]);
    const total = padding === 0 ? Math.max((out - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - n, 0) : 0;
    pads[axis] = total >> 1;
    pads[axis + 2] = total - (total >> 1);
  }
  return { kernel, stride, dilation, pads };
}

const conv2d: Converter = (op, c) => {
  const x = operand(op, 0), w = operand(op, 1), o = op.options;
  need(w.shape.length === 4, `its weights have the shape [${w.shape}]`);
  const [channels, kernelY, kernelX, depth] = w.shape;
  need(depth === x.shape[3], `it is a grouped convolution (${x.shape[3]} input channels, ${depth} per filter): only ordinary and depthwise ones run`);
  const window = windowOf(x, [kernelY, kernelX], [o?.int32(2) ?? 1, o?.int32(1) ?? 1], [o?.int32(5, 1) ?? 1, o?.int32(4, 1) ?? 1], o?.int8(0) ?? 0);
  c.emit({
    op: 'conv2d', inputs: [c.name(x)], output: c.name(result(op)), window, activation: activation(o?.int8(3) ?? 0),
    parameters: parameters(op, channels, 0),
  });
};

const depthwiseConv2d: Converter = (op, c) => {
  const x = operand(op, 0), w = operand(op, 1), o = op.options;
  need(w.shape.length === 4, `its weights have the shape [${w.shape}]`);
  const [, kernelY, kernelX, channels] = w.shape, multiplier = channels / x.shape[3];
  need(w.shape[0] === 1 && Number.isInteger(multiplier), `its weights [${w.shape}] do not belong to an input [${x.shape}]`);
  const window = windowOf(x, [kernelY, kernelX], [o?.int32(2) ?? 1, o?.int32(1) ?? 1], [o?.int32(6, 1) ?? 1, o?.int32(5, 1) ?? 1], o?.int8(0) ?? 0);
  c.emit({
    op: 'depthwiseConv2d', inputs: [c.name(x)], output: c.name(result(op)), window, multiplier, activation: activation(o?.int8(4) ?? 0),
    parameters: parameters(op, channels, 3),
  });
};

const fullyConnected: Converter = (op, c) => {
  const x = operand(op, 0), w = operand(op, 1);
  need(w.shape.length === 2, `its weights have the shape [${w.shape}]`);
  need((op.options?.int8(1) ?? 0) === 0, 'its weights are shuffled');
  need(elements(x.shape) % w.shape[1] === 0, `its weights [${w.shape}] do not belong to an input [${x.shape}]`);
  c.emit({
    op: 'fullyConnected', inputs: [c.name(x)], output: c.name(result(op)), activation: activation(op.options?.int8(0) ?? 0),
    parameters: parameters(op, w.shape[0], 0),
  });
};

const pool = (kind: 'maxPool2d' | 'averagePool2d'): Converter => (op, c) => {
  const x = operand(op, 0), o = op.options;
  const window = windowOf(x, [o?.int32(4) ?? 1, o?.int32(3) ?? 1], [o?.int32(2) ?? 1, o?.int32(1) ?? 1], [1, 1], o?.int8(0) ?? 0);
  c.emit({ op: kind, inputs: [c.name(x)], output: c.name(result(op)), window, activation: activation(o?.int8(5) ?? 0) });
};

/** Which operand is repeated; the repeated one must be a scalar, or equal the other's innermost dimensions. */
function broadcast(op: TfOperator): { large: TfTensor; small: TfTensor; swapped: boolean } {
  const a = operand(op, 0), b = operand(op, 1), swapped = elements(b.shape) > elements(a.shape);
  const large = swapped ? b : a, small = swapped ? a : b, core = small.shape.slice(small.shape.findIndex((d) => d !== 1));
  const fits = elements(small.shape) === 1 || core.every((d, i) => d === large.shape[large.shape.length - core.length + i]);
  need(fits, `operands of the shapes [${a.shape}] and [${b.shape}]: only scalars and vectors over the innermost dimensions are repeated`);
  return { large, small, swapped };
}

const add = (subtract: boolean): Converter => (op, c) => {
  const { large, small, swapped } = broadcast(op);
  const signs: [number, number] = subtract ? (swapped ? [-1, 1] : [1, -1]) : [1, 1];
  c.emit({ op: 'add', inputs: [c.name(large), c.name(small)], output: c.name(result(op)), activation: activation(op.options?.int8(0) ?? 0), signs });
};

const multiply: Converter = (op, c) => {
  const { large, small } = broadcast(op);
  c.emit({ op: 'multiply', inputs: [c.name(large), c.name(small)], output: c.name(result(op)), activation: activation(op.options?.int8(0) ?? 0) });
};

const prelu: Converter = (op, c) => {
  const { large, small, swapped } = broadcast(op);
  need(!swapped, 'its slopes are larger than its input');
  c.emit({ op: 'prelu', inputs: [c.name(large), c.name(small)], output: c.name(result(op)) });
};

const concatenation: Converter = (op, c) => {
  const shape = result(op).shape, axis = op.options?.int32(0) ?? 0;
  need(activation(op.options?.int8(1) ?? 0) === 'none', 'it has a fused activation');
  need(op.inputs.length > 0 && axis >= -shape.length && axis < shape.length, `axis ${axis} of [${shape}]`);
  const to = quantization(result(op));
  for (const t of op.inputs) {
    const from = quantization(t ?? refuse('an input is missing'));
    need(from.scale === to.scale && from.zeroPoint === to.zeroPoint, `its input ${t!.name} has another scale than its output: requantize before joining`);
  }
  c.emit({ op: 'concatenation', inputs: op.inputs.map((t) => c.name(t!)), output: c.name(result(op)), axis: axis < 0 ? axis + shape.length : axis });
};

const pad: Converter = (op, c) => {
  const x = operand(op, 0), pairs = integers(operand(op, 1)), q = quantization(x), fill = op.inputs[2];
  need(pairs.length === x.shape.length * 2 && pairs.every((n) => n >= 0), `paddings [${pairs}] for [${x.shape}]`);
  let value = 0;
  if (fill) {
    need(fill.type === 'int8' && fill.data.length === 1, 'its fill value is no int8 constant');
    value = q.scale * (((fill.data[0] << 24) >> 24) - q.zeroPoint);
  }
  c.emit({
    op: 'pad', inputs: [c.name(x)], output: c.name(result(op)), before: pairs.filter((_, i) => i % 2 === 0),
    after: pairs.filter((_, i) => i % 2 === 1), value,
  });
};

/** Reductions over dimensions that lie side by side, with nothing but ones before them: [.., h, w, c] to [.., c]. */
const reduce = (kind: 'mean' | 'maxPool2d'): Converter => (op, c) => {
  const x = operand(op, 0), axes = [...new Set(integers(operand(op, 1)).map((a) => (a < 0 ? a + x.shape.length : a)))].sort((a, b) => a - b);
  need(axes.length > 0 && axes.every((a, i) => a >= 0 && a < x.shape.length && a === axes[0] + i), `axes [${axes}] of [${x.shape}]: they must lie side by side`);
  need(elements(x.shape.slice(0, axes[0])) === 1, `axes [${axes}] of [${x.shape}]: only dimensions of 1 may lie before them`);
  const size = elements(axes.map((a) => x.shape[a])), channels = elements(x.shape.slice(axes[axes.length - 1] + 1));
  const [height, width] = axes.length > 1 ? [x.shape[axes[0]], size / x.shape[axes[0]]] : [size, 1];
  const image = c.temporary([1, height, width, channels], x), reduced = c.temporary([1, 1, 1, channels], result(op));
  c.emit({ op: 'reshape', inputs: [c.name(x)], output: image });
  const window: Window = { kernel: [height, width], stride: [height, width], dilation: [1, 1], pads: [0, 0, 0, 0] };
  c.emit(kind === 'mean' ? { op: 'mean', inputs: [image], output: reduced } : { op: kind, inputs: [image], output: reduced, window, activation: 'none' });
  c.emit({ op: 'reshape', inputs: [reduced], output: c.name(result(op)) });
};

const reshape: Converter = (op, c) => {
  need(elements(operand(op, 0).shape) === elements(result(op).shape), 'its input and output differ in size');
  c.emit({ op: 'reshape', inputs: [c.name(operand(op, 0))], output: c.name(result(op)) });
};

const transpose: Converter = (op, c) => {
  const x = operand(op, 0), permutation = integers(operand(op, 1));
  need(permutation.length === x.shape.length && x.shape.every((_, i) => permutation.includes(i)), `permutation [${permutation}] of [${x.shape}]`);
  const moved = permutation.filter((d) => x.shape[d] !== 1); // dimensions of 1 may go anywhere
  if (moved.every((d, i) => i === 0 || d > moved[i - 1])) return reshape(op, c);
  c.emit({ op: 'transpose', inputs: [c.name(x)], output: c.name(result(op)), permutation });
};

const softmax: Converter = (op, c) => {
  const { scale, zeroPoint } = quantization(result(op));
  need(scale === 1 / 256 && zeroPoint === -128, `its output has scale ${scale} and zero point ${zeroPoint}; TensorFlow Lite's softmax gives 1/256 and -128`);
  c.emit({ op: 'softmax', inputs: [c.name(operand(op, 0))], output: c.name(result(op)), beta: op.options?.float(0) ?? 1 });
};

/** An operator of one value: its table depends on the quantizations of input and output. */
const lookup = (make: (from: Quantization, to: Quantization, op: TfOperator, single: boolean) => Int8Array): Converter => (op, c) => {
  const x = operand(op, 0), table = make(quantization(x), quantization(result(op)), op, c.single);
  c.emit({ op: 'lookup', inputs: [c.name(x)], output: c.name(result(op)), table });
};

const stridedSlice: Converter = (op, c) => {
  const x = operand(op, 0), o = op.options, [begins, ends, strides] = [1, 2, 3].map((i) => integers(operand(op, i)));
  need(!o?.int32(2) && !o?.int32(3), 'it uses an ellipsis or new-axis mask');
  need([begins, ends, strides].every((list) => list.length <= x.shape.length) && strides.every((s) => s !== 0), 'its begin, end and strides do not fit its input');
  const begin: number[] = [], stride: number[] = [], count: number[] = [];
  x.shape.forEach((size, d) => {
    const s = strides[d] ?? 1, masked = (field: number): boolean => d >= begins.length || ((o?.int32(field) ?? 0) >> d & 1) === 1;
    const at = (v: number): number => Math.max(s > 0 ? 0 : -1, Math.min(s > 0 ? size : size - 1, v < 0 ? v + size : v));
    const first = masked(0) ? (s > 0 ? 0 : size - 1) : at(begins[d]);
    const shrink = d < begins.length && ((o?.int32(4) ?? 0) >> d & 1) === 1;
    const end = shrink ? first + s : masked(1) ? (s > 0 ? size : -1) : at(ends[d]);
    begin.push(first);
    stride.push(s);
    count.push(shrink ? 1 : Math.max(0, Math.ceil((end - first) / s)));
  });
  need(elements(count) > 0, 'nothing is left of its input');
  c.emit({ op: 'slice', inputs: [c.name(x)], output: c.name(result(op)), begin, stride, count });
};

const split: Converter = (op, c) => {
  const x = operand(op, 1), [given] = integers(operand(op, 0)), axis = given < 0 ? given + x.shape.length : given;
  need(axis >= 0 && axis < x.shape.length && x.shape[axis] % op.outputs.length === 0, `axis ${given} of [${x.shape}] cannot be split into ${op.outputs.length}`);
  const part = x.shape[axis] / op.outputs.length;
  op.outputs.forEach((y, i) => {
    const begin = x.shape.map((_, d) => (d === axis ? i * part : 0)), count = x.shape.map((n, d) => (d === axis ? part : n));
    c.emit({ op: 'slice', inputs: [c.name(x)], output: c.name(y), begin, stride: x.shape.map(() => 1), count });
  });
};

const resizeNearest: Converter = (op, c) => {
  const x = operand(op, 0), y = result(op), corners = op.options?.int8(0) === 1, centers = op.options?.int8(1) === 1, f = Math.fround;
  need(x.shape.length === 4 && x.shape[0] === 1 && y.shape.length === 4, `its input has the shape [${x.shape}]`);
  const sources = (from: number, to: number): number[] => {
    const scale = corners && to > 1 ? f((from - 1) / (to - 1)) : f(from / to);
    return Array.from({ length: to }, (_, i) => {
      const at = f(f(i + (centers ? 0.5 : 0)) * scale);
      return Math.max(0, Math.min(from - 1, corners ? Math.round(at) : Math.floor(at)));
    });
  };
  c.emit({ op: 'resizeNearest', inputs: [c.name(x)], output: c.name(y), rows: sources(x.shape[1], y.shape[1]), columns: sources(x.shape[2], y.shape[2]) });
};

/** By TFLite's name. QUANTIZE and DEQUANTIZE at the model's edges are taken away before these are asked. */
export const converters: Record<string, Converter> = {
  ADD: add(false),
  AVERAGE_POOL_2D: pool('averagePool2d'),
  CONCATENATION: concatenation,
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  EXPAND_DIMS: reshape,
  FULLY_CONNECTED: fullyConnected,
  HARD_SWISH: lookup((from, to) => hardSwishTable(from, to)),
  LEAKY_RELU: lookup((from, to, op, single) => leakyReluTable(from, to, op.options?.float(0) ?? 0, single)),
  LOGISTIC: lookup((from, _, __, single) => logisticTable(from, single)),
  MAX_POOL_2D: pool('maxPool2d'),
  MEAN: reduce('mean'),
  MUL: multiply,
  PAD: pad,
  PADV2: pad,
  PRELU: prelu,
  QUANTIZE: lookup((from, to, _, single) => requantizeTable(from, to, single)),
  REDUCE_MAX: reduce('maxPool2d'),
  RELU: lookup((from, to, _, single) => reluTable(from, to, single, 0, Infinity)),
  RELU6: lookup((from) => relu6Table(from)),
  RELU_N1_TO_1: lookup((from, to, _, single) => reluTable(from, to, single, -1, 1)),
  RESHAPE: reshape,
  RESIZE_NEAREST_NEIGHBOR: resizeNearest,
  SOFTMAX: softmax,
  SPLIT: split,
  SQUEEZE: reshape,
  STRIDED_SLICE: stridedSlice,
  SUB: add(true),
  TANH: lookup((from, _, __, single) => tanhTable(from, single)),
  TRANSPOSE: transpose,
};
