/** Values copied, in any order: Tile, Gather, dilated poolings. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agrees, conv, flat, gemm, model, on, refusal, type Build } from '../support/onnx';

function runs(title: string, build: Build, shape?: number[], opset?: number): void {
  test(title, async () => void (await agrees(model(build, shape, opset))));
}

const used =
  (make: Build): Build =>
  (b) =>
    b.node('Relu', [make(b)]);

for (const repeats of [
  [1, 1, 2, 2],
  [1, 3, 1, 1],
  [1, 2, 3, 1],
  [1, 1, 1, 1],
])
  runs(`Tile by [${repeats}]`, used(on('Tile', {}, repeats)));
runs('Tile of a vector', used(on('Tile', {}, [1, 3])), [1, 5]);
runs('Tile of what was flattened', (b) => b.node('Tile', [gemm(b, flat(b, 'x'), 168), [1, 2]]));
test('Tile of several images is refused', () =>
  assert.match(refusal(model(on('Tile', {}, [2, 2]))), /it repeats \[1,3,7,8\] \[2,2\] times/));

for (const [axis, indices] of [
  [1, [2, 0, 1]],
  [1, [0, 0, 2]],
  [2, [0, 1, 3, 6]],
  [3, [5, -1, 2]],
  [3, [4, 4, 4]],
])
  runs(
    `Gather [${indices}] along axis ${axis}`,
    used((b) => b.node('Gather', ['x', indices as number[]], { axis: axis as number })),
  );
runs('Gather of a table of indices', (b) => {
  const indices = b.node('Reshape', [
    [3, 1, 0, 2],
    [2, 2],
  ]);
  return b.node('Relu', [
    b.node('Gather', [gemm(b, flat(b, 'x'), 168), b.node('Mod', [indices, [3]])], { axis: 1 }),
  ]);
});
test('Gather of what is not there is refused', () =>
  assert.match(refusal(model(on('Gather', { axis: 1 }, [0, 3, 1]))), /it takes \[0,3,1\] of 3/));

for (const [title, attributes] of [
  ['dilated', { kernel_shape: [2, 2], dilations: [2, 3] }],
  ['dilated, with strides', { kernel_shape: [3, 2], dilations: [2, 2], strides: [2, 3] }],
  ['dilated, padded', { kernel_shape: [3, 3], dilations: [2, 2], pads: [2, 2, 2, 2] }],
  ['dilated, padded on one side', { kernel_shape: [2, 3], dilations: [3, 2], pads: [1, 0, 0, 2] }],
] as [string, Record<string, number[]>][])
  runs(`MaxPool, ${title}`, (b) => b.node('MaxPool', [conv(b, 'x')], attributes));
runs(
  'AveragePool, dilated',
  (b) => b.node('AveragePool', [conv(b, 'x')], { kernel_shape: [2, 3], dilations: [3, 2] }),
  undefined,
  19,
);

for (const mode of ['nearest', 'linear'])
  runs(
    `Resize of a row, ${mode}`,
    (b) => b.node('Resize', [conv(b, 'x', 3, 4, {}, [3]), '', b.floats([3], [1, 1, 2])], { mode }),
    [1, 3, 9],
  );

test.run();
