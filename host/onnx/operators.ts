/** One ONNX node as nodes of our graph, NCHW turned into NHWC; what cannot be expressed is a Refusal. */
import { elements, type FloatGraph, type FloatParameters, type Node, type Window } from '../graph';
import type { Constant, OnnxNode } from './read';

export class Refusal extends Error {}

/** An ONNX value: a tensor of our graph, seen as ONNX shapes it. */
export interface Value {
  tensor: string;
  /** As ONNX has it: [1, channels, height, width], or [1, n]. */
  shape: number[];
  /** Set when this is a flattened image whose n values ONNX orders by channel, we by pixel: [channels, height, width]. */
  flattened?: [number, number, number];
}

/** A node without its name and output, which the importer knows. */
export type Part = Node<FloatParameters> extends infer N ? (N extends unknown ? Omit<N, 'name' | 'output'> : never) : never;

export interface Context {
  graph: FloatGraph;
  node: OnnxNode;
  /** The value of input i; refuses constants and missing ones. */
  value(i: number): Value;
  /** The constant at input i, undefined when there is none. */
  constant(i: number): Constant | undefined;
  /** Adds a node whose output is the ONNX output, with the given ONNX shape. */
  emit(node: Part, shape: number[], flattened?: Value['flattened']): void;
  /** Adds a node in front; returns the value it computes. */
  before(node: Part, shape: number[]): Value;
  /** The ONNX output is the same as this value. */
  alias(value: Value): void;
  /** The model says how this value is quantized. */
  quantized(value: Value, scale: number, zeroPoint: number): void;
}

function refuse(why: string): never {
  throw new Refusal(why);
}
const need = (ok: unknown, why: string): void => {
  if (!ok) refuse(why);
};

const attribute = <T>(c: Context, name: string, otherwise: T): T => (c.node.attributes.get(name) as T | undefined) ?? otherwise;

function image(c: Context, i = 0): Value {
  const value = c.value(i);
  need(value.shape.length === 4, `its input has the shape [${value.shape}]; an image [1, channels, height, width] is needed`);
  return value;
}

function floats(c: Context, i: number, what: string): Constant & { data: Float32Array } {
  const constant = c.constant(i);
  need(constant?.data instanceof Float32Array, `its ${what} must be a constant of floats`);
  return constant as Constant & { data: Float32Array };
}

function integers(c: Context, i: number, name: string): number[] | undefined {
  const constant = c.constant(i);
  if (constant) return constant.data as number[];
  need(!c.node.inputs[i], `its ${name} must be a constant`);
  return attribute<number[] | undefined>(c, name, undefined);
}

/** Window and output size [height, width] of a convolution or pooling. */
function windowOf(c: Context, shape: number[], kernel: number[]): { window: Window; size: [number, number] } {
  const stride = attribute(c, 'strides', [1, 1]), dilation = attribute(c, 'dilations', [1, 1]), auto = attribute(c, 'auto_pad', 'NOTSET');
  need(kernel.length === 2, `its window has ${kernel.length} dimensions; two are supported`);
  const pads = attribute(c, 'pads', [0, 0, 0, 0]).slice() as Window['pads'], size: [number, number] = [0, 0];
  need([...kernel, ...stride, ...dilation].every((n) => n >= 1 && n <= 32767) && pads.every((p) => p >= 0 && p <= 32767), 'its window or padding has impossible sizes');
  for (const axis of [0, 1]) {
    const n = shape[2 + axis], extent = (kernel[axis] - 1) * dilation[axis] + 1;
    if (auto !== 'NOTSET') {
      const total = auto === 'VALID' ? 0 : Math.max((Math.ceil(n / stride[axis]) - 1) * stride[axis] + extent - n, 0);
      const less = total >> 1, more = total - less;
      pads[axis] = auto === 'SAME_LOWER' ? more : less;
      pads[axis + 2] = auto === 'SAME_LOWER' ? less : more;
    }
    const room = n + pads[axis] + pads[axis + 2] - extent;
    need(room >= 0, `its window of ${extent} does not fit its padded input of ${n + pads[axis] + pads[axis + 2]}`);
    size[axis] = Math.floor(room / stride[axis]) + 1;
    if (attribute(c, 'ceil_mode', 0) && room % stride[axis] && size[axis] * stride[axis] < n + pads[axis]) {
      // One more window, which reaches beyond the padding given.
      pads[axis + 2] += size[axis] * stride[axis] + extent - (n + pads[axis] + pads[axis + 2]);
      size[axis]++;
    }
  }
  return { window: { kernel: [kernel[0], kernel[1]], stride: [stride[0], stride[1]], dilation: [dilation[0], dilation[1]], pads }, size };
}

function conv(c: Context): void {
  const x = image(c), w = floats(c, 1, 'weights'), [, channels] = x.shape, group = attribute(c, 'group', 1);
  need(w.shape.length === 4, `its weights have the shape [${w.shape}]; only two-dimensional convolutions run`);
  const [outputs, depth, kernelY, kernelX] = w.shape, taps = kernelY * kernelX, { window, size } = windowOf(c, x.shape, [kernelY, kernelX]);
  const bias = c.node.inputs[2] ? floats(c, 2, 'bias').data : new Float32Array(outputs), shape = [1, outputs, ...size];
  need(bias.length === outputs && depth * group === channels, `its weights [${w.shape}] and bias do not belong to ${channels} input channels in ${group} groups`);
  if (group === 1) {
    const weights = new Float32Array(w.data.length); // [o][c][k] to [o][k][c]
    for (let o = 0, i = 0; o < outputs; o++) for (let d = 0; d < depth; d++) for (let k = 0; k < taps; k++, i++) weights[(o * taps + k) * depth + d] = w.data[i];
    return c.emit({ op: 'conv2d', inputs: [x.tensor], window, activation: 'none', parameters: { weights, bias, scales: w.scales } }, shape);
  }
  need(group === channels && outputs % channels === 0, `it has ${group} groups for ${channels} channels: only ordinary (one group) and depthwise convolutions run`);
  const weights = new Float32Array(w.data.length); // [o][k] to [k][o]
  for (let o = 0, i = 0; o < outputs; o++) for (let k = 0; k < taps; k++, i++) weights[k * outputs + o] = w.data[i];
  c.emit({ op: 'depthwiseConv2d', inputs: [x.tensor], window, multiplier: outputs / channels, activation: 'none', parameters: { weights, bias, scales: w.scales } }, shape);
}

function batchNormalization(c: Context): void {
  const x = c.value(0), [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => floats(c, i, 'statistics').data);
  need(!attribute(c, 'training_mode', 0) && c.node.outputs.filter(Boolean).length === 1, 'it is in training mode: export the model in evaluation mode');
  need(!x.flattened && scale.length === x.shape[1], `it has ${scale.length} channels for an input [${x.shape}]`);
  const factors = scale.map((s, i) => s / Math.sqrt(variance[i] + attribute(c, 'epsilon', 1e-5)));
  c.emit({ op: 'affine', inputs: [x.tensor], factors, offsets: bias.map((b, i) => b - mean[i] * factors[i]) }, x.shape);
}

const activation = (kind: 'relu' | 'relu6') => (c: Context): void => {
  const x = c.value(0);
  c.emit({ op: 'activation', inputs: [x.tensor], activation: kind }, x.shape, x.flattened);
};

function clip(c: Context): void {
  const bound = (i: number, name: string): number => (c.constant(i)?.data[0] as number | undefined) ?? attribute(c, name, i === 1 ? -Infinity : Infinity);
  const low = bound(1, 'min'), high = bound(2, 'max');
  if (low === 0 && high === 6) return activation('relu6')(c);
  if (low === 0 && high > 3e38) return activation('relu')(c);
  refuse(`it clips to ${low}..${high}; 0..6 (ReLU6) and 0..infinity (ReLU) run`);
}

const pool = (op: 'maxPool2d' | 'averagePool2d') => (c: Context): void => {
  let x = image(c);
  const { window, size } = windowOf(c, x.shape, attribute(c, 'kernel_shape', []));
  need(window.dilation.every((d) => d === 1), 'it is dilated');
  need(c.node.outputs.filter(Boolean).length === 1, 'its indices are used');
  if (op === 'averagePool2d' && attribute(c, 'count_include_pad', 0) && window.pads.some((p) => p > 0)) {
    need(!attribute(c, 'ceil_mode', 0), 'it counts padding and rounds its size up');
    x = paddedImage(c, x, window.pads, 0);
    window.pads = [0, 0, 0, 0];
  }
  c.emit({ op, inputs: [x.tensor], window, activation: 'none' }, [1, x.shape[1], ...size]);
};

function paddedImage(c: Context, x: Value, [top, left, bottom, right]: Window['pads'], value: number): Value {
  const [, channels, height, width] = x.shape, shape = [1, channels, height + top + bottom, width + left + right];
  return c.before({ op: 'pad', inputs: [x.tensor], before: [0, top, left, 0], after: [0, bottom, right, 0], value }, shape);
}

const globalPool = (op: 'maxPool2d' | 'averagePool2d', keep = true) => (c: Context): void => {
  const x = image(c), [, channels, height, width] = x.shape;
  const window: Window = { kernel: [height, width], stride: [height, width], dilation: [1, 1], pads: [0, 0, 0, 0] };
  const node: Part = { op, inputs: [x.tensor], window, activation: 'none' };
  if (keep) return c.emit(node, [1, channels, 1, 1]);
  const pooled = c.before(node, [1, channels, 1, 1]);
  c.emit({ op: 'reshape', inputs: [pooled.tensor] }, [1, channels]);
};

function reduceMean(c: Context): void {
  const axes = integers(c, 1, 'axes')?.map((a) => (a < 0 ? a + 4 : a)).sort();
  need(axes?.length === 2 && axes[0] === 2 && axes[1] === 3, `it reduces axes [${axes ?? 'all'}]; height and width (2, 3) run`);
  globalPool('averagePool2d', attribute(c, 'keepdims', 1) === 1)(c);
}

function add(c: Context): void {
  const [a, b] = [0, 1].map((i) => c.constant(i));
  if (a || b) return addConstant(c, b ? 0 : 1, (b ?? a)!);
  const x = c.value(0), y = c.value(1);
  need(x.shape.join() === y.shape.join() && !x.flattened === !y.flattened, `it adds [${x.shape}] and [${y.shape}]: operands of one shape are needed`);
  c.emit({ op: 'add', inputs: [x.tensor, y.tensor], activation: 'none' }, x.shape, x.flattened);
}

/** Adding a constant per channel: the bias behind a MatMul. */
function addConstant(c: Context, i: number, constant: Constant): void {
  const x = c.value(i), channels = x.shape[1], { data } = constant;
  const perChannel = x.shape.length === 4 ? constant.shape.length >= 3 && constant.shape[constant.shape.length - 3] === data.length : true;
  need(data instanceof Float32Array && !x.flattened && (data.length === 1 || (data.length === channels && perChannel)), `it adds a constant of the shape [${constant.shape}] to [${x.shape}]: one value per channel is needed`);
  const offsets = Float32Array.from({ length: channels }, (_, k) => (data as Float32Array)[data.length === 1 ? 0 : k]);
  c.emit({ op: 'affine', inputs: [x.tensor], factors: new Float32Array(channels).fill(1), offsets }, x.shape);
}

/** y = x * w, w given as [inputs][outputs] through `at`; a flattened image's inputs are put into pixel order. */
function dense(c: Context, x: Value, inputs: number, outputs: number, at: (i: number, o: number) => number, bias: Float32Array, scales?: number[]): void {
  need(x.shape.length === 2 && x.shape[0] === 1 && x.shape[1] === inputs, `its weights take ${inputs} inputs, its input is [${x.shape}]`);
  const weights = new Float32Array(inputs * outputs), [channels, height, width] = x.flattened ?? [1, 1, inputs], pixels = height * width;
  for (let o = 0; o < outputs; o++)
    for (let channel = 0, i = 0; channel < channels; channel++) for (let p = 0; p < pixels; p++, i++) weights[o * inputs + p * channels + channel] = at(i, o);
  c.emit({ op: 'fullyConnected', inputs: [x.tensor], activation: 'none', parameters: { weights, bias, scales } }, [1, outputs]);
}

function gemm(c: Context): void {
  const w = floats(c, 1, 'weights'), transposed = attribute(c, 'transB', 0), alpha = attribute(c, 'alpha', 1), beta = attribute(c, 'beta', 1);
  need(!attribute(c, 'transA', 0), 'it transposes its input');
  const [inputs, outputs] = transposed ? [w.shape[1], w.shape[0]] : w.shape, b = c.node.inputs[2] ? floats(c, 2, 'bias').data : new Float32Array(1);
  need(b.length === outputs || b.length === 1, `its bias has ${b.length} values for ${outputs} outputs`);
  const bias = Float32Array.from({ length: outputs }, (_, o) => beta * b[b.length === 1 ? 0 : o]);
  dense(c, c.value(0), inputs, outputs, (i, o) => alpha * w.data[transposed ? o * inputs + i : i * outputs + o], bias, alpha === 1 ? w.scales : undefined);
}

function matMul(c: Context): void {
  const w = floats(c, 1, 'second operand'), [inputs, outputs] = w.shape;
  need(w.shape.length === 2, `its second operand has the shape [${w.shape}]`);
  dense(c, c.value(0), inputs, outputs, (i, o) => w.data[i * outputs + o], new Float32Array(outputs), w.scales);
}

/** Flatten, Reshape, Squeeze, Unsqueeze: the batch of one stays in front; images become vectors, or lose or gain ones. */
function reshapeTo(c: Context, shape: number[]): void {
  const x = c.value(0), size = elements(x.shape);
  need(elements(shape) === size, `it makes [${shape}] of [${x.shape}]`);
  if (shape.join() === x.shape.join()) return c.alias(x);
  const [, channels, height, width] = x.shape.length === 4 ? x.shape : [1, x.shape[1], 1, 1];
  if (shape.length === 2 && shape[0] === 1) {
    const ordered = x.shape.length !== 4 || channels === 1 || height * width === 1;
    return c.emit({ op: 'reshape', inputs: [x.tensor] }, shape, ordered ? x.flattened : [channels, height, width]);
  }
  // A vector as an image of one pixel, or of one channel.
  need(x.shape.length === 2 && !x.flattened && shape.length === 4 && shape[0] === 1 && (shape[1] === 1 || shape[2] * shape[3] === 1), `it makes [${shape}] of [${x.shape}], which would mix channels and pixels`);
  c.emit({ op: 'reshape', inputs: [x.tensor] }, shape);
}

function reshape(c: Context): void {
  const x = c.value(0), wanted = integers(c, 1, 'shape') ?? refuse('its shape must be a constant');
  const shape = wanted.map((d, i) => (d === 0 && !attribute(c, 'allowzero', 0) ? x.shape[i] : d)), rest = elements(shape.filter((d) => d !== -1));
  reshapeTo(c, shape.map((d) => (d === -1 ? elements(x.shape) / rest : d)));
}

function flatten(c: Context): void {
  const x = c.value(0), given = attribute(c, 'axis', 1), axis = given < 0 ? given + x.shape.length : given;
  need(axis === 1 || elements(x.shape.slice(0, axis)) === 1, `it flattens from axis ${axis}`);
  reshapeTo(c, [1, elements(x.shape)]);
}

function squeeze(c: Context): void {
  const x = c.value(0), axes = integers(c, 1, 'axes')?.map((a) => (a < 0 ? a + x.shape.length : a));
  reshapeTo(c, x.shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1 || i === 0)));
}

function unsqueeze(c: Context): void {
  const x = c.value(0), axes = integers(c, 1, 'axes') ?? refuse('its axes must be a constant'), rank = x.shape.length + axes.length;
  const at = new Set(axes.map((a) => (a < 0 ? a + rank : a))), rest = [...x.shape];
  reshapeTo(c, Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift()!)));
}

function concat(c: Context): void {
  const values = c.node.inputs.map((_, i) => c.value(i)), [first] = values, given = attribute(c, 'axis', 1);
  const axis = given < 0 ? given + first.shape.length : given;
  need(values.every((v) => v.shape.length === first.shape.length && !v.flattened && v.shape.every((d, i) => i === axis || d === first.shape[i])), `it joins [${values.map((v) => v.shape.join(', ')).join('] and [')}]`);
  need(axis > 0 && axis < first.shape.length, `it joins along axis ${axis}`);
  const shape = first.shape.map((d, i) => (i === axis ? values.reduce((sum, v) => sum + v.shape[i], 0) : d));
  c.emit({ op: 'concatenation', inputs: values.map((v) => v.tensor), axis: first.shape.length === 2 ? axis : [0, 3, 1, 2][axis] }, shape);
}

function pad(c: Context): void {
  const x = image(c), pads = integers(c, 1, 'pads') ?? refuse('its pads must be a constant');
  need(attribute(c, 'mode', 'constant') === 'constant', `its mode is ${attribute(c, 'mode', '')}; constant padding runs`);
  need(pads.length === 8 && !pads[0] && !pads[4] && pads.every((p) => p >= 0), `its pads are [${pads}]`);
  const value = (c.constant(2)?.data[0] as number | undefined) ?? attribute(c, 'value', 0), nhwc = [0, 2, 3, 1];
  c.emit({ op: 'pad', inputs: [x.tensor], before: nhwc.map((i) => pads[i]), after: nhwc.map((i) => pads[i + 4]), value }, x.shape.map((d, i) => d + pads[i] + pads[i + 4]));
}

function softmax(c: Context): void {
  const x = c.value(0), given = attribute(c, 'axis', x.shape.length === 2 ? 1 : -1), axis = given < 0 ? given + x.shape.length : given;
  need(!x.flattened && axis === 1 && elements(x.shape) === x.shape[1], `it runs along axis ${given} of [${x.shape}]; over a vector of classes it can`);
  c.emit({ op: 'softmax', inputs: [x.tensor], beta: 1 }, x.shape);
}

/** The scale and zero point of a QuantizeLinear; uint8 becomes int8. */
function quantizeLinear(c: Context): void {
  const x = c.value(0), scale = floats(c, 1, 'scale').data, zero = c.constant(2);
  need(scale.length === 1 && (!zero || zero.data.length === 1), 'activations need one scale and zero point');
  c.quantized(x, scale[0], zero ? zero.data[0] - (zero.unsigned ? 128 : 0) : -128);
  c.alias(x);
}

/** Stored integers as the floats they stand for. */
export function dequantized(node: OnnxNode, constant: (name: string) => Constant | undefined): Constant {
  const [values, scale, zero] = node.inputs.map((name) => (name ? constant(name) : undefined));
  need(values && scale && Array.isArray(values.data), 'its input and scale must be constants');
  const axis = (node.attributes.get('axis') as number | undefined) ?? 1, { shape, data } = values!, scales = Array.from(scale!.data);
  const inner = elements(shape.slice(axis + 1)), at = (i: number): number => (scales.length > 1 ? Math.floor(i / inner) % scales.length : 0);
  need(!zero || Array.from(zero.data).every((z) => z === (values!.unsigned ? 128 : 0)), 'its weights are asymmetric: only zero points of 0 (int8) and 128 (uint8) run');
  need(scales.length === 1 || shape[axis] === scales.length, `it has ${scales.length} scales along axis ${axis} of [${shape}]`);
  return { shape, data: Float32Array.from(data, (q, i) => (q - (values!.unsigned ? 128 : 0)) * scales[at(i)]), scales };
}

const same = (c: Context): void => c.alias(c.value(0));

export const converters: Record<string, (c: Context) => void> = {
  Add: add,
  AveragePool: pool('averagePool2d'),
  BatchNormalization: batchNormalization,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  DequantizeLinear: same,
  Dropout: same,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalPool('averagePool2d'),
  GlobalMaxPool: globalPool('maxPool2d'),
  Identity: same,
  MatMul: matMul,
  MaxPool: pool('maxPool2d'),
  Pad: pad,
  QuantizeLinear: quantizeLinear,
  ReduceMean: reduceMean,
  Relu: activation('relu'),
  Reshape: reshape,
  Softmax: softmax,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
};

/** What to do instead of operators people meet. */
export const suggestions: Record<string, string> = {
  Sigmoid: 'take it out of the model: a threshold on its input decides the same',
  HardSwish: 'train with ReLU or ReLU6 instead, or convert the model to TFLite',
  LeakyRelu: 'train with ReLU instead, or convert the model to TFLite',
  PRelu: 'train with ReLU instead, or convert the model to TFLite',
  ConvTranspose: 'it has no counterpart on the device',
  LSTM: 'recurrent networks do not run',
  GRU: 'recurrent networks do not run',
  ArgMax: 'take it out of the model: the device finds the highest score itself',
  Transpose: 'export the model with images as [1, channels, height, width]',
};
