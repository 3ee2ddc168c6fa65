import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { calibrate } from '../../host/quantize/calibrate';
import { minMax, type Observer } from '../../host/quantize/observers';
import { FlintError } from '../../src/error';
import { runFloat } from '../support/float-reference';
import { conv, flat, model } from '../support/onnx';
import { Random } from '../support/random';

/**
 * Of every kind of tensor: fused, flattened, padded for a pooling, pooled and flattened at once, constant.
 */
const onnx = model(
  (b) => {
    const x = b.node('Relu', [conv(b, 'x', 3, 6, { pads: [1, 1, 1, 1] }, [3, 3])]),
      pooling = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
      sum = b.node('Add', [b.node('AveragePool', [x], pooling), b.floats([1, 6, 5, 4])]);
    const left = b.node('Gemm', [flat(b, sum), b.floats([120, 4], undefined, 120)]),
      right = b.node('Gemm', [b.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 }), b.floats([6, 4])]);
    return b.node('Softmax', [b.node('Add', [left, b.node('Relu', [right])])], { axis: 1 });
  },
  [1, 3, 5, 4],
);
const imported = importOnnx(onnx, ''),
  graph = optimize(imported);

function images(count: number): Float32Array[] {
  const random = new Random(31);
  return Array.from({ length: count }, () => random.reals(60, 2));
}

/** Tensors that hold what the model computes. */
const computed = ({ tensors, nodes }: FloatGraph): string[] =>
  [...tensors.keys()].filter((name) => !nodes.some(({ op, output }) => op === 'constant' && output === name));

for (const [title, float] of [
  ['as imported', imported],
  ['as optimized', graph],
] as const)
  test(`every tensor of a graph ${title} gets the range of its values over all inputs`, async () => {
    const inputs = images(5),
      progress: number[] = [],
      ranges = await calibrate(onnx, float, inputs, minMax, (done) => progress.push(done)),
      runs = inputs.map((input) => runFloat(float, input));
    assert.equal(progress, [1, 2, 3, 4, 5]);
    assert.equal([...ranges.keys()].sort(), computed(float).sort());
    for (const [name, { min, max }] of ranges) {
      // The zeros around an image are in every int8 range anyway.
      const isPadded = float.nodes.some(({ op, output }) => op === 'pad' && output === name),
        values = runs.flatMap((run) => [...run.get(name)!]);
      assert.ok(isPadded || Math.abs(min - Math.min(...values)) < 1e-4, `${name} begins at ${min}`);
      assert.ok(Math.abs(max - Math.max(...values)) < 1e-4, `${name} ends at ${max}`);
    }
  });

test('any observer can be put in, and inputs may come one after another', async () => {
  const counter = (): Observer<number> => {
    let n = 0;
    return { update: (values) => void (n += values.length), result: () => n };
  };
  async function* stream(): AsyncGenerator<Float32Array> {
    yield* images(3);
  }
  const counts = await calibrate(onnx, graph, stream(), counter);
  assert.is(counts.get(graph.inputs[0]), 3 * 60);
  assert.is(counts.get(graph.outputs[0]), 3 * 4);
});

test('a constant image has a range of one value', async () => {
  const ranges = await calibrate(onnx, graph, [new Float32Array(60).fill(0.5)], minMax);
  assert.equal(ranges.get('x'), { min: 0.5, max: 0.5 });
});

for (const [title, inputs, why] of [
  ['no images', [], /no calibration images/],
  [
    'values that are no numbers',
    [new Float32Array(60).fill(NaN)],
    /tensor x takes values that are not finite/,
  ],
  ['sums beyond float', [new Float32Array(60).fill(3e38)], /tensor v\d+ takes values that are not finite/],
  ['images of another size', [new Float32Array(59)], /takes 60 values \(\[1,5,4,3\]\), not 59/],
] as const)
  test(`${title} cannot be calibrated with`, async () => {
    try {
      await calibrate(onnx, graph, [...inputs], minMax);
    } catch (error) {
      assert.instance(error, FlintError);
      return assert.match((error as Error).message, why);
    }
    assert.unreachable('it was done');
  });

test.run();
