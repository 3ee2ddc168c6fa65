/**
 * Weights set to zero: which, and what the others become so that the layer's output changes least. With the
 * inputs' second moments both are known in closed form (Optimal Brain Surgeon, Hassibi and Stork, 1993; layer
 * by layer, Frantar and Alistarh, 2022); without them the smallest weights go, and the others stay as they
 * are.
 */
import { isLayer, type FloatGraph, type FloatParameters } from '../graph';
import { layerSchemes, type Scheme } from '../recipe/scheme';
import type { Progress } from '../system/progress';
import { onThreads } from '../system/threads';
import { inverseFactor, inverseOf, restricted, secondMoments, solve } from './least-squares';
import { momentsAt, rowsOf, type FloatLayer, type Moments } from './statistics';
import { onLayerThread, partsOf } from './threads';

/** Taps of a channel up to which each removed weight's effect on all others is followed. */
const MANY_TAPS = 640;

/** Most of a layer that pruning all layers together may take. */
const MOST = 0.95;

/**
 * The order in which a channel's weights go, and how far each removal moves its output, squared: the least
 * first, those left corrected each time.
 * @param inverse of H; overwritten
 */
function surgeon(row: Float64Array, inverse: Float64Array): { tap: number; loss: number }[] {
  const n = row.length,
    active = Int32Array.from({ length: n }, (_, i) => i),
    result: { tap: number; loss: number }[] = [];
  for (let count = n; count > 0;) {
    let at = 0,
      least = Infinity;
    for (let a = 0; a < count; a++) {
      const i = active[a],
        loss = row[i] ** 2 / inverse[i * n + i];
      if (loss < least) ((least = loss), (at = a));
    }
    const p = active[at],
      d = inverse[p * n + p],
      f = row[p] / d,
      from = p * n;
    result.push({ tap: p, loss: least });
    active[at] = active[--count];
    for (let a = 0; a < count; a++) {
      const begin = active[a] * n,
        g = inverse[begin + p] / d;
      row[active[a]] -= f * inverse[begin + p];
      if (g !== 0)
        for (let b = 0; b < count; b++) inverse[begin + active[b]] -= g * inverse[from + active[b]];
    }
  }
  return result;
}

/**
 * What each weight's removal costs: how far it moves the layer's output, squared, or its own square where
 * nothing is known about the inputs. Costs never fall along a channel: what goes later costs at least as
 * much.
 * @returns one for each weight, in their order
 */
export function costsOf(node: FloatLayer, centred: boolean, statistics?: Moments[]): Float64Array {
  const costs = new Float64Array(node.parameters.weights.length),
    inverses = new Map<number, Float64Array>();
  rowsOf(node).forEach((row, c) => {
    const which = momentsAt(node, c),
      m = statistics?.[which],
      n = row.length;
    if (!m?.count) return row.forEach((w, k) => (costs[c * n + k] = w * w));
    if (!inverses.has(which)) inverses.set(which, inverseOf(inverseFactor(secondMoments(m, centred), n), n));
    const inverse = inverses.get(which)!;
    if (n > MANY_TAPS) return row.forEach((w, k) => (costs[c * n + k] = (w * w) / inverse[k * n + k]));
    let worst = 0;
    for (const { tap, loss } of surgeon(row, inverse.slice()))
      costs[c * n + tap] = worst = Math.max(worst, loss);
  });
  return costs;
}

/**
 * The layer without some weights; the others, and with centred moments the bias, make up for them where the
 * inputs' moments are known.
 * @param gone 1 for each weight that goes, in their order
 */
export function corrected(
  node: FloatLayer,
  gone: Uint8Array,
  centred: boolean,
  statistics?: Moments[],
): FloatParameters {
  const weights = node.parameters.weights.map((w, i) => (gone[i] ? 0 : w)),
    bias = node.parameters.bias.slice(),
    moments = new Map<number, Float64Array>();
  rowsOf(node).forEach((row, c) => {
    const which = momentsAt(node, c),
      m = statistics?.[which],
      n = row.length;
    const kept = [...row.keys()].filter((k) => !gone[c * n + k]);
    if (!m?.count || kept.length === n) return;
    if (kept.length <= MANY_TAPS) {
      if (!moments.has(which)) moments.set(which, secondMoments(m, centred));
      const h = moments.get(which)!,
        wanted = Float64Array.from(kept, (i) => row.reduce((sum, w, j) => sum + h[i * n + j] * w, 0));
      const solved = solve(inverseFactor(restricted(h, n, kept), kept.length), kept.length, wanted);
      kept.forEach((k, i) => (weights[c * n + k] = solved[i]));
    }
    if (centred)
      bias[c] += row.reduce((sum, w, k) => sum + (w - weights[c * n + k]) * (m.sums[k] / m.count), 0);
  });
  return { ...node.parameters, weights, bias };
}

/**
 * Which weights go: of each layer its share, or of all together the cheapest. Costs of different layers are
 * compared as shares of the layer's.
 */
function chosen(costs: Float64Array[], shares: number[], scope: Scheme['scope']): Uint8Array[] {
  const gone = costs.map((own) => new Uint8Array(own.length)),
    orders = costs.map((own) => Uint32Array.from(own.keys()).sort((a, b) => own[a] - own[b]));
  const counts = costs.map((own, i) => Math.floor(own.length * shares[i]));
  if (scope === 'layer')
    orders.forEach((order, i) => order.subarray(0, counts[i]).forEach((place) => (gone[i][place] = 1)));
  else {
    const totals = costs.map((own) => own.reduce((a, b) => a + b, 0) || 1);
    const all = orders.flatMap((order, i) =>
      Array.from(order.subarray(0, Math.floor(order.length * MOST)), (place) => ({
        i,
        place,
        cost: costs[i][place] / totals[i],
      })),
    );
    const count = counts.reduce((a, b) => a + b, 0);
    for (const { i, place } of all.sort((a, b) => a.cost - b.cost).slice(0, count)) gone[i][place] = 1;
  }
  return gone;
}

/**
 * Sets the share of weights to zero that the scheme asks for, in each layer alone or in all together.
 * @param moments of the layers' inputs, by the layer's name
 */
export async function pruneWeights(
  graph: FloatGraph,
  scheme: Scheme,
  moments: Map<string, Moments[]> | undefined,
  progress: Progress,
): Promise<FloatGraph> {
  const schemes = layerSchemes(scheme, graph.nodes.filter(isLayer)),
    layers = graph.nodes.filter(isLayer).filter(({ name }) => schemes.get(name)!.sparsity > 0);
  if (!layers.length) return graph;
  const parts = layers.flatMap((layer, i) =>
    partsOf(layer).map((part) => ({
      ...part,
      i,
      centred: schemes.get(layer.name)!.biasCorrection,
      own: moments?.get(layer.name),
    })),
  );
  const costs = layers.map(({ parameters }) => new Float64Array(parameters.weights.length)),
    pruned = layers.map(({ parameters: { weights, bias } }) => ({
      weights: weights.slice(),
      bias: bias.slice(),
    }));
  const found = await onThreads(
    onLayerThread,
    'costs',
    parts.map(({ node, centred, own }) => [node, centred, own]),
    progress,
    'choosing weights',
  );
  parts.forEach(({ i, weight }, p) => costs[i].set(found[p], weight));
  const gone = chosen(
    costs,
    layers.map(({ name }) => schemes.get(name)!.sparsity),
    scheme.scope,
  );
  const toCorrect = parts.map(({ node, i, weight, centred, own }): Parameters<typeof corrected> => [
    node,
    gone[i].slice(weight, weight + node.parameters.weights.length),
    centred,
    own,
  ]);
  const made = await onThreads(onLayerThread, 'correct', toCorrect, progress, 'correcting the others');
  parts.forEach(
    ({ i, weight, channel }, p) => (
      pruned[i].weights.set(made[p].weights, weight),
      pruned[i].bias.set(made[p].bias, channel)
    ),
  );
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const i = layers.indexOf(node as FloatLayer);
      return i < 0 ? node : { ...layers[i], parameters: { ...layers[i].parameters, ...pruned[i] } };
    }),
  };
}
