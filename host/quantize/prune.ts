/**
 * Weights set to zero: which, and what the others become so that the layer's output changes least. With the inputs' second moments both
 * are known in closed form (Optimal Brain Surgeon, Hassibi and Stork, 1993; layer by layer, Frantar and Alistarh, 2022); without them the smallest
 * weights go, and the others stay as they are.
 */
import type { FloatGraph, Node, FloatParameters } from '../graph';
import { inverseFactor, inverseOf, restricted, secondMoments, solve } from './least-squares';
import { layerSchemes, type Scheme, type WeightScheme } from './scheme';
import { isLayer, placeOf, type FloatLayer, type Moments } from './statistics';

/** Taps of a channel up to which each removed weight's effect on all others is followed. */
const MANY_TAPS = 640;

/** Most of a layer that pruning all layers together may take. */
const MOST = 0.95;

/** How much a weight's removal costs, in units that compare within a layer; its place among the layer's weights. */
interface Cost {
  cost: number;
  place: number;
}

const rowsOf = (node: FloatLayer): Float64Array[] => {
  const { weights, bias } = node.parameters, channels = bias.length, n = weights.length / channels;
  return Array.from({ length: channels }, (_, c) => Float64Array.from({ length: n }, (_, k) => weights[placeOf(node, c, k)]));
};

/**
 * The order in which a channel's weights go, and how far each removal moves its output, squared: the least first, those left corrected each time.
 * @param inverse of H; overwritten
 */
function surgeon(row: Float64Array, inverse: Float64Array): { tap: number; loss: number }[] {
  const n = row.length, active = Int32Array.from({ length: n }, (_, i) => i), result: { tap: number; loss: number }[] = [];
  for (let count = n; count > 0; ) {
    let at = 0, least = Infinity;
    for (let a = 0; a < count; a++) {
      const i = active[a], loss = row[i] ** 2 / inverse[i * n + i];
      if (loss < least) (least = loss), (at = a);
    }
    const p = active[at], d = inverse[p * n + p], f = row[p] / d, from = p * n;
    result.push({ tap: p, loss: least });
    active[at] = active[--count];
    for (let a = 0; a < count; a++) {
      const begin = active[a] * n, g = inverse[begin + p] / d;
      row[active[a]] -= f * inverse[begin + p];
      if (g !== 0) for (let b = 0; b < count; b++) inverse[begin + active[b]] -= g * inverse[from + active[b]];
    }
  }
  return result;
}

/** Costs of all weights of a layer. They never fall along a channel: what goes later costs at least as much. */
function costsOf(node: FloatLayer, centred: boolean, statistics?: Moments[]): Cost[] {
  const rows = rowsOf(node), costs: Cost[] = [], cached = new Map<number, { n: number; inverse: Float64Array }>();
  rows.forEach((row, c) => {
    const which = node.op === 'depthwiseConv2d' ? Math.floor(c / node.multiplier) : 0, m = statistics?.[which];
    if (!m?.count) return row.forEach((w, k) => costs.push({ cost: w * w, place: placeOf(node, c, k) }));
    if (!cached.has(which)) cached.set(which, { n: m.n, inverse: inverseOf(inverseFactor(secondMoments(m, centred), m.n), m.n) });
    const { n, inverse } = cached.get(which)!;
    if (n > MANY_TAPS) return row.forEach((w, k) => costs.push({ cost: (w * w) / inverse[k * n + k], place: placeOf(node, c, k) }));
    let worst = 0;
    for (const { tap, loss } of surgeon(row, inverse.slice())) costs.push({ cost: (worst = Math.max(worst, loss)), place: placeOf(node, c, tap) });
  });
  return costs.sort((a, b) => a.cost - b.cost);
}

/** The output's power that all weights together make: what costs of different layers are compared by. */
const total = (costs: Cost[]): number => costs.reduce((sum, { cost }) => sum + cost, 0) || 1;

/** The layer without some weights, the others (and, with centred moments, the bias) corrected where the inputs' moments are known. */
function without(node: FloatLayer, gone: Uint8Array, centred: boolean, statistics?: Moments[]): FloatLayer {
  const weights = node.parameters.weights.map((w, i) => (gone[i] ? 0 : w)), bias = node.parameters.bias.slice(), moments = new Map<number, Float64Array>();
  rowsOf(node).forEach((row, c) => {
    const which = node.op === 'depthwiseConv2d' ? Math.floor(c / node.multiplier) : 0, m = statistics?.[which], n = row.length;
    const kept = [...row.keys()].filter((k) => !gone[placeOf(node, c, k)]);
    if (!m?.count || kept.length === n) return;
    if (kept.length <= MANY_TAPS) {
      if (!moments.has(which)) moments.set(which, secondMoments(m, centred));
      const h = moments.get(which)!, wanted = Float64Array.from(kept, (i) => row.reduce((sum, w, j) => sum + h[i * n + j] * w, 0));
      const solved = solve(inverseFactor(restricted(h, n, kept), kept.length), kept.length, wanted);
      kept.forEach((k, i) => (weights[placeOf(node, c, k)] = solved[i]));
    }
    if (centred) bias[c] += row.reduce((sum, w, k) => sum + (w - weights[placeOf(node, c, k)]) * (m.sums[k] / m.count), 0);
  });
  return { ...node, parameters: { ...node.parameters, weights, bias } };
}

/**
 * Sets the share of weights to zero that the scheme asks for, in each layer alone or in all together.
 * @param moments of the layers' inputs, by the layer's name
 */
export function pruneWeights(graph: FloatGraph, scheme: Scheme, moments?: Map<string, Moments[]>): FloatGraph {
  const schemes = layerSchemes(scheme, graph.nodes.filter(isLayer)), own = (node: Node<FloatParameters>): WeightScheme | undefined => (isLayer(node) ? schemes.get(node.name) : undefined);
  const layers = graph.nodes.filter(isLayer).filter((node) => own(node)!.sparsity > 0).map((node) => ({ node, costs: costsOf(node, own(node)!.biasCorrection, moments?.get(node.name)) }));
  if (!layers.length) return graph;
  const gone = new Map(layers.map(({ node }) => [node.name, new Uint8Array(node.parameters.weights.length)]));
  if (scheme.scope === 'global') {
    const all = layers.flatMap(({ node, costs }) => { const sum = total(costs); return costs.slice(0, Math.floor(costs.length * MOST)).map(({ cost, place }) => ({ cost: cost / sum, place, name: node.name })); });
    const count = Math.floor(layers.reduce((sum, { costs }) => sum + costs.length, 0) * scheme.sparsity);
    for (const { name, place } of all.sort((a, b) => a.cost - b.cost).slice(0, count)) gone.get(name)![place] = 1;
  } else for (const { node, costs } of layers) for (const { place } of costs.slice(0, Math.floor(costs.length * own(node)!.sparsity))) gone.get(node.name)![place] = 1;
  return { ...graph, nodes: graph.nodes.map((node) => (isLayer(node) && gone.has(node.name) ? without(node, gone.get(node.name)!, own(node)!.biasCorrection, moments?.get(node.name)) : node)) };
}
