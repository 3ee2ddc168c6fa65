/**
 * Batch normalization, and arithmetic with constants: x * factor + offset per channel. Optimization folds it
 * into neighbours.
 */
import {
  inPixelOrder,
  floats,
  need,
  number,
  refuse,
  type OnnxContext,
  type Value,
} from '../import/onnx/context';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    affine: { factors: Float32Array; offsets: Float32Array };
  }
}

function emitAffine(c: OnnxContext, x: Value, factors: Float32Array, offsets: Float32Array): void {
  const inOrder = (values: Float32Array): Float32Array => inPixelOrder(values, x.flattened);
  c.emit(
    { op: 'affine', inputs: [x.tensor], factors: inOrder(factors), offsets: inOrder(offsets) },
    x.shape,
    x.flattened,
  );
}

function batchNormalization(c: OnnxContext): void {
  const x = c.value(0),
    statistics = [1, 2, 3, 4].map((i) => floats(c, i, 'statistics').data),
    [scale, bias, mean, variance] = statistics;
  const inference = !number(c, 'training_mode', 0) && c.node.outputs.filter(Boolean).length === 1;
  need(inference, 'it is in training mode: export the model in evaluation mode');
  const fits = [2, 4].includes(x.shape.length) && statistics.every((s) => s.length === x.shape[1]);
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
    channels = x.shape[1],
    fromEnd = x.shape.length - 1;
  if (![2, 4].includes(x.shape.length) || shape.length > x.shape.length) return false;
  // The constant's dimensions stand under the last ones of x: all must be 1 but the one under the channels.
  const perChannel = data.length === channels && shape[shape.length - fromEnd] === channels;
  if (!perChannel && data.length !== 1) return false;
  const pairs = Array.from({ length: channels }, (_, k) => coefficients(data[perChannel ? k : 0], i === 1));
  emitAffine(
    c,
    x,
    Float32Array.from(pairs, ([f]) => f),
    Float32Array.from(pairs, ([, o]) => o),
  );
  return true;
}

function div(c: OnnxContext): void {
  need(!c.constant(0), 'it divides a constant by what is computed, which no kernel can');
  const ok = byConstant(c, (k) => (k === 0 ? refuse('it divides by zero') : [1 / k, 0]));
  need(ok, 'it divides by something other than a constant for each channel or one for all');
}

export const affine = define({
  kind: 'affine',
  device: [],
  onnx: { BatchNormalization: batchNormalization, Div: div },
  scale: () => 'own',
});
