/**
 * Whole channels taken out: where a layer's output reaches one other layer only, through nothing but
 * poolings, reshapes and depthwise layers, a channel can leave both, with its weights and its work. The
 * reader's other weights make up for it in closed form (Optimal Brain Surgeon for groups of weights); without
 * the inputs' moments the channels of the smallest weights go, and nothing is corrected.
 */
import { elements, isLayer, tapsOf, type FloatGraph, type FloatParameters, type Node } from '../graph';
import { layerSchemes, type Scheme } from '../recipe/scheme';
import type { Progress } from '../system/progress';
import { onThreads } from '../system/threads';
import { readsChannels } from './channel-order';
import { restricted } from './least-squares';
import type { Surgery } from './surgery';
import type { FloatLayer, Moments } from './statistics';
import { onLayerThread } from './threads';

/** From the layer that makes a tensor's channels to the one that reads them. */
interface Chain {
  maker: FloatLayer;
  /** Outputs of the operators between the two, the maker's first. */
  between: string[];
  depthwise: FloatLayer[];
  reader: FloatLayer;
  channels: number;
}

const passes = new Set<string>(['maxPool2d', 'averagePool2d', 'reshape']);

function chainFrom(graph: FloatGraph, maker: FloatLayer): Chain | undefined {
  const between = [maker.output],
    depthwise: FloatLayer[] = [];
  for (;;) {
    const last = between[between.length - 1],
      readers = graph.nodes.filter((node) => node.inputs.includes(last)),
      [reader] = readers;
    if (readers.length !== 1 || graph.outputs.includes(last)) return undefined;
    if (!readsChannels(graph, reader, last, maker.parameters.bias.length)) return undefined;
    if (reader.op === 'conv2d' || reader.op === 'fullyConnected')
      return { maker, between, depthwise, reader, channels: maker.parameters.bias.length };
    if (reader.op === 'depthwiseConv2d' && reader.multiplier === 1) depthwise.push(reader);
    else if (!passes.has(reader.op)) return undefined;
    between.push(reader.output);
  }
}

/** Smallest filters first; nothing is corrected. */
function bySize({ maker, reader, channels }: Chain): Surgery {
  const { weights } = maker.parameters,
    each = weights.length / channels,
    size = (c: number): number =>
      weights.subarray(c * each, (c + 1) * each).reduce((sum, w) => sum + w * w, 0);
  const order = Array.from({ length: channels }, (_, c) => c)
    .sort((a, b) => size(a) - size(b))
    .slice(0, -1);
  return { order, losses: order.map(size), weights: Float64Array.from(reader.parameters.weights) };
}

/**
 * How many channels leave each chain when so many leave all together: the cheapest next one of any, costs
 * being shares of what all of a chain's cost.
 */
function together(surgeries: Surgery[], count: number): number[] {
  const counts = surgeries.map(() => 0),
    totals = surgeries.map(({ losses }) => losses.reduce((a, b) => a + b, 0) || 1);
  for (; count > 0; count--) {
    const next = counts.map((own, i) =>
      own < surgeries[i].losses.length ? surgeries[i].losses[own] / totals[i] : Infinity,
    );
    counts[next.indexOf(Math.min(...next))]++;
  }
  return counts;
}

const keep = <T extends Float32Array | Float64Array>(values: T, kept: (i: number) => boolean): T =>
  values.filter((_, i) => kept(i)) as T;

function momentsOf({ n, count, sums, products }: Moments, taps: number[]): Moments {
  return {
    n: taps.length,
    count,
    sums: Float64Array.from(taps, (k) => sums[k]),
    products: restricted(products, n, taps),
  };
}

/**
 * Takes out the share of channels that the scheme asks for, in each layer alone or in all together. Never the
 * last one.
 * @param moments of the layers' inputs, by the layer's name
 * @returns the smaller network, and the moments of its layers
 */
export async function pruneChannels(
  graph: FloatGraph,
  scheme: Scheme,
  moments: Map<string, Moments[]> | undefined,
  progress: Progress,
): Promise<{ graph: FloatGraph; moments?: Map<string, Moments[]> }> {
  const layers = graph.nodes.filter(isLayer),
    schemes = layerSchemes(scheme, layers);
  const chains = layers
    .filter((node) => node.op !== 'depthwiseConv2d' && schemes.get(node.name)!.sparsity > 0)
    .map((node) => chainFrom(graph, node))
    .filter((chain) => chain !== undefined);
  const known = chains.map(({ reader }) => {
    const list = moments?.get(reader.name);
    return list?.[0].count ? list[0] : undefined;
  });
  const work = async (counts: number[]): Promise<Surgery[]> => {
    const found = known.map((m, i) => (m ? i : -1)).filter((i) => i >= 0),
      made = await onThreads(
        onLayerThread,
        'channels',
        found.map((i) => [chains[i].reader, chains[i].channels, known[i]!, scheme.biasCorrection, counts[i]]),
        progress,
        'choosing channels',
      );
    return chains.map((chain, i) => (known[i] ? made[found.indexOf(i)] : bySize(chain)));
  };
  const wanted = chains.map(({ maker, channels }) =>
    Math.min(channels - 1, Math.floor(channels * schemes.get(maker.name)!.sparsity)),
  );
  const counts =
      scheme.scope === 'layer'
        ? wanted
        : together(
            await work(chains.map(({ channels }) => channels - 1)),
            wanted.reduce((a, b) => a + b, 0),
          ),
    done = await work(counts);

  const nodes = new Map<string, Node<FloatParameters>>(graph.nodes.map((node) => [node.output, node])),
    tensors = new Map(graph.tensors),
    left = new Map(moments);
  // A reader is corrected with all its outputs and inputs still there; both sides are cut afterwards.
  chains.forEach(({ reader }, i) => {
    const { weights } = done[i],
      m = known[i],
      node = nodes.get(reader.output) as FloatLayer,
      { bias } = node.parameters,
      n = weights.length / bias.length;
    const lost = bias.map((_, o) => {
      let sum = 0;
      for (let k = 0; m && k < n; k++)
        sum += (node.parameters.weights[o * n + k] - weights[o * n + k]) * (m.sums[k] / m.count);
      return sum;
    });
    nodes.set(reader.output, {
      ...node,
      parameters: {
        weights: Float32Array.from(weights),
        bias: scheme.biasCorrection && m ? bias.map((b, o) => b + lost[o]) : bias,
      },
    });
  });
  chains.forEach(({ maker, between, depthwise, reader, channels }, i) => {
    const gone = new Set(done[i].order.slice(0, counts[i])),
      kept = (c: number): boolean => !gone.has(c),
      size = channels - gone.size;
    const first = nodes.get(maker.output) as FloatLayer,
      each = first.parameters.weights.length / channels;
    nodes.set(maker.output, {
      ...first,
      parameters: {
        weights: keep(first.parameters.weights, (k) => kept(Math.floor(k / each))),
        bias: keep(first.parameters.bias, kept),
      },
    });
    for (const { output, name } of depthwise) {
      const node = nodes.get(output) as FloatLayer,
        taps = tapsOf(node.parameters);
      nodes.set(output, {
        ...node,
        parameters: {
          weights: keep(node.parameters.weights, (k) => kept(Math.floor(k / taps))),
          bias: keep(node.parameters.bias, kept),
        },
      });
      if (left.has(name))
        left.set(
          name,
          left.get(name)!.filter((_, c) => kept(c)),
        );
    }
    const last = nodes.get(reader.output) as FloatLayer;
    nodes.set(reader.output, {
      ...last,
      parameters: { ...last.parameters, weights: keep(last.parameters.weights, (k) => kept(k % channels)) },
    });
    const own = left.get(reader.name);
    if (own)
      left.set(
        reader.name,
        own.map((m) =>
          momentsOf(
            m,
            Array.from({ length: m.n }, (_, k) => k).filter((k) => kept(k % channels)),
          ),
        ),
      );
    for (const name of between) {
      const tensor = tensors.get(name)!,
        shape = [...tensor.shape],
        { length } = shape;
      shape[length - 1] = (elements(tensor.shape) / elements(shape.slice(0, -1)) / channels) * size;
      tensors.set(name, { ...tensor, shape });
    }
  });
  return {
    graph: { ...graph, tensors, nodes: graph.nodes.map((node) => nodes.get(node.output)!) },
    moments: moments && left,
  };
}
