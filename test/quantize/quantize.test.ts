import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { isLayer, type FloatGraph } from '../../host/graph';
import { equalize } from '../../host/quantize/equalize';
import type { Scheme } from '../../host/recipe/scheme';
import { FlintError } from '../../src/error';
import { Header, Operator, Tensor } from '../../src/format';
import { load, runOperator, type Model } from '../../src/model';
import { tensorRecord } from '../../src/state';
import { runFloat } from '../support/float-reference';
import { asInput, fakeQuantized, graph, images, onnx, quantized } from '../support/quantization';

async function fails(work: Promise<unknown>, why: RegExp): Promise<void> {
  const error = await work.then(
    () => assert.unreachable('it was done'),
    (e: Error) => e,
  );
  assert.instance(error, FlintError, error!.stack);
  assert.match(error!.message, why);
}

/** A tensor's values in the arena. */
function valuesOf(model: Model, index: number): Int8Array {
  const at = tensorRecord(model.words, index);
  return new Int8Array(model.arena.buffer, model.words[at + Tensor.address], model.words[at + Tensor.bytes]);
}

const [, second] = graph.nodes.filter(isLayer);
const schemes: Record<string, Partial<Scheme>> = {
  int8: {},
  'int8 per-tensor, equalized': { perTensor: true, equalize: true },
  'symmetric activations': { activations: 'symmetric' },
  'power-of-two activations': { activations: 'power-of-two' },
  int4: { bits: 4 },
  'int4, asymmetric, GPTQ': { bits: 4, asymmetric: true, rounding: 'gptq', scales: 'mse' },
  ternary: { bits: 2, scales: 'mse' },
  'int2, asymmetric': { bits: 2, asymmetric: true, scales: 'mse' },
  'int4, bias correction': { bits: 4, biasCorrection: true },
  pruned: { sparsity: 0.5, rounding: 'gptq' },
  'pruned of all layers together': { sparsity: 0.7, scope: 'global', rounding: 'gptq', biasCorrection: true },
  'in sequence': { bits: 4, rounding: 'gptq', biasCorrection: true, sequential: true },
  'channels taken out': { sparsity: 0.5, pruning: 'channels', biasCorrection: true },
  mixed: { bits: 4, layers: { [second.name]: { bits: 8 } } },
};
for (const [name, scheme] of Object.entries(schemes))
  test(`${name}: every operator is within one step of the float one with the same weights`, async () => {
    const int = await quantized(scheme),
      fake = fakeQuantized(scheme.equalize ? equalize(graph) : graph, int),
      model = load(packGraph(int, { rounding: 'single' }).file.buffer),
      { words } = model;
    model.inputs[0].set(asInput(images(1)[0]));
    int.nodes
      .filter(({ op }) => op !== 'reshape')
      .forEach((node, i) => {
        const at = words[(words[Header.operators] >> 2) + i] >> 2,
          from = int.tensors.get(node.inputs[0])!.quantization!,
          to = int.tensors.get(node.output)!.quantization!,
          read = valuesOf(model, words[at + Operator.input]),
          real = Float32Array.from(read, (q) => from.scale * (q - from.zeroPoint)),
          alone = fake.nodes.filter(({ output }) => output === node.output);
        runOperator(model, i);
        const wanted = runFloat({ ...fake, inputs: [node.inputs[0]], nodes: alone }, real).get(node.output)!,
          got = valuesOf(model, words[at + Operator.output]);
        wanted.forEach((v, k) => {
          const q = Math.max(-128, Math.min(127, Math.round(v / to.scale) + to.zeroPoint));
          assert.ok(Math.abs(q - got[k]) <= 1, `${node.op} ${node.name}, value ${k}: ${got[k]}, float ${q}`);
        });
      });
  });

test('narrow weights take less flash', async () => {
  const size = async (scheme: Partial<Scheme>): Promise<number> =>
      packGraph(await quantized(scheme)).file.length,
    eight = await size({ bits: 8 }),
    four = await size({ bits: 4 }),
    two = await size({ bits: 2 }),
    asymmetric = await size({ bits: 4, asymmetric: true });
  assert.ok(eight > four && four > two, `${eight}, ${four}, ${two}`);
  assert.ok(asymmetric > four && asymmetric < four + 200, `${asymmetric}, symmetric ${four}`);
});

test('bad calibration: no images, one, constant ones', async () => {
  await fails(quantized({}, []), /no calibration images/);
  const scheme = { rounding: 'gptq', biasCorrection: true, scales: 'mse', bits: 4 } as const;
  for (const inputs of [images(1), [new Float32Array(128)], [new Float32Array(128).fill(0.5)]])
    for (const calibration of ['min-max', 'moving-average', 'percentile', 'mse', 'entropy'] as const) {
      const int = await quantized({ ...scheme, calibration }, inputs);
      for (const { quantization } of int.tensors.values())
        assert.ok(quantization!.scale > 0 && Number.isFinite(quantization!.scale));
      load(packGraph(int).file.buffer);
    }
});

/** The network with one value for all weights of its first channel. */
const withChannelOf = (value: number): FloatGraph => ({
  ...graph,
  nodes: graph.nodes.map((node, i) => {
    if (i > 0 || !isLayer(node)) return node;
    const weights = node.parameters.weights.map((w, k) => (k < 18 ? value : w));
    return { ...node, parameters: { ...node.parameters, weights } };
  }),
});

test('weights that are not finite are told', async () => {
  for (const value of [NaN, Infinity])
    await fails(
      quantized({}, images(2), onnx, withChannelOf(value)),
      /conv2d .* has weights that are not finite/,
    );
});

test('a dead channel is sound', async () => {
  for (const scheme of [{}, { bits: 4, scales: 'mse', rounding: 'gptq' } as const, { bits: 2 }])
    load(packGraph(await quantized(scheme, images(5), onnx, withChannelOf(0))).file.buffer);
});

test('a layer that is not there is named, with those that are', () =>
  fails(quantized({ layers: { nowhere: { bits: 4 } } }), /no layer is named nowhere; there are /));

test.run();
