/** Two operands of which the second is repeated. */
import { packGraph } from '../../host/file/pack-graph';
import type { Case } from './compare';
import { refuses, reshaped } from './damage';
import { network, type Tensors } from './network';
import type { Random } from './random';

/**
 * Shapes of operands: the second one value, a vector over the last dimensions, or as large as the first;
 * ranks from 1 to 4.
 */
export function operandShapes(random: Random): [large: number[], small: number[]] {
  const large = Array.from({ length: random.between(1, 4) }, () => random.between(1, 6)),
    whole = random.between(0, large.length),
    small = large.slice(whole);
  if (!small.length) return [large, [1]];
  return [large, random.below(2) ? small : [...large.slice(0, whole).map(() => 1), ...small]];
}

/** Tensors a, b and y. */
export function operands(
  random: Random,
  [large, small]: [number[], number[]] = operandShapes(random),
): Tensors {
  return {
    a: { shape: large, quantization: random.quantization() },
    b: { shape: small, quantization: random.quantization() },
    y: { shape: large, quantization: random.quantization() },
  };
}

/** All pairs of two int8, and their shape. */
export const everyPair = {
  shape: [256, 256],
  inputs: [
    Int8Array.from({ length: 65536 }, (_, i) => (i >> 8) - 128),
    Int8Array.from({ length: 65536 }, (_, i) => (i & 255) - 128),
  ],
};

/** A second operand of 5, 7 or 10 values is refused for a first one of 24. */
export function refusesOddOperands({ node, tensors }: Case): void {
  const { file } = packGraph(network(node, tensors));
  for (const shape of [[5], [1, 7], [2, 5]]) refuses(reshaped(file, 1, shape), /cannot be repeated/);
}
