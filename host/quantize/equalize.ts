/**
 * Cross-layer equalization (Nagel et al., 2019): where a layer's output goes through nothing but ReLU into
 * one other layer, a channel can be made larger in the first and smaller in the second without changing what
 * they compute. Balanced, per-tensor scales fit all channels.
 */
import { isLayer, tapsOf, type FloatGraph, type FloatParameters, type Node } from '../graph';
import type { FloatLayer } from './statistics';

/** Largest weight that belongs to each channel of the tensor between two layers. */
function ranges(node: FloatLayer, channels: number, side: 'output' | 'input'): Float64Array {
  const { weights } = node.parameters,
    result = new Float64Array(channels);
  weights.forEach((w, i) => {
    const c = channelAt(node, i, channels, side);
    result[c] = Math.max(result[c], Math.abs(w));
  });
  return result;
}

/** Channel of weight i on one side of a layer. */
function channelAt(node: FloatLayer, i: number, channels: number, side: 'output' | 'input'): number {
  const output = Math.floor(i / tapsOf(node.parameters));
  if (side === 'output') return output;
  return node.op === 'depthwiseConv2d' ? Math.floor(output / node.multiplier) : i % channels;
}

/** Scaled copies of a layer's parameters: weights of channel c times factor[c]. */
function scaled(node: FloatLayer, factor: Float64Array, side: 'output' | 'input'): FloatLayer {
  const { weights, bias } = node.parameters;
  return {
    ...node,
    parameters: {
      weights: weights.map((w, i) => w * factor[channelAt(node, i, factor.length, side)]),
      bias: side === 'output' ? bias.map((b, c) => b * factor[c]) : bias,
    },
  };
}

/** Balanced this often: what a layer gives to the next changes what that one gives on. */
const ROUNDS = 20;

/**
 * @returns the same network balanced, and what each tensor's channels were multiplied by (tensors not named:
 * 1)
 */
export function equalize(graph: FloatGraph): { graph: FloatGraph; factors: Map<string, Float32Array> } {
  const nodes = new Map<string, Node<FloatParameters>>(graph.nodes.map((node) => [node.output, node])),
    factors = new Map<string, Float32Array>();
  const pairs: { first: string; second: string; between: string[] }[] = [];
  for (const node of graph.nodes) {
    if (
      !isLayer(node) ||
      (node.activation !== 'none' && node.activation !== 'relu') ||
      graph.outputs.includes(node.output)
    )
      continue;
    // Through poolings and flattening too: they treat all channels alike. A flattened image repeats its
    // channels.
    for (const between = [node.output]; ;) {
      const readers = graph.nodes.filter((n) => n.inputs.includes(between[between.length - 1])),
        [reader] = readers;
      if (readers.length !== 1 || graph.outputs.includes(between[between.length - 1])) break;
      if (isLayer(reader)) pairs.push({ first: node.output, second: reader.output, between });
      if (!['maxPool2d', 'averagePool2d', 'reshape'].includes(reader.op)) break;
      between.push(reader.output);
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { first, second, between } of pairs) {
      const a = nodes.get(first) as FloatLayer,
        b = nodes.get(second) as FloatLayer,
        shape = graph.tensors.get(first)!.shape,
        channels = shape[shape.length - 1];
      const own = ranges(a, channels, 'output'),
        next = ranges(b, channels, 'input');
      const factor = own.map((r, c) => (r > 0 && next[c] > 0 ? Math.sqrt(next[c] / r) : 1));
      nodes.set(first, scaled(a, factor, 'output'));
      nodes.set(
        second,
        scaled(
          b,
          factor.map((f) => 1 / f),
          'input',
        ),
      );
      const known = factors.get(first) ?? new Float32Array(channels).fill(1);
      for (const name of between)
        factors.set(
          name,
          known.map((k, c) => k * factor[c]),
        );
    }
  }
  return { graph: { ...graph, nodes: graph.nodes.map((node) => nodes.get(node.output)!) }, factors };
}
