/**
 * Cross-layer equalization (Nagel et al., 2019): where a layer's output goes through nothing but ReLU into
 * other layers, a channel can be made larger in the first and smaller in the others without changing what
 * they compute. Balanced, per-tensor scales fit all channels, and parts of a concatenation fit one scale.
 * Through ReLU6 that holds for channels which stay below 6, before and after.
 */
import { isLayer, tapsOf, type FloatGraph, type FloatParameters, type Node } from '../graph';
import { readsChannels } from './channel-order';
import type { FloatLayer } from './statistics';

/** Some channels of a tensor or of a layer's input: `count` of its `total`, from `first` on. */
interface Channels {
  first: number;
  count: number;
  total: number;
}

/** A layer's output, and everywhere it goes. */
interface Link {
  /** Outputs of the layers that make and read it. */
  maker: string;
  readers: { output: string; at: Channels }[];
  /** The tensors on the way that are images: those that hold its channels. */
  tensors: { name: string; at: Channels }[];
}

/** Largest weight that belongs to each of the channels on one side of a layer. */
function largest(node: FloatLayer, at: Channels, side: 'output' | 'input'): Float64Array {
  const result = new Float64Array(at.count);
  node.parameters.weights.forEach((w, i) => {
    const c = channelAt(node, i, at.total, side) - at.first;
    if (c >= 0 && c < at.count) result[c] = Math.max(result[c], Math.abs(w));
  });
  return result;
}

/** Channel of weight i on one side of a layer. A flattened image repeats its channels. */
function channelAt(node: FloatLayer, i: number, total: number, side: 'output' | 'input'): number {
  const output = Math.floor(i / tapsOf(node.parameters));
  if (side === 'output') return output;
  return node.op === 'depthwiseConv2d' ? Math.floor(output / node.multiplier) : i % total;
}

/** A copy of a layer: weights of the channel first + c times factor[c]. */
function scaled(node: FloatLayer, factor: Float64Array, at: Channels, side: 'output' | 'input'): FloatLayer {
  const { weights, bias } = node.parameters,
    of = (c: number): number => factor[c - at.first] ?? 1;
  return {
    ...node,
    parameters: {
      weights: weights.map((w, i) => w * of(channelAt(node, i, at.total, side))),
      bias: side === 'output' ? bias.map((b, c) => b * of(c)) : bias,
    },
  };
}

/** Poolings and flattening treat all channels alike. */
const keepsChannels = ['maxPool2d', 'averagePool2d', 'reshape'];

/** Where a layer's output goes; nothing where something reads it whose result would change. */
function linkOf(graph: FloatGraph, maker: FloatLayer): Link | undefined {
  const link: Link = { maker: maker.output, readers: [], tensors: [] };
  const channels = (name: string): number => graph.tensors.get(name)!.shape.at(-1)!;
  const follow = (name: string, at: Channels): boolean => {
    const readers = graph.nodes.filter((node) => node.inputs.includes(name));
    link.tensors.push({ name, at });
    return (
      !graph.outputs.includes(name) &&
      readers.length > 0 &&
      readers.every((reader) => {
        if (!readsChannels(graph, reader, name, at.total)) return false;
        if (isLayer(reader)) return link.readers.push({ output: reader.output, at }) > 0;
        if (reader.op === 'concatenation') {
          const axis = graph.tensors.get(name)!.shape.length - 1,
            before = reader.inputs.slice(0, reader.inputs.indexOf(name)).map(channels);
          if (reader.axis !== axis) return false;
          if (reader.inputs.filter((input) => input === name).length > 1) return false;
          const first = before.reduce((a, b) => a + b, at.first);
          return follow(reader.output, { ...at, first, total: channels(reader.output) });
        }
        return keepsChannels.includes(reader.op) && follow(reader.output, at);
      })
    );
  };
  const total = channels(maker.output);
  return follow(maker.output, { first: 0, count: total, total }) ? link : undefined;
}

/** Balanced this often: what a layer gives to the next changes what that one gives on. */
const ROUNDS = 20;

/** As far as a channel may reach below ReLU6: images that were not calibrated with reach somewhat farther. */
const HIGHEST = 5.4;

const isLimited = (node: Node<FloatParameters>): boolean => isLayer(node) && node.activation === 'relu6';

/** Outputs of layers with a ReLU6, of which `equalize` needs to know how far their channels reach. */
export const limited = (graph: FloatGraph): string[] =>
  graph.nodes.filter(isLimited).map(({ output }) => output);

/**
 * @param maxima the largest value of each channel of the tensors that are `limited`; those left out stay as they
 * are
 * @returns the same network balanced; its tensors have the factors
 */
export function equalize(graph: FloatGraph, maxima = new Map<string, Float32Array>()): FloatGraph {
  const nodes = new Map<string, Node<FloatParameters>>(graph.nodes.map((node) => [node.output, node])),
    layer = (output: string): FloatLayer => nodes.get(output) as FloatLayer,
    factors = new Map<string, Float32Array>();
  const links = graph.nodes
    .filter(isLayer)
    .filter(
      ({ activation, output }) =>
        activation !== 'reluN1To1' && (activation !== 'relu6' || maxima.has(output)),
    )
    .flatMap((node) => linkOf(graph, node) ?? []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { maker, readers, tensors } of links) {
      const { at: all } = tensors[0],
        own = largest(layer(maker), all, 'output'),
        others = readers.map(({ output, at }) => largest(layer(output), at, 'input')),
        next = own.map((_, c) => Math.max(...others.map((weights) => weights[c])));
      const reach = maxima.get(maker)?.map((most, c) => most * (factors.get(maker)?.[c] ?? 1));
      const factor = own.map((r, c) => {
          const wanted = r > 0 && next[c] > 0 ? Math.sqrt(next[c] / r) : 1;
          if (!reach || reach[c] <= 0) return wanted;
          return maxima.get(maker)![c] > HIGHEST ? 1 : Math.min(wanted, HIGHEST / reach[c]);
        }),
        inverse = factor.map((f) => 1 / f);
      nodes.set(maker, scaled(layer(maker), factor, all, 'output'));
      for (const { output, at } of readers) nodes.set(output, scaled(layer(output), inverse, at, 'input'));
      for (const { name, at } of tensors) {
        const known = factors.get(name) ?? new Float32Array(at.total).fill(1);
        factors.set(
          name,
          known.map((k, c) => k * (factor[c - at.first] ?? 1)),
        );
      }
    }
  }
  return {
    ...graph,
    nodes: graph.nodes.map((node) => nodes.get(node.output)!),
    tensors: new Map(
      [...graph.tensors].map(([name, tensor]) => [name, { ...tensor, factors: factors.get(name) }]),
    ),
  };
}
