/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FloatGraph, IntGraph } from '../host/graph';
import { importOnnx } from '../host/onnx/import';
import { optimize } from '../host/optimize';
import { quantizeFloat } from '../host/pack';
import { silent } from '../host/progress';
import { layerMoments } from '../host/quantize/calibrate';
import { pruneChannels } from '../host/quantize/channels';
import { equalize } from '../host/quantize/equalize';
import { pruneWeights } from '../host/quantize/prune';
import { histogram, movingAverage, rangeObserver } from '../host/quantize/observers';
import { plain, readScheme, type Scheme } from '../host/quantize/scheme';
import { refitted } from '../host/quantize/refit';
import { isLayer, targetOver, type FloatLayer, type Moments } from '../host/quantize/statistics';
import { onThreads, partsOf } from '../host/quantize/threads';
import { quantizeWeights } from '../host/quantize/weights';
import { compareLayers } from '../host/report/compare';
import { serialize } from '../host/serialize';
import { packBits, weightBits } from '../host/width';
import { bytesAt, narrowMask } from '../src/lanes/narrow';
import { FlintError } from '../src/error';
import { runOperator } from '../src/kernels';
import { load, run } from '../src/model';
import { Header, Operator, Tensor } from '../src/format';
import { runFloat } from './float-reference';
import { OnnxBuilder } from './onnx-builder';
import { Random } from './random';

/** Every kind of layer: convolution, depthwise, 1 x 1, pooling, fully connected. */
function network(change: (b: OnnxBuilder) => void = () => {}): Uint8Array {
  const b = new OnnxBuilder([1, 2, 8, 8]);
  change(b);
  const conv = (x: string, weights: string, bias: string, attributes: Record<string, number | number[]>): string => b.node('Relu', [b.node('Conv', [x, weights, bias], attributes)]);
  const first = conv('x', b.floats([6, 2, 3, 3]), b.floats([6]), { pads: [1, 1, 1, 1] });
  const second = conv(first, b.floats([6, 1, 3, 3]), b.floats([6]), { pads: [1, 1, 1, 1], group: 6, strides: [2, 2] });
  const third = conv(second, b.floats([12, 6, 1, 1]), b.floats([12]), {});
  const pooled = b.node('MaxPool', [third], { kernel_shape: [2, 2], strides: [2, 2] });
  return b.finish(b.node('Gemm', [b.node('Flatten', [pooled]), b.floats([48, 20]), b.floats([20])]));
}
const onnx = network(), graph = optimize(importOnnx(onnx, ''));

function images(count: number): Float32Array[] {
  const random = new Random(77);
  return Array.from({ length: count }, () => Float32Array.from({ length: 128 }, () => (random.below(2001) - 1000) / 1000));
}
const input = { scale: 1 / 127, zeroPoint: 0 };
const quantized = (scheme: Partial<Scheme>, inputs = images(20), model = onnx, float = graph): Promise<IntGraph> => quantizeFloat(model, float, inputs, input, { ...plain, ...scheme }, silent);
const fails = async (work: Promise<unknown>, pattern: RegExp): Promise<void> => {
  const error = await work.then(() => undefined, (e: Error) => e);
  assert.instance(error, FlintError);
  assert.match(error!.message, pattern);
};

/** The float graph with the integers' real values for weights and biases. */
function fakeQuantized(float: FloatGraph, int: IntGraph): FloatGraph {
  return {
    ...float,
    tensors: int.tensors,
    nodes: float.nodes.map((node, i) => {
      const made = int.nodes[i];
      if (!isLayer(node) || !('parameters' in made)) return node;
      const { weights, bias, scales } = made.parameters, outputs = bias.length, channel = (k: number): number => (scales.length === 1 ? 0 : node.op === 'depthwiseConv2d' ? k % outputs : Math.floor(k / (weights.length / outputs)));
      const from = int.tensors.get(made.inputs[0])!.quantization!.scale;
      return { ...node, parameters: { weights: Float32Array.from(weights, (w, k) => w * scales[channel(k)]), bias: Float32Array.from(bias, (v, c) => v * from * scales[scales.length === 1 ? 0 : c]) } };
    }),
  };
}

for (const [name, scheme] of Object.entries<Partial<Scheme>>({
  'int8': {}, 'int8 per-tensor, equalized': { perTensor: true, equalize: true }, 'symmetric activations': { activations: 'symmetric' }, 'power-of-two activations': { activations: 'power-of-two' },
  'int4': { bits: 4 }, 'int4, asymmetric, GPTQ': { bits: 4, asymmetric: true, rounding: 'gptq', scales: 'mse' }, 'ternary': { bits: 2, scales: 'mse' }, 'int4, bias correction': { bits: 4, biasCorrection: true }, 'pruned': { sparsity: 0.5, rounding: 'gptq' },
  'pruned of all layers together': { sparsity: 0.7, scope: 'global', rounding: 'gptq', biasCorrection: true }, 'in sequence': { bits: 4, rounding: 'gptq', biasCorrection: true, sequential: true }, 'channels taken out': { sparsity: 0.5, pruning: 'channels', biasCorrection: true },
  'mixed': { bits: 4, layers: { [graph.nodes.filter(isLayer)[1].name]: { bits: 8 } } },
})) test(`${name}: every layer is within one step of the float layer with the same weights`, async () => {
  const int = await quantized(scheme), fake = fakeQuantized(scheme.equalize ? equalize(graph).graph : graph, int), model = load(serialize(int, { rounding: 'single', labels: [] }).file.buffer);
  const values = images(1)[0].map((v) => Math.round(v * 127) / 127), view = (tensor: number): Int8Array => new Int8Array(model.arena.buffer, model.words[(model.words[Header.tensors] >> 2) + tensor * Tensor.words + Tensor.address], model.words[(model.words[Header.tensors] >> 2) + tensor * Tensor.words + Tensor.bytes]);
  model.inputs[0].set(Int8Array.from(values, (v) => Math.round(v * 127)));
  const steps = int.nodes.filter((node) => node.op !== 'reshape');
  steps.forEach((node, i) => {
    const at = model.words[(model.words[Header.operators] >> 2) + i] >> 2, from = int.tensors.get(node.inputs[0])!.quantization!, to = int.tensors.get(node.output)!.quantization!;
    const real = Float32Array.from(view(model.words[at + Operator.input]), (q) => from.scale * (q - from.zeroPoint));
    runOperator(model, at);
    const one: FloatGraph = { ...fake, inputs: [node.inputs[0]], nodes: fake.nodes.filter((n) => n.output === node.output) };
    const expected = runFloat(one, real).get(node.output)!, got = view(model.words[at + Operator.output]);
    expected.forEach((v, k) => {
      const q = Math.max(-128, Math.min(127, Math.round(v / to.scale) + to.zeroPoint));
      assert.ok(Math.abs(q - got[k]) <= 1, `${node.op} ${node.name}, value ${k}: ${got[k]}, float ${q}`);
    });
  });
});

/** Mean squared error that other weights make in the layer's output: e H e over the inputs' second moments. */
function outputError(node: FloatLayer, moments: Moments[], real: ArrayLike<number>): number {
  const { weights, bias } = node.parameters, outputs = bias.length, n = weights.length / outputs;
  let sum = 0;
  for (let c = 0; c < outputs; c++) {
    const depthwise = node.op === 'depthwiseConv2d', { products, count } = moments[depthwise ? Math.floor(c / node.multiplier) : 0];
    const e = Array.from({ length: n }, (_, k) => { const i = depthwise ? k * outputs + c : c * n + k; return weights[i] - real[i]; });
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) sum += ((i === j ? 1 : 2) * e[i] * e[j] * products[i * n + j]) / count;
  }
  return sum;
}

async function gptqIsBetter(model: Uint8Array, float: FloatGraph, inputs: Float32Array[]): Promise<void> {
  const moments = await layerMoments(model, float, inputs);
  for (const node of float.nodes.filter(isLayer)) {
    const known = moments.get(node.name)!, error = (rounding: 'gptq' | 'nearest'): number => {
      const { weights, scales } = quantizeWeights(node, { ...plain, bits: 4, rounding }, 1 / 128, known), outputs = scales.length;
      return outputError(node, known, Float64Array.from(weights, (q, i) => q * scales[node.op === 'depthwiseConv2d' ? i % outputs : Math.floor(i / (weights.length / outputs))]));
    };
    assert.ok(error('gptq') < error('nearest'), `${node.op} ${node.name}: ${error('gptq')} with GPTQ, ${error('nearest')} without`);
  }
}
test('GPTQ reduces the error of every layer\'s output', () => gptqIsBetter(onnx, graph, images(40)));
for (const path of ['models/fashion/fashion.onnx', 'models/seed/seed.onnx', '../shared/models/onnx/resnet8_b.onnx']) test(`GPTQ reduces the error of every layer's output: ${path}`, async () => {
  if (!existsSync(path)) return console.log(`SKIPPED: ${path} is not there`);
  const bytes = new Uint8Array(readFileSync(path)), float = optimize(importOnnx(bytes, '')), [, height, width, channels] = float.tensors.get(float.inputs[0])!.shape, random = new Random(5);
  // Blobs of random places and sizes: neighbouring pixels are alike, as in images.
  const blobs = Array.from({ length: 24 }, () => {
    const x = random.below(width), y = random.below(height), size = 2 + random.below(width / 2);
    return Float32Array.from({ length: height * width * channels }, (_, i) => Math.exp(-((((i / channels) | 0) % width - x) ** 2 + (((i / channels / width) | 0) - y) ** 2) / size ** 2) + (random.below(100) - 50) / 1000);
  });
  await gptqIsBetter(bytes, float, blobs);
});

test('a corrected bias takes up what rounding does to the mean of every output', async () => {
  const inputs = images(40).map((x) => x.map(Math.abs)), [layer] = graph.nodes.filter(isLayer), means = async (scheme: Partial<Scheme>): Promise<number> => {
    const fake = fakeQuantized(graph, await quantized(scheme, inputs)), first = { ...fake, nodes: [{ ...fake.nodes[0], activation: 'none' as const }] } as FloatGraph, float = { ...graph, nodes: [{ ...graph.nodes[0], activation: 'none' as const }] } as FloatGraph;
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
    if (values.length !== 48) values.forEach((v, i) => assert.ok(Math.abs(v - before.get(name)![i] * (factor ? factor[i % factor.length] : 1)) < 1e-3 * Math.max(1, Math.abs(v)), name));
  }
});

test('calibration methods: ranges of a long-tailed tensor', () => {
  const values = Float32Array.from({ length: 50000 }, (_, i) => (i === 0 ? 100 : ((i * 7919) % 1000) / 1000)), range = (method: Scheme['calibration']): { min: number; max: number } => {
    const o = rangeObserver(method)();
    o.update(values);
    return o.result();
  };
  assert.equal(range('min-max'), { min: 0, max: 100 });
  for (const method of ['percentile', 'mse', 'entropy'] as const) assert.ok(range(method).max < 101 && range(method).max >= 0.99 && range(method).min === 0, `${method}: ${JSON.stringify(range(method))}`);
  assert.ok(range('percentile').max < 1.2);
  const average = movingAverage();
  for (const max of [1, 1, 4]) average.update(Float32Array.of(0, max));
  assert.ok(average.result().max > 1 && average.result().max < 4);
  const wide = histogram();
  for (const reach of [1, 1000]) wide.update(Float32Array.from({ length: 100 }, (_, i) => (i / 100) * reach));
  assert.is(wide.result().counts.reduce((a, b) => a + b), 200);
});

test('narrow weights: every value comes back, and the width is the least that holds them', () => {
  for (const bits of [2, 4, 8]) {
    const half = 2 ** (bits - 1), all = Int8Array.from({ length: 2 ** bits }, (_, i) => i - half), packed = packBits(all, bits);
    assert.is(weightBits(all), bits);
    assert.equal([...all], [...all].map((_, i) => { const v = (packed[Math.floor((i * bits) / 8)] >> ((i * bits) % 8)) & (2 ** bits - 1); return v >= half ? v - 2 ** bits : v; }));
    for (const size of [3, 7, 12]) {
      const n = Math.ceil((size * bits) / 8), values = Array.from({ length: size }, (_, i) => (i * 37) % 2 ** bits), bytes = new Uint8Array(n);
      values.forEach((v, i) => (bytes[i % n] |= v << (bits * Math.floor(i / n))));
      const number = bytesAt(bytes.buffer, 0, size, bits, narrowMask(size, bits));
      assert.equal(values.map((_, i) => Number((number >> BigInt(8 * i)) & 255n)), values);
    }
  }
  assert.is(weightBits(Int8Array.of(-1, 1, 0)), 2);
  assert.is(weightBits(Int8Array.of(-3)), 4);
  assert.is(weightBits(Int8Array.of(8)), 8);
});

test('narrow weights take less flash, and pruned ones their share of zeros', async () => {
  const sizes = await Promise.all([8, 4, 2].map(async (bits) => serialize(await quantized({ bits }), { rounding: 'double', labels: [] }).file.length));
  assert.ok(sizes[0] > sizes[1] && sizes[1] > sizes[2], sizes.join());
  for (const scheme of [{ sparsity: 0.8 }, { sparsity: 0.8, bits: 4, rounding: 'gptq', scales: 'mse', biasCorrection: true }] as const) for (const node of (await quantized(scheme)).nodes) {
    if (!('parameters' in node) || node.op === 'depthwiseConv2d') continue;
    const zeros = node.parameters.weights.filter((w) => w === 0).length / node.parameters.weights.length;
    assert.ok(zeros >= 0.79, `${node.name}: ${zeros}`);
  }
});

const zerosOf = (node: FloatLayer): number => node.parameters.weights.filter((w) => w === 0).length;

test('pruning by what the output loses, with the others corrected, loses less than pruning the smallest weights', async () => {
  const moments = await layerMoments(onnx, graph, images(40)), scheme = { ...plain, sparsity: 0.6 }, smallest = await pruneWeights(graph, scheme, undefined, silent), best = await pruneWeights(graph, scheme, moments, silent);
  graph.nodes.forEach((node, i) => {
    if (!isLayer(node) || node.op === 'depthwiseConv2d') return;
    const a = smallest.nodes[i] as FloatLayer, b = best.nodes[i] as FloatLayer, known = moments.get(node.name)!, error = (made: FloatLayer): number => outputError(node, known, made.parameters.weights);
    assert.is(zerosOf(a), Math.floor(0.6 * node.parameters.weights.length));
    assert.is(zerosOf(b), zerosOf(a));
    assert.ok(error(b) < error(a), `${node.name}: ${error(b)}, ${error(a)} without`);
  });
});

test('of all layers together the share is met too, and more goes where less is lost', async () => {
  const moments = await layerMoments(onnx, graph, images(40)), layers = (await pruneWeights(graph, { ...plain, sparsity: 0.6, scope: 'global' }, moments, silent)).nodes.filter(isLayer).filter(({ op }) => op !== 'depthwiseConv2d');
  const count = (value: (node: FloatLayer) => number): number => layers.reduce((sum, node) => sum + value(node), 0), shares = layers.map((node) => zerosOf(node) / node.parameters.weights.length);
  assert.is(count(zerosOf), Math.floor(0.6 * layers[0].parameters.weights.length) + Math.floor(0.6 * layers[1].parameters.weights.length) + Math.floor(0.6 * layers[2].parameters.weights.length));
  assert.ok(Math.max(...shares) - Math.min(...shares) > 0.02 && Math.max(...shares) <= 0.96, shares.join());
});

const channelsOf = (float: FloatGraph): number[] => float.nodes.filter(isLayer).map((node) => node.parameters.bias.length);

test('channels taken out: the output changes less when the next layer is corrected', async () => {
  const inputs = images(40), moments = await layerMoments(onnx, graph, inputs), scheme = { ...plain, sparsity: 0.34, pruning: 'channels', biasCorrection: true } as const;
  const smallest = (await pruneChannels(graph, scheme, undefined, silent)).graph, best = (await pruneChannels(graph, scheme, moments, silent)).graph;
  assert.equal(channelsOf(graph), [6, 6, 12, 20]);
  for (const float of [smallest, best]) assert.equal(channelsOf(float), [4, 4, 8, 20]);
  const error = (float: FloatGraph): number => inputs.reduce((sum, x) => { const a = runFloat(graph, x).get(graph.outputs[0])!, b = runFloat(float, x).get(graph.outputs[0])!; return sum + a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0); }, 0);
  assert.ok(error(best) < 0.6 * error(smallest), `${error(best)}, ${error(smallest)} without`);
  assert.equal(channelsOf((await pruneChannels(graph, { ...scheme, sparsity: 0.999 }, moments, silent)).graph), [1, 1, 1, 20]);
  const together = channelsOf((await pruneChannels(graph, { ...scheme, sparsity: 0.5, scope: 'global' }, moments, silent)).graph);
  assert.is(together[0] + together[2], 9);
});

test('a layer in parts on several threads is rounded as it is whole', async () => {
  const random = new Random(6), n = 90, outputs = 200, node = { op: 'fullyConnected', name: 'large', inputs: ['x'], output: 'y', activation: 'none', parameters: { weights: Float32Array.from({ length: n * outputs }, () => random.below(2001) - 1000), bias: new Float32Array(outputs) } } as FloatLayer;
  const scheme = { ...plain, bits: 4, scales: 'mse' } as const, whole = quantizeWeights(node, scheme, 1), parts = partsOf(node), made = await onThreads('round', parts.map((part) => [part.node, scheme, 1]), silent, '');
  assert.equal(made.flatMap(({ weights }) => [...weights]), [...whole.weights]);
  assert.equal(made.flatMap(({ scales }) => [...scales]), [...whole.scales]);
  assert.equal(parts.map(({ channel, weight }) => weight / channel || n), parts.map(() => n));
});

test('layers quantized in sequence make up for the errors of those before', async () => {
  const inputs = images(60), error = async (scheme: Partial<Scheme>): Promise<number> => {
    const int = await quantized(scheme, inputs), model = load(serialize(int, { rounding: 'double', labels: [] }).file.buffer), { scale, zeroPoint } = int.tensors.get(int.outputs[0])!.quantization!;
    for (const node of int.nodes) if (scheme.sparsity && node.op === 'fullyConnected') assert.ok(node.parameters.weights.filter((w) => w === 0).length >= 0.79 * node.parameters.weights.length);
    return inputs.reduce((sum, x) => {
      model.inputs[0].set(Int8Array.from(x, (v) => Math.round(v * 127)));
      run(model);
      return sum + runFloat(graph, x).get(graph.outputs[0])!.reduce((s, v, i) => s + (v - scale * (model.outputs[0][i] - zeroPoint)) ** 2, 0);
    }, 0);
  };
  for (const scheme of [{ bits: 2, scales: 'mse' }, { bits: 4, equalize: true }, { sparsity: 0.8 }] as const) {
    const own = { ...scheme, rounding: 'gptq', biasCorrection: true } as const, before = await error(own), after = await error({ ...own, sequential: true });
    assert.ok(after < 0.9 * before, `${JSON.stringify(scheme)}: ${after} in sequence, ${before} without`);
  }
});

test('a layer fitted to the float layer\'s own inputs stays as it is', async () => {
  for (const node of graph.nodes.filter(isLayer)) {
    const xs = images(40).map((x) => runFloat(graph, x).get(node.inputs[0])!), { moments, target } = targetOver(node, graph, xs, xs, 0), { weights, bias } = refitted(node, node.parameters.bias, moments, target);
    weights.forEach((w, i) => assert.ok(Math.abs(w - node.parameters.weights[i]) < 1e-4, `${node.name}: weight ${i} ${w}, was ${node.parameters.weights[i]}`));
    bias.forEach((b, i) => assert.ok(Math.abs(b - node.parameters.bias[i]) < 1e-3, `${node.name}: bias ${i}`));
  }
});

test('a comparison by layers knows equalized channels, and leaves out layers that lost some', async () => {
  const inputs = images(4).map((x) => Int8Array.from(x, (v) => Math.round(v * 127))), compared = async (scheme: Partial<Scheme>, factors?: Map<string, Float32Array>): Promise<{ op: string; sqnr: number }[]> => {
    const int = await quantized(scheme);
    return compareLayers(onnx, graph, int, serialize(int, { rounding: 'double', labels: [] }).file, inputs, factors);
  };
  for (const { op, sqnr } of await compared({ equalize: true }, equalize(graph).factors)) assert.ok(sqnr > 20, `${op}: ${sqnr} dB`);
  assert.equal((await compared({ sparsity: 0.5, pruning: 'channels' })).map(({ op }) => op), ['fullyConnected']);
});

test('bad calibration: no images, one, constant ones', async () => {
  await fails(quantized({}, []), /no calibration images/);
  for (const inputs of [images(1), [new Float32Array(128)], [new Float32Array(128).fill(0.5)]]) {
    for (const calibration of ['min-max', 'moving-average', 'percentile', 'mse', 'entropy'] as const) {
      const int = await quantized({ calibration, rounding: 'gptq', biasCorrection: true, scales: 'mse', bits: 4 }, inputs);
      for (const { quantization } of int.tensors.values()) assert.ok(quantization!.scale > 0 && Number.isFinite(quantization!.scale));
      load(serialize(int, { rounding: 'double', labels: [] }).file.buffer);
    }
  }
});

test('bad weights: NaN and infinity are told, a dead channel is sound', async () => {
  const with0 = (value: number): FloatGraph => ({ ...graph, nodes: graph.nodes.map((node, i) => (i === 0 && isLayer(node) ? { ...node, parameters: { ...node.parameters, weights: node.parameters.weights.map((w, k) => (k < 18 ? value : w)) } } : node)) });
  await fails(quantized({}, images(2), onnx, with0(NaN)), /conv2d .* has weights that are not finite/);
  await fails(quantized({}, images(2), onnx, with0(Infinity)), /not finite/);
  for (const scheme of [{}, { bits: 4, scales: 'mse', rounding: 'gptq' } as const, { bits: 2 }]) load(serialize(await quantized(scheme, images(5), onnx, with0(0)), { rounding: 'double', labels: [] }).file.buffer);
});

test('mistakes in a scheme are named', () => {
  const wrong = (json: Record<string, unknown>, pattern: RegExp): void => assert.throws(() => readScheme(json, 'model.json'), (e: Error) => e instanceof FlintError && pattern.test(e.message));
  wrong({ bits: 9 }, /model\.json: "bits" should be a whole number from 2 to 8/);
  wrong({ sparsity: 1 }, /"sparsity" should be a number from 0 to less than 1/);
  wrong({ rounding: 'up' }, /"rounding" should be one of nearest, gptq/);
  wrong({ pruning: 'all' }, /"pruning" should be one of weights, channels/);
  wrong({ sequential: true, pruning: 'channels' }, /"sequential" does not go with channels taken out/);
  wrong({ scope: 'model' }, /"scope" should be one of layer, global/);
  wrong({ colour: 1 }, /"colour" is unknown/);
  wrong({ layers: { a: { calibration: 'mse' } } }, /layer a: "calibration" is unknown/);
  wrong({ asymmetric: true }, /asymmetric weights take 7 bits or fewer/);
});

test('a layer that is not there is named, with those that are', () => fails(quantized({ layers: { nowhere: { bits: 4 } } }), /no layer is named nowhere; there are /));

test.run();
