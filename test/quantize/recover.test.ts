/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { silent } from '../../host/system/progress';
import { layerMoments } from '../../host/quantize/calibrate';
import { equalize } from '../../host/quantize/equalize';
import { refitted } from '../../host/quantize/refit';
import { plain, type Scheme } from '../../host/recipe/scheme';
import { isLayer } from '../../host/graph';
import { targetOver, type FloatLayer } from '../../host/quantize/statistics';
import { onLayerThread, partsOf } from '../../host/quantize/threads';
import { onThreads } from '../../host/system/threads';
import { quantizeWeights } from '../../host/quantize/weights';
import { compareLayers } from '../../host/report/compare';
import { packGraph } from '../../host/file/pack-graph';
import { load, run } from '../../src/model';
import { runFloat } from '../support/float-reference';
import { fakeQuantized, graph, images, onnx, outputError, quantized } from '../support/quantization';
import { Random } from '../support/random';

async function gptqIsBetter(model: Uint8Array, float: FloatGraph, inputs: Float32Array[]): Promise<void> {
  const moments = await layerMoments(model, float, inputs);
  for (const node of float.nodes.filter(isLayer)) {
    const known = moments.get(node.name)!, error = (rounding: 'gptq' | 'nearest'): number => {
      const { weights, scales } = quantizeWeights(node, { ...plain, bits: 4, rounding }, 1 / 128, known), outputs = scales.length;
      return outputError(node, known, Float64Array.from(weights, (q, i) => q * scales[Math.floor(i / (weights.length / outputs))]));
    };
    assert.ok(error('gptq') < error('nearest'), `${node.op} ${node.name}: ${error('gptq')} with GPTQ, ${error('nearest')} without`);
  }
}
test('GPTQ reduces the error of every layer\'s output', () => gptqIsBetter(onnx, graph, images(40)));
for (const path of ['models/fashion/fashion.onnx', 'models/seed/seed.onnx', '../shared/models/onnx/resnet8_b.onnx']) test(`GPTQ reduces the error of every layer's output: ${path}`, async () => {
  if (!existsSync(path)) return console.log(`SKIPPED: ${path} is not there`);
  const bytes = new Uint8Array(readFileSync(path)), float = optimize(importOnnx(bytes, '')),
    [, height, width, channels] = float.tensors.get(float.inputs[0])!.shape, random = new Random(5);
  // Blobs of random places and sizes: neighbouring pixels are alike, as in images.
  const blobs = Array.from({ length: 24 }, () => {
    const x = random.below(width), y = random.below(height), size = 2 + random.below(width / 2);
    return Float32Array.from({ length: height * width * channels }, (_, i) => Math.exp(-((((i / channels) | 0) % width - x) ** 2 + (((i / channels / width) | 0) - y) ** 2) / size ** 2) + (random.below(100) - 50) / 1000);
  });
  await gptqIsBetter(bytes, float, blobs);
});

test('a corrected bias takes up what rounding does to the mean of every output', async () => {
  const inputs = images(40).map((x) => x.map(Math.abs)), [layer] = graph.nodes.filter(isLayer);
  const means = async (scheme: Partial<Scheme>): Promise<number> => {
    const fake = fakeQuantized(graph, await quantized(scheme, inputs)),
      first = { ...fake, nodes: [{ ...fake.nodes[0], activation: 'none' as const }] } as FloatGraph,
      float = { ...graph, nodes: [{ ...graph.nodes[0], activation: 'none' as const }] } as FloatGraph;
    const channels = layer.parameters.bias.length, sums = new Float64Array(channels);
    for (const x of inputs) {
      const a = runFloat(first, x).get(layer.output)!, b = runFloat(float, x).get(layer.output)!;
      a.forEach((v, i) => (sums[i % channels] += v - b[i]));
    }
    return sums.reduce((worst, s) => Math.max(worst, Math.abs(s / (inputs.length * 64))), 0);
  };
  assert.ok((await means({ bits: 3, biasCorrection: true })) < 0.1 * (await means({ bits: 3 })));
});

test('an equalized network computes the same and has narrower ranges of weights', () => {
  const { graph: balanced, factors } = equalize(graph), [x] = images(1), before = runFloat(graph, x), after = runFloat(balanced, x);
  assert.ok(factors.size >= 3);
  for (const [name, values] of after) {
    const factor = factors.get(name);
    if (values.length !== 48)
      values.forEach((v, i) => assert.ok(Math.abs(v - before.get(name)![i] * (factor ? factor[i % factor.length] : 1)) < 1e-3 * Math.max(1, Math.abs(v)), name));
  }
});

test('a layer in parts on several threads is rounded as it is whole', async () => {
  const random = new Random(6), n = 90, outputs = 200,
    node = { op: 'fullyConnected', name: 'large', inputs: ['x'], output: 'y', activation: 'none', parameters: { weights: Float32Array.from({ length: n * outputs }, () => random.below(2001) - 1000), bias: new Float32Array(outputs) } } as FloatLayer;
  const scheme = { ...plain, bits: 4, scales: 'mse' } as const, whole = quantizeWeights(node, scheme, 1), parts = partsOf(node),
    made = await onThreads(onLayerThread, 'round', parts.map((part) => [part.node, scheme, 1]), silent, '');
  assert.equal(made.flatMap(({ weights }) => [...weights]), [...whole.weights]);
  assert.equal(made.flatMap(({ scales }) => [...scales]), [...whole.scales]);
  assert.equal(parts.map(({ channel, weight }) => weight / channel || n), parts.map(() => n));
});

test('layers quantized in sequence make up for the errors of those before', async () => {
  const inputs = images(60), error = async (scheme: Partial<Scheme>): Promise<number> => {
    const int = await quantized(scheme, inputs), model = load(packGraph(int).file.buffer),
      { scale, zeroPoint } = int.tensors.get(int.outputs[0])!.quantization!;
    for (const node of int.nodes)
      if (scheme.sparsity && node.op === 'fullyConnected')
        assert.ok(node.parameters.weights.filter((w) => w === 0).length >= 0.79 * node.parameters.weights.length);
    return inputs.reduce((sum, x) => {
      model.inputs[0].set(Int8Array.from(x, (v) => Math.round(v * 127)));
      run(model);
      return sum + runFloat(graph, x).get(graph.outputs[0])!.reduce((s, v, i) => s + (v - scale * (model.outputs[0][i] - zeroPoint)) ** 2, 0);
    }, 0);
  };
  for (const scheme of [{ bits: 2, scales: 'mse' }, { bits: 4, equalize: true }, { sparsity: 0.8 }] as const) {
    const own = { ...scheme, rounding: 'gptq', biasCorrection: true } as const, before = await error(own),
      after = await error({ ...own, sequential: true });
    assert.ok(after < 0.9 * before, `${JSON.stringify(scheme)}: ${after} in sequence, ${before} without`);
  }
});

test('a layer fitted to the float layer\'s own inputs stays as it is', async () => {
  for (const node of graph.nodes.filter(isLayer)) {
    const xs = images(40).map((x) => runFloat(graph, x).get(node.inputs[0])!), { moments, target } = targetOver(node, graph, xs, xs, 0),
      { weights, bias } = refitted(node, node.parameters.bias, moments, target);
    weights.forEach((w, i) => assert.ok(Math.abs(w - node.parameters.weights[i]) < 1e-4, `${node.name}: weight ${i} ${w}, was ${node.parameters.weights[i]}`));
    bias.forEach((b, i) => assert.ok(Math.abs(b - node.parameters.bias[i]) < 1e-3, `${node.name}: bias ${i}`));
  }
});

test('a comparison by layers knows equalized channels, and leaves out layers that lost some', async () => {
  const inputs = images(4).map((x) => Int8Array.from(x, (v) => Math.round(v * 127)));
  const compared = async (scheme: Partial<Scheme>, factors?: Map<string, Float32Array>): Promise<{ op: string; sqnr: number }[]> => {
    const int = await quantized(scheme);
    return compareLayers(onnx, graph, int, packGraph(int).file, inputs, factors);
  };
  for (const { op, sqnr } of await compared({ equalize: true }, equalize(graph).factors)) assert.ok(sqnr > 20, `${op}: ${sqnr} dB`);
  assert.equal((await compared({ sparsity: 0.5, pruning: 'channels' })).map(({ op }) => op), ['fullyConnected']);
});

test.run();
