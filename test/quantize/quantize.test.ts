import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FlintError } from '../../src/error';
import type { FloatGraph } from '../../host/graph';
import { equalize } from '../../host/quantize/equalize';
import { histogram, movingAverage, rangeObserver } from '../../host/quantize/observers';
import { readScheme, type Scheme } from '../../host/recipe/scheme';
import { isLayer } from '../../host/graph';
import { packGraph } from '../../host/file/pack-graph';
import { packBits, weightStorage, stored, weightBits } from '../../host/operators/weights';
import { load, runOperator } from '../../src/model';
import { Header, Operator, Tensor } from '../../src/format';
import { runFloat } from '../support/float-reference';
import { fakeQuantized, graph, images, onnx, quantized } from '../support/quantization';

const fails = async (work: Promise<unknown>, pattern: RegExp): Promise<void> => {
  const error = await work.then(() => undefined, (e: Error) => e);
  assert.instance(error, FlintError);
  assert.match(error!.message, pattern);
};

for (const [name, scheme] of Object.entries<Partial<Scheme>>({
  'int8': {}, 'int8 per-tensor, equalized': { perTensor: true, equalize: true }, 'symmetric activations': { activations: 'symmetric' }, 'power-of-two activations': { activations: 'power-of-two' },
  'int4': { bits: 4 }, 'int4, asymmetric, GPTQ': { bits: 4, asymmetric: true, rounding: 'gptq', scales: 'mse' }, 'ternary': { bits: 2, scales: 'mse' }, 'int2, asymmetric': { bits: 2, asymmetric: true, scales: 'mse' }, 'int4, bias correction': { bits: 4, biasCorrection: true }, 'pruned': { sparsity: 0.5, rounding: 'gptq' },
  'pruned of all layers together': { sparsity: 0.7, scope: 'global', rounding: 'gptq', biasCorrection: true }, 'in sequence': { bits: 4, rounding: 'gptq', biasCorrection: true, sequential: true }, 'channels taken out': { sparsity: 0.5, pruning: 'channels', biasCorrection: true },
  'mixed': { bits: 4, layers: { [graph.nodes.filter(isLayer)[1].name]: { bits: 8 } } },
})) test(`${name}: every layer is within one step of the float layer with the same weights`, async () => {
  const int = await quantized(scheme), fake = fakeQuantized(scheme.equalize ? equalize(graph).graph : graph, int),
    model = load(packGraph(int, { rounding: 'single' }).file.buffer);
  const values = images(1)[0].map((v) => Math.round(v * 127) / 127),
    view = (tensor: number): Int8Array => new Int8Array(model.arena.buffer, model.words[(model.words[Header.tensors] >> 2) + tensor * Tensor.words + Tensor.address], model.words[(model.words[Header.tensors] >> 2) + tensor * Tensor.words + Tensor.bytes]);
  model.inputs[0].set(Int8Array.from(values, (v) => Math.round(v * 127)));
  const steps = int.nodes.filter((node) => node.op !== 'reshape');
  steps.forEach((node, i) => {
    const at = model.words[(model.words[Header.operators] >> 2) + i] >> 2, from = int.tensors.get(node.inputs[0])!.quantization!,
      to = int.tensors.get(node.output)!.quantization!;
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

test('calibration methods: ranges of a long-tailed tensor', () => {
  const values = Float32Array.from({ length: 50000 }, (_, i) => (i === 0 ? 100 : ((i * 7919) % 1000) / 1000));
  const range = (method: Scheme['calibration']): { min: number; max: number } => {
    const o = rangeObserver(method)();
    o.update(values);
    return o.result();
  };
  assert.equal(range('min-max'), { min: 0, max: 100 });
  for (const method of ['percentile', 'mse', 'entropy'] as const)
    assert.ok(range(method).max < 101 && range(method).max >= 0.99 && range(method).min === 0, `${method}: ${JSON.stringify(range(method))}`);
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
  }
  assert.is(weightBits(Int8Array.of(-1, 1, 0)), 2);
  assert.is(weightBits(Int8Array.of(-3)), 4);
  assert.is(weightBits(Int8Array.of(8)), 8);
});

test('weights that are not symmetric fit fewer bits with zero points, from all ranges', () => {
  const taps = 32;
  for (const bits of [2, 4]) for (let low = 1 - 2 ** bits; low <= 0; low++) {
    const weights = Int8Array.from({ length: 3 * taps }, (_, i) => (i < taps ? low + (i % 2 ** bits) : i % 2)), storage = weightStorage(weights, 3),
      narrow = stored(weights, storage);
    assert.is(storage.bits, bits);
    assert.ok(weightBits(narrow) <= bits, `${weightBits(narrow)}`);
    assert.equal([...narrow].map((w, i) => w - (storage.zeroPoints?.[Math.floor(i / taps)] ?? 0)), [...weights]);
  }
  assert.equal(weightStorage(Int8Array.from({ length: taps }, (_, i) => (i % 17) - 3), 1), { bits: 8 });
});

test('narrow weights take less flash', async () => {
  const sizes = await Promise.all([8, 4, 2].map(async (bits) => packGraph(await quantized({ bits })).file.length));
  assert.ok(sizes[0] > sizes[1] && sizes[1] > sizes[2], sizes.join());
  const asymmetric = packGraph(await quantized({ bits: 4, asymmetric: true })).file.length;
  assert.ok(asymmetric > sizes[1] && asymmetric < sizes[1] + 200, `${asymmetric}, symmetric ${sizes[1]}`);
});

test('bad calibration: no images, one, constant ones', async () => {
  await fails(quantized({}, []), /no calibration images/);
  for (const inputs of [images(1), [new Float32Array(128)], [new Float32Array(128).fill(0.5)]]) {
    for (const calibration of ['min-max', 'moving-average', 'percentile', 'mse', 'entropy'] as const) {
      const int = await quantized({ calibration, rounding: 'gptq', biasCorrection: true, scales: 'mse', bits: 4 }, inputs);
      for (const { quantization } of int.tensors.values()) assert.ok(quantization!.scale > 0 && Number.isFinite(quantization!.scale));
      load(packGraph(int).file.buffer);
    }
  }
});

test('bad weights: NaN and infinity are told, a dead channel is sound', async () => {
  const with0 = (value: number): FloatGraph =>
    ({ ...graph, nodes: graph.nodes.map((node, i) => (i === 0 && isLayer(node) ? { ...node, parameters: { ...node.parameters, weights: node.parameters.weights.map((w, k) => (k < 18 ? value : w)) } } : node)) });
  await fails(quantized({}, images(2), onnx, with0(NaN)), /conv2d .* has weights that are not finite/);
  await fails(quantized({}, images(2), onnx, with0(Infinity)), /not finite/);
  for (const scheme of [{}, { bits: 4, scales: 'mse', rounding: 'gptq' } as const, { bits: 2 }])
    load(packGraph(await quantized(scheme, images(5), onnx, with0(0))).file.buffer);
});

test('mistakes in a scheme are named', () => {
  const wrong = (json: Record<string, unknown>, pattern: RegExp): void =>
    assert.throws(() => readScheme(json, 'model.json'), (e: Error) => e instanceof FlintError && pattern.test(e.message));
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
