import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate } from '../../host/quantize/calibrate';
import { minMax, type Observer } from '../../host/quantize/observers';
import { elements, type FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { FlintError } from '../../src/error';
import { runFloat } from '../support/float-reference';
import { OnnxBuilder } from '../support/onnx-builder';
import { Random } from '../support/random';

/** Of every kind of tensor: fused, flattened, padded for a pooling, pooled and flattened at once. */
function network(): Uint8Array {
  const b = new OnnxBuilder([1, 3, 5, 4]), x = b.node('Relu', [b.node('Conv', ['x', b.floats([6, 3, 3, 3]), b.floats([6])], { pads: [1, 1, 1, 1] })]);
  const pooled = b.node('AveragePool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 });
  const left = b.node('Gemm', [b.node('Flatten', [pooled]), b.floats([120, 4], undefined, 120)]),
    right = b.node('Gemm', [b.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 }), b.floats([6, 4])]);
  return b.finish(b.node('Softmax', [b.node('Add', [left, b.node('Relu', [right])])], { axis: 1 }));
}
function images(graph: FloatGraph, count: number): Float32Array[] {
  const random = new Random(31), size = elements(graph.tensors.get(graph.inputs[0])!.shape);
  return Array.from({ length: count }, () => Float32Array.from({ length: size }, () => random.below(2001) / 500 - 2));
}
const message = (work: Promise<unknown>): Promise<string> => work.then(() => 'no error', (error: Error) => (assert.instance(error, FlintError), error.message));

test('every tensor gets the range of its values over all inputs', async () => {
  const onnx = network(), imported = importOnnx(onnx, '');
  for (const graph of [imported, optimize(imported)]) {
    const inputs = images(graph, 5), progress: number[] = [], ranges = await calibrate(onnx, graph, inputs, minMax, (done) => progress.push(done));
    const runs = inputs.map((input) => runFloat(graph, input));
    assert.equal(progress, [1, 2, 3, 4, 5]);
    assert.equal([...ranges.keys()].sort(), [...graph.tensors.keys()].sort());
    for (const name of graph.tensors.keys()) {
      const padding = graph.nodes.some((node) => node.op === 'pad' && node.output === name); // its zeros are in every int8 range anyway
      const values = runs.flatMap((run) => [...run.get(name)!]), min = Math.min(...values), max = Math.max(...values), got = ranges.get(name)!;
      assert.ok((padding || Math.abs(got.min - min) < 1e-4) && Math.abs(got.max - max) < 1e-4, `${name}: ${got.min}..${got.max}, should be ${min}..${max}`);
    }
  }
});

test('any observer can be put in, and inputs may come one after another', async () => {
  const onnx = network(), graph = optimize(importOnnx(onnx, '')), inputs = images(graph, 3);
  const counter = (): Observer<number> => { let n = 0; return { update: (values) => void (n += values.length), result: () => n }; };
  const counts = await calibrate(onnx, graph, (async function* () { yield* inputs; })(), counter);
  assert.is(counts.get(graph.inputs[0]), 3 * 60);
  assert.is(counts.get(graph.outputs[0]), 3 * 4);
});

test('a constant image has a range of one value', async () => {
  const onnx = network(), graph = optimize(importOnnx(onnx, ''));
  assert.equal((await calibrate(onnx, graph, [new Float32Array(60).fill(0.5)], minMax)).get('x'), { min: 0.5, max: 0.5 });
});

test('what cannot be calibrated is told', async () => {
  const onnx = network(), graph = optimize(importOnnx(onnx, ''));
  assert.match(await message(calibrate(onnx, graph, [], minMax)), /no calibration images/);
  assert.match(await message(calibrate(onnx, graph, [new Float32Array(60).fill(NaN)], minMax)), /tensor x takes values that are not finite/);
  assert.match(await message(calibrate(onnx, graph, [new Float32Array(60).fill(3e38)], minMax)), /tensor v\d+ takes values that are not finite/);
  assert.match(await message(calibrate(onnx, graph, [new Float32Array(59)], minMax)), /takes 60 values \(\[1,5,4,3\]\), not 59/);
});

test.run();
