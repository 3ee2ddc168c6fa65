/** Normalizations by statistics of the values themselves, and other arithmetic that is spelled out. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agrees, conv, flat, gemm, model, type Build } from '../support/onnx';
import type { OnnxBuilder } from '../support/onnx-builder';

function runs(title: string, build: Build, opset?: number, shape?: number[], tolerance?: number): void {
  test(title, async () => void (await agrees(model(build, shape, opset), tolerance)));
}

/** What one layer makes of the input: channels that differ. */
const layer: Build = (b) => conv(b, 'x', 3, 4, { pads: [1, 1, 1, 1] }, [3, 3]);

for (const opset of [13, 18]) {
  runs(
    `InstanceNormalization, opset ${opset}`,
    (b) => b.node('InstanceNormalization', [layer(b), b.floats([4]), b.floats([4])]),
    opset,
  );
  runs(
    `LayerNormalization of the last dimension, opset ${opset}`,
    (b) =>
      b.node('LayerNormalization', [
        b.node('Transpose', [conv(b, 'x', 3, 16)], { perm: [0, 2, 3, 1] }),
        b.floats([16]),
        b.floats([16]),
      ]),
    Math.max(17, opset),
  );
}
runs(
  'InstanceNormalization of a row',
  (b) => b.node('InstanceNormalization', ['x', b.floats([3]), b.floats([3])]),
  13,
  [1, 3, 20],
);
runs('group normalization, as PyTorch writes it', (b) => {
  const groups = b.node('Reshape', [layer(b), [0, 2, -1]]),
    ones = b.floats([2], [1, 1]),
    normal = b.node('InstanceNormalization', [groups, ones, b.floats([2], [0, 0])]),
    image = b.node('Reshape', [normal, [1, 4, 7, 8]]);
  return b.node('Add', [b.node('Mul', [image, b.floats([4, 1, 1])]), b.floats([4, 1, 1])]);
});
runs(
  'LayerNormalization from an axis on',
  (b) => b.node('LayerNormalization', [layer(b), b.floats([4, 7, 8])], { axis: 1 }),
  17,
);
runs(
  'LayerNormalization from an axis on, counted from the end',
  (b) => b.node('LayerNormalization', [layer(b), b.floats([7, 8]), b.floats([8])], { axis: -2 }),
  17,
);
runs('MeanVarianceNormalization', (b) => b.node('MeanVarianceNormalization', [layer(b)]));
for (const p of [1, 2])
  runs(`LpNormalization of ${p}`, (b) => b.node('LpNormalization', [layer(b)], { axis: 1, p }));

for (const op of ['ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceMin'])
  for (const keepdims of [0, 1]) {
    runs(`${op} over attributes, keepdims ${keepdims}`, (b) =>
      b.node(op, [layer(b)], { axes: [1], keepdims }),
    );
    runs(
      `${op} over an input, keepdims ${keepdims}`,
      (b) => b.node(op, [layer(b), [2, 3]], { keepdims }),
      18,
    );
  }
runs('ReduceSum over an input, before opset 18', (b) =>
  b.node('ReduceSum', [layer(b), [1]], { keepdims: 0 }),
);
runs('ReduceMin of everything', (b) => b.node('ReduceMin', [layer(b)]));

runs('a tensor divided by a tensor', (b) =>
  b.node('Div', ['x', b.node('Add', [b.node('Sigmoid', [conv(b, 'x', 3, 3)]), b.float(0.5)])]),
);
runs('a constant divided by a tensor', (b) =>
  b.node('Div', [b.float(2), b.node('Add', [b.node('Sigmoid', ['x']), b.float(0.5)])]),
);

/** Exponentials divided by their sum. */
const exponentials = (b: OnnxBuilder, scores: string, opset: number): string => {
  const largest = b.node('ReduceMax', [scores], { axes: [1] }),
    powers = b.node('Exp', [b.node('Sub', [scores, largest])]),
    sum = opset < 13 ? b.node('ReduceSum', [powers], { axes: [1] }) : b.node('ReduceSum', [powers, [1]]);
  return b.node('Div', [powers, sum]);
};
for (const opset of [11, 13]) {
  test(`Softmax, spelled out, opset ${opset}`, async () => {
    const operators = await agrees(
      model((b) => exponentials(b, b.node('Mul', [conv(b, 'x'), b.float(4)]), opset), undefined, opset),
    );
    assert.equal(operators, ['conv2d', 'softmax']);
  });
  runs(
    `Softmax of a vector, spelled out, opset ${opset}`,
    (b) => exponentials(b, gemm(b, flat(b, 'x'), 168), opset),
    opset,
  );
}
runs('a Sigmoid, spelled out', (b) => {
  const power = b.node('Exp', [b.node('Neg', [conv(b, 'x')])]);
  return b.node('Div', [b.float(1), b.node('Add', [power, b.float(1)])]);
});
runs('an embedding of length 1', (b) => {
  const vector = gemm(b, flat(b, 'x'), 168),
    length = b.node('Max', [b.node('ReduceL2', [vector], { axes: [1] }), b.float(1e-12)]);
  return b.node('Div', [vector, b.node('Expand', [length, b.node('Shape', [vector])])]);
});

test.run();
