/** Operators that are spelled with others, in models that bring their own scales. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { prepare } from '../../host/import/onnx/prepare';
import { optimize } from '../../host/optimize/passes';
import { loose, separated } from '../../host/quantize/own/quantize';
import { qdqModel, qdqRuns, type BuildQdq as Build } from '../support/onnx-quantized';
import { conv, over, qdq, weights, type Weights } from '../support/qdq-builder';

/** Runs in either type as in ONNX Runtime, but for steps of one. */
function runs(title: string, build: Build): void {
  for (const type of ['INT8', 'UINT8'] as const)
    test(`${title}, ${type}`, async () => void (await qdqRuns(build, type)));
}

/** Of three channels to four. */
const transposed =
  (how: Weights, attributes: Record<string, number | number[]>, kernel: number[]): Build =>
  (b, x, type) => {
    const w = weights(b, [3, 4, ...kernel], how, 8);
    return qdq(b, b.node('ConvTranspose', [x, w, b.floats([4])], attributes), over(type, -2, 2));
  };

const twice = { strides: [2, 2] };
runs('ConvTranspose of one scale', transposed({ type: 'INT8' }, twice, [2, 2]));
runs('ConvTranspose with a scale per channel', transposed({ type: 'INT8', axis: 1 }, twice, [2, 2]));
runs(
  'ConvTranspose whose size is cut',
  transposed({ type: 'INT8', axis: 1 }, { ...twice, pads: [1, 1, 1, 1] }, [3, 3]),
);

/** A layer's output moved, and in the same scale afterwards. */
const moved =
  (move: Build): Build =>
  (b, x, type) => {
    const q = over(type, -2, 2);
    return qdq(b, move(b, qdq(b, conv(b, x, 3, 4), q), type), q);
  };
runs(
  'Gather of uneven indices',
  moved((b, x) => b.node('Gather', [x, [3, 0, 1]], { axis: 1 })),
);
runs(
  'Tile',
  moved((b, x) => b.node('Tile', [x, [1, 1, 2, 3]])),
);
runs(
  'a dilated MaxPool',
  moved((b, x) => b.node('MaxPool', [x], { kernel_shape: [2, 2], dilations: [2, 2] })),
);

/** Operators whose scales are told to be coarse. */
function looseIn(build: Build): string[] {
  const { given, ...graph } = importOnnx(prepare(qdqModel(build, 'INT8')), 'test'),
    apart = separated(graph, given);
  return loose({ graph: optimize(apart.graph, true), scales: apart.scales });
}

test('a normalization left in float between scales is named: bounds are far from what it gives', () => {
  const names = looseIn((b, x, type) => {
    const one = (value: number): string => b.floats([3], [value, value, value]);
    return qdq(b, b.node('InstanceNormalization', [x, one(1), one(0)]), over(type, -2, 2));
  });
  assert.ok(names.length > 0);
  names.forEach((name) => assert.match(name, /InstanceNormalization/));
});

test('functions of one value left in float are not: their bounds are what they give', () => {
  const names = looseIn((b, x, type) => qdq(b, b.node('Tanh', [b.node('Abs', [x])]), over(type, 0, 1)));
  assert.equal(names, []);
});

test.run();
