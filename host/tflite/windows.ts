/** Operators with weights or windows. */
import { elements, type IntParameters, type Window } from '../graph';
import { activation, integers, need, operand, result, type Converter } from './context';
import type { TfOperator, TfTensor } from './read';

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

export const conv2d: Converter = (op, c) => {
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

export const depthwiseConv2d: Converter = (op, c) => {
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

export const fullyConnected: Converter = (op, c) => {
  const x = operand(op, 0), w = operand(op, 1);
  need(w.shape.length === 2, `its weights have the shape [${w.shape}]`);
  need((op.options?.int8(1) ?? 0) === 0, 'its weights are shuffled');
  need(elements(x.shape) % w.shape[1] === 0, `its weights [${w.shape}] do not belong to an input [${x.shape}]`);
  c.emit({
    op: 'fullyConnected', inputs: [c.name(x)], output: c.name(result(op)), activation: activation(op.options?.int8(0) ?? 0),
    parameters: parameters(op, w.shape[0], 0),
  });
};

export const pool = (kind: 'maxPool2d' | 'averagePool2d'): Converter => (op, c) => {
  const x = operand(op, 0), o = op.options;
  const window = windowOf(x, [o?.int32(4) ?? 1, o?.int32(3) ?? 1], [o?.int32(2) ?? 1, o?.int32(1) ?? 1], [1, 1], o?.int8(0) ?? 0);
  c.emit({ op: kind, inputs: [c.name(x)], output: c.name(result(op)), window, activation: activation(o?.int8(5) ?? 0) });
};

/** Reductions over dimensions that lie side by side, with nothing but ones before them: [.., h, w, c] to [.., c]. */
export const reduce = (kind: 'mean' | 'maxPool2d'): Converter => (op, c) => {
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
