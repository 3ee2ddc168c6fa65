/** What values a node can give at most, by those that its inputs can hold: without running it. */
import {
  tapsOf,
  type FloatParameters,
  type Node,
  type NodeKinds,
  type NodeOf,
  type Activation,
  type Quantization,
} from '../../graph';
import { evaluate } from '../../operators/expression';
import { isReal, realValues } from '../../operators/real-tables';
import { joinRanges, rangeOf, type Range } from '../observers';

/** The real numbers that int8 stands for. */
const rangeOfScale = ({ scale, zeroPoint }: Quantization): Range => ({
  min: (-128 - zeroPoint) * scale,
  max: (127 - zeroPoint) * scale,
});

const products = (a: Range, b: Range): Range =>
  rangeOf([a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max]);

const LIMITS: Record<Activation, Range> = {
  none: { min: -Infinity, max: Infinity },
  relu: { min: 0, max: Infinity },
  relu6: { min: 0, max: 6 },
  reluN1To1: { min: -1, max: 1 },
};

function clipped({ min, max }: Range, activation: Activation): Range {
  const limit = LIMITS[activation],
    inside = (v: number): number => Math.max(limit.min, Math.min(limit.max, v));
  return { min: inside(min), max: inside(max) };
}

/** Every product at its worst; what is padded is zero, which every scale has. */
function layerBound({ weights, bias }: FloatParameters, input: Range): Range {
  const taps = tapsOf({ weights, bias }),
    sums = Array.from(bias, (b) => ({ min: b, max: b }));
  weights.forEach((w, i) => {
    const sum = sums[Math.floor(i / taps)];
    sum.min += Math.min(w * input.min, w * input.max);
    sum.max += Math.max(w * input.min, w * input.max);
  });
  return joinRanges(sums);
}

/**
 * @param scales of its inputs
 * @returns undefined for kinds of which nothing is known
 */
export function bound(node: Node<FloatParameters>, scales: Quantization[]): Range | undefined {
  const [a, b] = scales.map(rangeOfScale);
  if ('parameters' in node) return clipped(layerBound(node.parameters, a), node.activation);
  if (node.op === 'lookup') return lookupBound(node, scales[0]);
  if (node.op === 'add') return clipped(sumBound(node, a, b), node.activation);
  if (node.op === 'multiply') return clipped(products(a, b), node.activation);
  if (node.op === 'prelu') return joinRanges([a, products(a, b)]);
  const within = ['averagePool2d', 'concatenation', 'maximum', 'mean'].includes(node.op);
  return within ? joinRanges(scales.map(rangeOfScale)) : undefined;
}

/** The function of every value that int8 can be. */
function lookupBound(
  { function: name, alpha = 0, expression = 'x' }: NodeKinds<unknown>['lookup'],
  q: Quantization,
) {
  if (isReal(name)) return rangeOf(realValues(name, alpha, q));
  const values = realValues('requantize', 0, q).map((x) => evaluate(expression, x)),
    finite = values.filter(Number.isFinite);
  return finite.length ? rangeOf(finite) : undefined;
}

function sumBound({ signs = [1, 1] }: NodeOf<'add', FloatParameters>, a: Range, b: Range): Range {
  const [x, y] = [a, b].map(({ min, max }, i) => rangeOf([signs[i] * min, signs[i] * max]));
  return { min: x.min + y.min, max: x.max + y.max };
}
