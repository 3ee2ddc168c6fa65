import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FloatGraph } from '../../host/graph';
import { silent } from '../../host/system/progress';
import { layerMoments } from '../../host/quantize/calibrate';
import { pruneChannels } from '../../host/quantize/channels';
import { pruneWeights } from '../../host/quantize/prune';
import { plain } from '../../host/recipe/scheme';
import { isLayer } from '../../host/graph';
import { type FloatLayer } from '../../host/quantize/statistics';
import { runFloat } from '../support/float-reference';
import { graph, images, onnx, outputError, quantized } from '../support/quantization';

test('pruned weights have their share of zeros, rounded or narrow too', async () => {
  for (const scheme of [{ sparsity: 0.8 }, { sparsity: 0.8, bits: 4, rounding: 'gptq', scales: 'mse', biasCorrection: true }] as const) for (const node of (await quantized(scheme)).nodes) {
    if (!('parameters' in node) || node.op === 'depthwiseConv2d') continue;
    const zeros = node.parameters.weights.filter((w) => w === 0).length / node.parameters.weights.length;
    assert.ok(zeros >= 0.79, `${node.name}: ${zeros}`);
  }
});

const zerosOf = (node: FloatLayer): number => node.parameters.weights.filter((w) => w === 0).length;

test('pruning by what the output loses, with the others corrected, loses less than pruning the smallest weights', async () => {
  const moments = await layerMoments(onnx, graph, images(40)), scheme = { ...plain, sparsity: 0.6 },
    smallest = await pruneWeights(graph, scheme, undefined, silent), best = await pruneWeights(graph, scheme, moments, silent);
  graph.nodes.forEach((node, i) => {
    if (!isLayer(node) || node.op === 'depthwiseConv2d') return;
    const a = smallest.nodes[i] as FloatLayer, b = best.nodes[i] as FloatLayer, known = moments.get(node.name)!,
      error = (made: FloatLayer): number => outputError(node, known, made.parameters.weights);
    assert.is(zerosOf(a), Math.floor(0.6 * node.parameters.weights.length));
    assert.is(zerosOf(b), zerosOf(a));
    assert.ok(error(b) < error(a), `${node.name}: ${error(b)}, ${error(a)} without`);
  });
});

test('of all layers together the share is met too, and more goes where less is lost', async () => {
  const moments = await layerMoments(onnx, graph, images(40)),
    layers = (await pruneWeights(graph, { ...plain, sparsity: 0.6, scope: 'global' }, moments, silent)).nodes.filter(isLayer).filter(({ op }) => op !== 'depthwiseConv2d');
  const count = (value: (node: FloatLayer) => number): number => layers.reduce((sum, node) => sum + value(node), 0),
    shares = layers.map((node) => zerosOf(node) / node.parameters.weights.length);
  assert.is(count(zerosOf), Math.floor(0.6 * layers[0].parameters.weights.length) + Math.floor(0.6 * layers[1].parameters.weights.length) + Math.floor(0.6 * layers[2].parameters.weights.length));
  assert.ok(Math.max(...shares) - Math.min(...shares) > 0.02 && Math.max(...shares) <= 0.96, shares.join());
});

const channelsOf = (float: FloatGraph): number[] => float.nodes.filter(isLayer).map((node) => node.parameters.bias.length);

test('channels taken out: the output changes less when the next layer is corrected', async () => {
  const inputs = images(40), moments = await layerMoments(onnx, graph, inputs),
    scheme = { ...plain, sparsity: 0.34, pruning: 'channels', biasCorrection: true } as const;
  const smallest = (await pruneChannels(graph, scheme, undefined, silent)).graph, best = (await pruneChannels(graph, scheme, moments, silent)).graph;
  assert.equal(channelsOf(graph), [6, 6, 12, 20]);
  for (const float of [smallest, best]) assert.equal(channelsOf(float), [4, 4, 8, 20]);
  const error = (float: FloatGraph): number =>
    inputs.reduce((sum, x) => { const a = runFloat(graph, x).get(graph.outputs[0])!, b = runFloat(float, x).get(graph.outputs[0])!; return sum + a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0); }, 0);
  assert.ok(error(best) < 0.6 * error(smallest), `${error(best)}, ${error(smallest)} without`);
  assert.equal(channelsOf((await pruneChannels(graph, { ...scheme, sparsity: 0.999 }, moments, silent)).graph), [1, 1, 1, 20]);
  const together = channelsOf((await pruneChannels(graph, { ...scheme, sparsity: 0.5, scope: 'global' }, moments, silent)).graph);
  assert.is(together[0] + together[2], 9);
});

test.run();
