/** Operators that compute with values: fully connected layers, normalization, activations, addition, softmax. */
import { elements } from '../graph';
import { axisOf, floats, inPixelOrder, need, number, ordered, refuse, scalar, type Context, type Value } from './context';

/** x * factor + offset per channel, both in ONNX's order. */
function affine(c: Context, x: Value, factors: Float32Array, offsets: Float32Array): void {
  const inOrder = (values: Float32Array): Float32Array => inPixelOrder(values, x.flattened);
  c.emit({ op: 'affine', inputs: [x.tensor], factors: inOrder(factors), offsets: inOrder(offsets) }, x.shape, x.flattened);
}

export function batchNormalization(c: Context): void {
  const x = c.value(0), statistics = [1, 2, 3, 4].map((i) => floats(c, i, 'statistics').data), [scale, bias, mean, variance] = statistics;
  need(!number(c, 'training_mode', 0) && c.node.outputs.filter(Boolean).length === 1, 'it is in training mode: export the model in evaluation mode');
  need([2, 4].includes(x.shape.length) && statistics.every((s) => s.length === x.shape[1]), `it has statistics of ${statistics.map((s) => s.length).join(', ')} channels for an input [${x.shape}]`);
  const epsilon = number(c, 'epsilon', 1e-5);
  need(variance.every((v) => v + epsilon > 0), `its variance, ${c.node.inputs[4]}, is not positive`);
  const factors = scale.map((s, i) => s / Math.sqrt(variance[i] + epsilon));
  affine(c, x, factors, bias.map((b, i) => b - mean[i] * factors[i]));
}

export const activation = (kind: 'relu' | 'relu6') => (c: Context): void => {
  const x = c.value(0);
  c.emit({ op: 'activation', inputs: [x.tensor], activation: kind }, x.shape, x.flattened);
};

export function clip(c: Context): void {
  const low = scalar(c, 1, 'min', -Infinity), high = scalar(c, 2, 'max', Infinity);
  if (low === 0 && high === 6) return activation('relu6')(c);
  if (low === 0 && high > 3e38) return activation('relu')(c);
  refuse(`it clips to ${low}..${high}; 0..6 (ReLU6) and 0..infinity (ReLU) run`);
}

export function add(c: Context): void {
  if (c.constant(0) || c.constant(1)) return addConstant(c, c.constant(1) ? 0 : 1);
  const x = c.value(0), y = c.value(1);
  need(x.shape.join() === y.shape.join(), `it adds [${x.shape}] and [${y.shape}]: operands of one shape are needed`);
  need(x.flattened?.join() === y.flattened?.join(), 'it adds images that were flattened from different shapes, whose orders differ on the device');
  c.emit({ op: 'add', inputs: [x.tensor, y.tensor], activation: 'none' }, x.shape, x.flattened);
}

/** Adding a constant per channel: the bias behind a MatMul. @param i the operand that is computed */
function addConstant(c: Context, i: number): void {
  const x = c.value(i), { shape, data } = floats(c, 1 - i, 'constant'), channels = x.shape[1], fromEnd = x.shape.length - 1;
  // The constant's dimensions stand under the last ones of x: all must be 1 but the one under the channels.
  const perChannel = shape.length <= x.shape.length && data.length === channels && shape[shape.length - fromEnd] === channels;
  need([2, 4].includes(x.shape.length) && (perChannel || (data.length === 1 && shape.length <= x.shape.length)), `it adds a constant of the shape [${shape}] to [${x.shape}]: one value per channel is needed`);
  affine(c, x, new Float32Array(channels).fill(1), perChannel ? data : new Float32Array(channels).fill(data[0]));
}

/** y = x * w, w given as [inputs][outputs] through `at`; a flattened image's inputs are put into pixel order. */
function dense(c: Context, x: Value, inputs: number, outputs: number, at: (i: number, o: number) => number, bias: Float32Array, scales?: number[]): void {
  need(outputs > 0 && x.shape.length === 2 && x.shape[1] === inputs, `its weights take ${inputs} inputs, its input is [${x.shape}]`);
  const weights = new Float32Array(inputs * outputs), row = new Float32Array(inputs);
  for (let o = 0; o < outputs; o++) weights.set(inPixelOrder(row.map((_, i) => at(i, o)), x.flattened), o * inputs);
  c.emit({ op: 'fullyConnected', inputs: [x.tensor], activation: 'none', parameters: { weights, bias, scales } }, [1, outputs]);
}

export function gemm(c: Context): void {
  const x = c.value(0), w = floats(c, 1, 'weights'), transposed = number(c, 'transB', 0), alpha = number(c, 'alpha', 1), beta = number(c, 'beta', 1);
  need(w.shape.length === 2, `its weights have the shape [${w.shape}]`);
  need(!number(c, 'transA', 0) || elements(x.shape) === 1, 'it transposes its input, which makes a batch of it: export it with transA=0');
  const [inputs, outputs] = transposed ? [w.shape[1], w.shape[0]] : w.shape, b = c.node.inputs[2] ? floats(c, 2, 'bias').data : new Float32Array(1);
  need(b.length === outputs || b.length === 1, `its bias has ${b.length} values for ${outputs} outputs`);
  const bias = Float32Array.from({ length: outputs }, (_, o) => beta * b[b.length === 1 ? 0 : o]);
  dense(c, x, inputs, outputs, (i, o) => alpha * w.data[transposed ? o * inputs + i : i * outputs + o], bias, alpha === 1 ? w.scales : undefined);
}

export function matMul(c: Context): void {
  const x = c.value(0), w = floats(c, 1, 'second operand'), [inputs, outputs] = w.shape;
  need(w.shape.length === 2, `its second operand has the shape [${w.shape}]`);
  dense(c, x, inputs, outputs, (i, o) => w.data[i * outputs + o], new Float32Array(outputs), w.scales);
}

/** Over the channels. Before opset 13 it runs over everything from its axis on, taken as one vector. */
export function softmax(c: Context): void {
  const x = ordered(c), old = c.opset < 13, axis = axisOf(number(c, 'axis', old ? 1 : -1), x.shape.length), vector = elements(x.shape) === x.shape[1];
  const overChannels = old ? axis <= 1 && vector : axis === 1 && (vector || x.shape.length === 4);
  need(overChannels, `it runs along axis ${axis} of [${x.shape}]; over channels or a vector of classes it can`);
  c.emit({ op: 'softmax', inputs: [x.tensor], beta: 1 }, x.shape);
}

/** Nothing is dropped when a model is used. */
export function dropout(c: Context): void {
  need(!scalar(c, 2, 'training_mode', 0), 'it is in training mode: export the model in evaluation mode');
  c.alias(c.value(0));
}
