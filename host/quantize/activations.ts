/** A scale and zero point for every tensor. */
import { FlintError } from '../../src/error';
import { sameQuantization, type FloatGraph, type Quantization } from '../graph';
import { scaleRule } from '../operators';
import { round } from '../operators/multiplier';
import type { Scheme } from '../recipe/scheme';
import { joinRanges, rangeOf, type Range } from './observers';

/** int8: zero is exactly representable, and the range covers at least [min, max]. */
export function rangeQuantization(
  { min, max }: Range,
  kind: Scheme['activations'] = 'asymmetric',
): Quantization {
  const low = Math.min(min, 0),
    high = Math.max(max, 0);
  if (kind !== 'asymmetric') {
    const scale = Math.max(-low, high) / 127 || 1 / 127;
    return {
      scale: kind === 'symmetric' ? Math.fround(scale) : 2 ** Math.ceil(Math.log2(scale)),
      zeroPoint: 0,
    };
  }
  const scale = Math.fround((high - low) / 255) || Math.fround(1 / 255);
  return { scale, zeroPoint: Math.max(-128, Math.min(127, round(-128 - low / scale))) };
}

/**
 * Ranges of tensors that must agree, joined: both sides of a pooling, all parts of a concatenation.
 * @param fixed quantizations given from outside, which win over observed ranges
 */
export function activationScales(
  graph: FloatGraph,
  ranges: Map<string, Range>,
  fixed: Map<string, Quantization>,
  kind: Scheme['activations'],
): Map<string, Quantization> {
  const group = new Map([...graph.tensors.keys()].map((name) => [name, name]));
  const find = (name: string): string => {
    while (group.get(name) !== name) name = group.get(name)!;
    return name;
  };
  for (const node of graph.nodes)
    if (scaleRule(node) === 'input') for (const name of node.inputs) group.set(find(name), find(node.output));
  const fixedByGroup = new Map<string, Quantization>();
  for (const node of graph.nodes) {
    const rule = scaleRule(node);
    if (typeof rule === 'object') fixedByGroup.set(find(node.output), rule);
  }
  for (const [name, q] of fixed) {
    const other = fixedByGroup.get(find(name));
    if (other && !sameQuantization(other, q))
      throw new FlintError(
        `tensor ${name} must have two different scales at once: an input, or what a softmax, sigmoid or ` +
          'tanh gives, goes into an operator whose inputs and output share one scale',
      );
    fixedByGroup.set(find(name), q);
  }
  const constants = new Map(
    graph.nodes.flatMap((node) => (node.op === 'constant' ? [[node.output, rangeOf(node.data)]] : [])),
  );
  const joined = new Map<string, Range>();
  for (const name of graph.tensors.keys()) {
    const range = constants.get(name) ?? ranges.get(name),
      root = find(name),
      known = joined.get(root);
    if (range) joined.set(root, known ? joinRanges([known, range]) : range);
  }
  const result = new Map<string, Quantization>();
  for (const name of graph.tensors.keys()) {
    const root = find(name),
      range = joined.get(root),
      given = fixedByGroup.get(root);
    if (!given && !range) throw new FlintError(`no calibrated range for tensor ${name}`);
    result.set(name, given ?? rangeQuantization(range!, kind));
  }
  return result;
}
