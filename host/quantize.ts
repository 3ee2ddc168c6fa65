/**
 * Float graph to int8 graph: a scale and zero point for every tensor from its observed range, int8 weights with a scale per
 * output channel, int32 biases. Shapes, windows and the order of operators stay as they are.
 */
import { FlintError } from '../src/error';
import type { FloatGraph, FloatParameters, IntGraph, IntParameters, Node, Quantization } from './graph';
import { round } from './multiplier';

export interface Range {
  min: number;
  max: number;
}

/** Asymmetric int8: zero is exactly representable, and the range covers at least [min, max]. */
export function rangeQuantization({ min, max }: Range): Quantization {
  const low = Math.min(min, 0), high = Math.max(max, 0);
  const scale = Math.fround((high - low) / 255) || Math.fround(1 / 255);
  return { scale, zeroPoint: Math.max(-128, Math.min(127, round(-128 - low / scale))) };
}

/** Operators whose output has its input's scale and zero point, because they move or compare bytes. */
const keepsScale = new Set<string>(['maxPool2d', 'averagePool2d', 'reshape', 'pad', 'concatenation']);

/**
 * Ranges of tensors that must agree, joined: both sides of a pooling, all parts of a concatenation.
 * @param fixed quantizations given from outside, which win over observed ranges
 */
function activations(graph: FloatGraph, ranges: Map<string, Range>, fixed: Map<string, Quantization>): Map<string, Quantization> {
  const group = new Map([...graph.tensors.keys()].map((name) => [name, name]));
  const find = (name: string): string => {
    while (group.get(name) !== name) name = group.get(name)!;
    return name;
  };
  for (const node of graph.nodes) {
    if (keepsScale.has(node.op)) for (const name of node.inputs) group.set(find(name), find(node.output));
  }
  const fixedByGroup = new Map<string, Quantization>();
  for (const node of graph.nodes) if (node.op === 'softmax') fixedByGroup.set(find(node.output), { scale: 1 / 256, zeroPoint: -128 });
  for (const [name, q] of fixed) {
    const other = fixedByGroup.get(find(name));
    if (other && (other.scale !== q.scale || other.zeroPoint !== q.zeroPoint))
      throw new FlintError(`tensor ${name} must have two different scales at once: a softmax or an input is joined with another by a concatenation or pooling`);
    fixedByGroup.set(find(name), q);
  }
  const joined = new Map<string, Range>();
  for (const name of graph.tensors.keys()) {
    const range = ranges.get(name), root = find(name), known = joined.get(root);
    if (range) joined.set(root, known ? { min: Math.min(known.min, range.min), max: Math.max(known.max, range.max) } : range);
  }
  const result = new Map<string, Quantization>();
  for (const name of graph.tensors.keys()) {
    const root = find(name), range = joined.get(root), given = fixedByGroup.get(root);
    if (!given && !range) throw new FlintError(`no calibrated range for tensor ${name}`);
    result.set(name, given ?? rangeQuantization(range!));
  }
  return result;
}

/** Output channel of weight i: conv2d and fullyConnected store channels outermost, depthwiseConv2d innermost. */
export function channelOf(node: { op: string }, channels: number, perChannel: number): (i: number) => number {
  return node.op === 'depthwiseConv2d' ? (i) => i % channels : (i) => Math.floor(i / perChannel);
}

function parameters(node: Node<FloatParameters> & { parameters: FloatParameters }, inputScale: number): IntParameters {
  const { weights, bias } = node.parameters, channels = bias.length, perChannel = weights.length / channels;
  const channel = channelOf(node, channels, perChannel);
  const largest = new Float64Array(channels);
  weights.forEach((w, i) => (largest[channel(i)] = Math.max(largest[channel(i)], Math.abs(w))));
  const given = node.parameters.scales;
  // A channel of zeros, or nearly, takes a scale that still lets its bias fit 31 bits.
  const scales = largest.map((w, c) => given ? given[given.length > 1 ? c : 0] : Math.fround(Math.max(w / 127, Math.abs(bias[c]) / (inputScale * 2 ** 30), 1e-20)));
  return {
    weights: Int8Array.from(weights, (w, i) => Math.max(-127, Math.min(127, round(w / scales[channel(i)])))),
    scales,
    bias: Int32Array.from(bias, (b, c) => round(b / (inputScale * scales[c]))),
  };
}

/**
 * @param ranges observed range of every tensor, by tensor name
 * @param fixed quantizations that are given: the input's, from the image recipe
 */
export function quantize(graph: FloatGraph, ranges: Map<string, Range>, fixed: Map<string, Quantization>): IntGraph {
  const quantization = activations(graph, ranges, fixed);
  return {
    ...graph,
    tensors: new Map([...graph.tensors].map(([name, tensor]) => [name, { ...tensor, quantization: quantization.get(name)! }])),
    nodes: graph.nodes.map((node): Node<IntParameters> =>
      'parameters' in node ? { ...node, parameters: parameters(node, quantization.get(node.inputs[0])!.scale) } : node),
  };
}
