/** Which weights are set to zero, of each layer alone or of all together; removal.ts tells what it costs. */
import { isLayer, type FloatGraph } from '../graph';
import { layerSchemes, type Scheme } from '../recipe/scheme';
import type { Progress } from '../system/progress';
import { onThreads } from '../system/threads';
import type { corrected } from './removal';
import type { FloatLayer, Moments } from './statistics';
import { onLayerThread, partsOf } from './threads';

/** Most of a layer that pruning all layers together may take. */
const MOST = 0.95;

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
