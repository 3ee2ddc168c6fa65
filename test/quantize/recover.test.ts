import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { isLayer, type FloatGraph, type FloatParameters, type Node } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { channelMaxima } from '../../host/quantize/calibrate';
import { equalize, limited } from '../../host/quantize/equalize';
import { refitted } from '../../host/quantize/refit';
import { targetOver } from '../../host/quantize/statistics';
import type { Scheme } from '../../host/recipe/scheme';
import { compareLayers } from '../../host/report/compare';
import { load, run } from '../../src/model';
import { runFloat } from '../support/float-reference';
import { model } from '../support/onnx';
import { Random } from '../support/random';
import { asInput, fakeQuantized, graph, images, onnx, quantized, sparsityOf } from '../support/quantization';

/** A graph's first layer alone, without its activation. */
const firstLayer = (float: FloatGraph): FloatGraph => ({
  ...float,
  nodes: [{ ...float.nodes[0], activation: 'none' } as Node<FloatParameters>],
});

test('a corrected bias takes up what rounding does to the mean of every output', async () => {
  const inputs = images(40).map((x) => x.map(Math.abs)),
    [{ output, parameters }] = graph.nodes.filter(isLayer),
    channels = parameters.bias.length;
  /** The largest mean error of a channel of the first layer. */
  const error = async (scheme: Partial<Scheme>): Promise<number> => {
    const int = firstLayer(fakeQuantized(graph, await quantized(scheme, inputs))),
      sums = new Float64Array(channels);
    for (const x of inputs) {
      const exact = runFloat(firstLayer(graph), x).get(output)!;
      runFloat(int, x)
        .get(output)!
        .forEach((v, i) => (sums[i % channels] += v - exact[i]));
    }
    return Math.max(...sums.map(Math.abs)) / (inputs.length * 64);
  };
  assert.ok((await error({ bits: 3, biasCorrection: true })) < 0.1 * (await error({ bits: 3 })));
});

test('an equalized network computes the same, channels of inner tensors by a factor each', () => {
  const balanced = equalize(graph),
    factors = new Map(
      [...balanced.tensors].flatMap(([name, { factors }]) => (factors ? [[name, factors]] : [])),
    ),
    [x] = images(1),
    before = runFloat(graph, x);
  assert.ok(factors.size >= 3);
  const flatten = graph.nodes.find(({ op }) => op === 'reshape')!; // the same values, in the same order
  for (const [name, values] of runFloat(balanced, x)) {
    const factor = factors.get(name === flatten.output ? flatten.inputs[0] : name) ?? [1];
    values.forEach((v, i) => {
      const wanted = before.get(name)![i] * factor[i % factor.length];
      assert.ok(Math.abs(v - wanted) < 1e-3 * Math.max(1, Math.abs(v)), `${name}: ${v}, should be ${wanted}`);
    });
  }
});

test('through ReLU6 channels are balanced that stay below 6, and go on to', async () => {
  const bytes = model((b) => {
      const reaches = [0.01, 0.1, 1, 30],
        weights = reaches.flatMap((reach) => [reach, -reach / 2, reach / 3]),
        x = b.node('Conv', ['x', b.floats([4, 3, 1, 1], weights), b.floats([4], [0, 0, 0, 0])]),
        clipped = b.node('Clip', [x, b.float(0), b.float(6)]);
      return b.node('Conv', [clipped, b.floats([2, 4, 1, 1], [90, 40, 3, 1, -50, 20, -2, 2])]);
    }),
    float = optimize(importOnnx(bytes, '')),
    [{ output }] = float.nodes,
    random = new Random(9),
    inputs = Array.from({ length: 10 }, () => random.reals(168)),
    balanced = equalize(float, await channelMaxima(bytes, float, limited(float), inputs)),
    factors = balanced.tensors.get(output)!.factors!;
  assert.is(factors[3], 1);
  assert.ok(factors[0] > 10 * factors[2]);
  for (const x of inputs) {
    const [before, after] = [float, balanced].map((graph) => runFloat(graph, x));
    after.get(output)!.forEach((v, i) => assert.ok(i % 4 === 3 || v < 5.41, `value ${i} is ${v}`));
    after.get(float.outputs[0])!.forEach((v, i) => {
      const wanted = before.get(float.outputs[0])![i];
      assert.ok(Math.abs(v - wanted) < 1e-4, `value ${i} is ${v}, was ${wanted}`);
    });
  }
  assert.is(equalize(float).tensors.get(output)!.factors, undefined);
});

test('channels that a Reshape mixes with pixels are not balanced', () => {
  const mixed = optimize(
      importOnnx(
        model((b) => {
          const [first, second] = [8, 4].map((n) => b.floats([n, n === 8 ? 3 : 4, 1, 1])),
            x = b.node('Reshape', [
              b.node('Transpose', [b.node('Conv', ['x', first])], { perm: [0, 2, 3, 1] }),
              [1, 7, 16, 4],
            ]);
          return b.node('Conv', [b.node('Transpose', [x], { perm: [0, 3, 1, 2] }), second]);
        }),
        'mixed',
      ),
    ),
    x = new Random(5).reals(168),
    [output] = mixed.outputs,
    before = runFloat(mixed, x).get(output)!;
  runFloat(equalize(mixed), x)
    .get(output)!
    .forEach((v, i) => assert.ok(Math.abs(v - before[i]) < 1e-4, `value ${i} is ${v}, was ${before[i]}`));
});

/** The squared error of all outputs for all inputs, on the device. */
async function outputErrorOf(scheme: Partial<Scheme>, inputs: Float32Array[]): Promise<number> {
  const int = await quantized(scheme, inputs),
    model = load(packGraph(int).file.buffer),
    [output] = int.outputs,
    { scale, zeroPoint } = int.tensors.get(output)!.quantization!;
  for (const node of int.nodes)
    if (scheme.sparsity && node.op === 'fullyConnected') assert.ok(sparsityOf(node.parameters) >= 0.79);
  let sum = 0;
  for (const x of inputs) {
    model.inputs[0].set(asInput(x));
    run(model);
    const exact = runFloat(graph, x).get(output)!;
    model.outputs[0].forEach((q, i) => (sum += (exact[i] - scale * (q - zeroPoint)) ** 2));
  }
  return sum;
}

const recovered: Partial<Scheme>[] = [
  { bits: 2, scales: 'mse' },
  { bits: 4, equalize: true },
  { sparsity: 0.8 },
];
for (const scheme of recovered)
  test(`in sequence, layers make up for the errors of those before: ${JSON.stringify(scheme)}`, async () => {
    const inputs = images(60),
      own: Partial<Scheme> = { ...scheme, rounding: 'gptq', biasCorrection: true },
      alone = await outputErrorOf(own, inputs),
      inSequence = await outputErrorOf({ ...own, sequential: true }, inputs);
    assert.ok(inSequence < 0.9 * alone, `${inSequence} in sequence, ${alone} without`);
  });

test("a layer fitted to the float layer's own inputs stays as it is", () => {
  for (const node of graph.nodes.filter(isLayer)) {
    const xs = images(40).map((x) => runFloat(graph, x).get(node.inputs[0])!),
      { moments, target } = targetOver(node, graph, xs, xs, 0),
      { weights, bias } = refitted(node, node.parameters.bias, moments, target);
    for (const [got, was, tolerance] of [
      [weights, node.parameters.weights, 1e-4],
      [bias, node.parameters.bias, 1e-3],
    ] as const)
      got.forEach((v, i) => assert.ok(Math.abs(v - was[i]) < tolerance, `${node.name}: ${v}, was ${was[i]}`));
  }
});

/** What the report says of each layer under a scheme. */
async function compared(scheme: Partial<Scheme>): Promise<{ op: string; sqnr: number }[]> {
  const int = await quantized(scheme);
  return compareLayers(onnx, graph, int, packGraph(int).file, images(4).map(asInput));
}

test('a comparison by layers knows equalized channels', async () => {
  for (const { op, sqnr } of await compared({ equalize: true })) assert.ok(sqnr > 20, `${op}: ${sqnr} dB`);
});

test('a comparison by layers leaves out those that lost channels', async () => {
  const layers = await compared({ sparsity: 0.5, pruning: 'channels' });
  assert.equal(
    layers.map(({ op }) => op),
    ['fullyConnected'],
  );
});

test.run();
