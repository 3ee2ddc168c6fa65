/**
 * Batch normalization, and arithmetic with constants: x * factor + offset per channel. Optimization folds it
 * into neighbours.
 */
import { elements, type NodeKinds } from '../graph';
import { floats, need, number, refuse, type OnnxContext, type Value } from '../import/onnx/context';
import { axesOfDims } from '../import/onnx/layout';
import { around, emitAlike, shaped } from '../import/onnx/order';
import { indicesOf } from '../view';
import { onnxOperands } from './broadcast';
import type { Expression } from './expression';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    affine: { factors: Float32Array; offsets: Float32Array };
  }
}

const alike = (values: Float32Array): boolean => values.every((v) => v === values[0]);

/** What it makes of x, where that is one function for all channels. */
export const affineExpression = (
  { factors, offsets }: NodeKinds<unknown>['affine'],
  x: Expression = 'x',
): Expression | undefined =>
  alike(factors) && alike(offsets) ? ['add', ['multiply', x, factors[0]], offsets[0]] : undefined;

/** @param factors and offsets for each channel, dimension `d` of ONNX's; or one for all */
function emitAffine(c: OnnxContext, x: Value, d: number, factors: Float32Array, offsets: Float32Array): void {
  if (alike(factors) && alike(offsets)) {
    // One for all channels, however memory holds them.
    const shape = c.graph.tensors.get(x.tensor)!.shape,
      all = (values: Float32Array): Float32Array => new Float32Array(shape[shape.length - 1]).fill(values[0]);
    return emitAlike(c, x, {
      op: 'affine',
      inputs: [x.tensor],
      factors: all(factors),
      offsets: all(offsets),
    });
  }
  const { value, outer, size } = around(c, x, [d], true),
    own = axesOfDims(value)[d],
    axes = value.order.filter((a) => own.includes(a)),
    places = indicesOf({
      sizes: axes.map((a) => value.axes[a]),
      strides: axes.map((a) => elements(own.filter((o) => o > a).map((o) => value.axes[o]))),
    });
  const { shape } = c.graph.tensors.get(value.tensor)!,
    last = shape[shape.length - 1],
    // Channels of an image may be those of several pixels side by side.
    times = shape.length === 4 && last % size === 0 ? last / size : 1,
    fits = last === times * size ? shape : outer === 1 ? [1, size] : [1, outer, 1, size],
    inputs = [shaped(c, value, fits).tensor],
    inMemory = (values: Float32Array): Float32Array =>
      Float32Array.from({ length: times * size }, (_, i) => values[places[i % size]]);
  c.emit({ op: 'affine', inputs, factors: inMemory(factors), offsets: inMemory(offsets) }, value, fits);
}

function batchNormalization(c: OnnxContext): void {
  const x = c.value(0),
    statistics = [1, 2, 3, 4].map((i) => floats(c, i, 'statistics').data),
    [scale, bias, mean, variance] = statistics;
  const inference = !number(c, 'training_mode', 0) && c.node.outputs.filter(Boolean).length === 1;
  need(inference, 'it is in training mode: export the model in evaluation mode');
  const fits = x.shape.length > 1 && statistics.every((s) => s.length === x.shape[1]);
  need(
    fits,
    `it has statistics of ${statistics.map((s) => s.length).join(', ')} channels for an input [${x.shape}]`,
  );
  const epsilon = number(c, 'epsilon', 1e-5);
  need(
    variance.every((v) => v + epsilon > 0),
    `its variance, ${c.node.inputs[4]}, is not positive`,
  );
  const factors = scale.map((s, i) => s / Math.sqrt(variance[i] + epsilon));
  emitAffine(
    c,
    x,
    1,
    factors,
    bias.map((b, i) => b - mean[i] * factors[i]),
  );
}

/**
 * Arithmetic with a constant that has one value per channel, or one for all, becomes an affine node.
 * @param coefficients [factor, offset] of x for a constant k; `first` tells whether the constant is the first
 * operand
 * @returns false when there is no such constant
 */
export function byConstant(
  c: OnnxContext,
  coefficients: (k: number, first: boolean) => [number, number],
): boolean {
  const i = c.constant(1) ? 0 : 1;
  if (!c.constant(1 - i)) return false;
  const x = c.value(i),
    { shape, data } = floats(c, 1 - i, 'constant'),
    varies = shape.flatMap((size, d) => (size === 1 ? [] : [d - shape.length + x.shape.length]));
  // The constant's dimensions stand under the last ones of x: all must be 1 but the one under the channels.
  if (shape.length > x.shape.length || varies.length > 1) return false;
  const [d = x.shape.length - 1] = varies;
  if (data.length > 1 && (data.length !== x.shape[d] || (x.shape.length === 4 && !isInnermost(x, d))))
    return false;
  const pairs = Array.from(data, (k) => coefficients(k, i === 1));
  emitAffine(
    c,
    x,
    d,
    Float32Array.from(pairs, ([f]) => f),
    Float32Array.from(pairs, ([, o]) => o),
  );
  return true;
}

/** Whether memory holds dimension d of x innermost. */
function isInnermost(x: Value, d: number): boolean {
  const own = axesOfDims(x)[d];
  return x.order.slice(x.order.length - own.length).every((a) => own.includes(a));
}

function div(c: OnnxContext): void {
  need(c.constant(1), 'it divides by what is computed');
  if (byConstant(c, (k) => (k === 0 ? refuse('it divides by zero') : [1 / k, 0]))) return;
  const { large, small } = onnxOperands(c);
  emitAlike(c, large, { op: 'multiply', inputs: [large.tensor, small.tensor], activation: 'none' });
}

export const affine = define({
  kind: 'affine',
  device: [],
  onnx: { BatchNormalization: batchNormalization, Div: div },
  scale: () => 'own',
});
