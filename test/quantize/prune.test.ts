import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isLayer, type FloatGraph } from '../../host/graph';
import { layerMoments } from '../../host/quantize/calibrate';
import { pruneChannels } from '../../host/quantize/channels';
import { pruneWeights } from '../../host/quantize/prune';
import type { FloatLayer } from '../../host/quantize/statistics';
import { plain, type Scheme } from '../../host/recipe/scheme';
import { silent } from '../../host/system/progress';
import { runFloat } from '../support/float-reference';
import { graph, images, onnx, outputError, quantized, sparsityOf } from '../support/quantization';

/** Layers whose weights are pruned: depthwise ones keep theirs. */
const prunable = (float: FloatGraph): FloatLayer[] =>
  float.nodes.filter(isLayer).filter(({ op }) => op !== 'depthwiseConv2d');

const moments = await layerMoments(onnx, graph, images(40));

for (const scheme of [
  { sparsity: 0.8 },
  { sparsity: 0.8, bits: 4, rounding: 'gptq', scales: 'mse', biasCorrection: true },
] as const)
  test(`pruned weights have their share of zeros: ${JSON.stringify(scheme)}`, async () => {
    for (const node of (await quantized(scheme)).nodes)
      if (isLayer(node) && node.op !== 'depthwiseConv2d')
        assert.ok(sparsityOf(node.parameters) >= 0.79, `${node.name}: ${sparsityOf(node.parameters)}`);
  });

test('pruning by what the output loses is better than pruning the smallest weights', async () => {
  const scheme = { ...plain, sparsity: 0.6 },
    smallest = prunable(await pruneWeights(graph, scheme, undefined, silent)),
    best = prunable(await pruneWeights(graph, scheme, moments, silent));
  prunable(graph).forEach((node, i) => {
    const { length } = node.parameters.weights,
      error = (made: FloatLayer): number =>
        outputError(node, moments.get(node.name)!, made.parameters.weights);
    for (const made of [smallest[i], best[i]])
      assert.is(sparsityOf(made.parameters), Math.floor(0.6 * length) / length);
    assert.ok(
      error(best[i]) < error(smallest[i]),
      `${node.name}: ${error(best[i])}, ${error(smallest[i])} without`,
    );
  });
});

test('of all layers together the share is met too, and more goes where less is lost', async () => {
  const scheme = { ...plain, sparsity: 0.6, scope: 'global' } as const,
    layers = prunable(await pruneWeights(graph, scheme, moments, silent)),
    shares = layers.map(({ parameters }) => sparsityOf(parameters)),
    sizes = layers.map(({ parameters }) => parameters.weights.length),
    zeros = shares.reduce((sum, share, i) => sum + share * sizes[i], 0);
  assert.is(
    Math.round(zeros),
    sizes.reduce((sum, size) => sum + Math.floor(0.6 * size), 0),
  );
  assert.ok(Math.max(...shares) - Math.min(...shares) > 0.02 && Math.max(...shares) <= 0.96, shares.join());
});

const channels: Scheme = { ...plain, sparsity: 0.34, pruning: 'channels', biasCorrection: true };

const channelsOf = (float: FloatGraph): number[] =>
  float.nodes.filter(isLayer).map((node) => node.parameters.bias.length);

/** The squared error of the output for all images. */
const errorOf = (float: FloatGraph): number =>
  images(40).reduce((sum, x) => {
    const exact = runFloat(graph, x).get(graph.outputs[0])!,
      other = runFloat(float, x).get(graph.outputs[0])!;
    return sum + exact.reduce((s, v, i) => s + (v - other[i]) ** 2, 0);
  }, 0);

test('channels taken out: the output changes less when the next layer is corrected', async () => {
  const { graph: smallest } = await pruneChannels(graph, channels, undefined, silent),
    { graph: best } = await pruneChannels(graph, channels, moments, silent);
  assert.equal(channelsOf(graph), [6, 6, 12, 20]);
  for (const float of [smallest, best]) assert.equal(channelsOf(float), [4, 4, 8, 20]);
  assert.ok(errorOf(best) < 0.6 * errorOf(smallest), `${errorOf(best)}, ${errorOf(smallest)} without`);
});

test('a layer keeps one channel at least', async () => {
  const { graph: least } = await pruneChannels(graph, { ...channels, sparsity: 0.999 }, moments, silent);
  assert.equal(channelsOf(least), [1, 1, 1, 20]);
});

test('of all layers together so many channels go as of each', async () => {
  const scheme = { ...channels, sparsity: 0.5, scope: 'global' } as const,
    [first, , third] = channelsOf((await pruneChannels(graph, scheme, moments, silent)).graph);
  assert.is(first + third, 9);
});

test.run();
