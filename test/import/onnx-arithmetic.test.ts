import { test } from 'uvu';
import { IMAGE, agrees, conv, flat, gemm, model, norm, on, type Build } from '../support/onnx';

/** As imported, as optimized and as int8, a network gives what ONNX Runtime does. */
function runs(title: string, build: Build, shape?: number[], opset?: number): void {
  test(title, async () => void (await agrees(model(build, shape, opset))));
}

const VECTOR = [1, 10];

/** Weights of an image's channels, [1, channels, 1, 1]: squeeze and excitation. */
const excitation: Build = (b) => b.node('Sigmoid', [conv(b, b.node('GlobalAveragePool', ['x']), 3, 3)]);

for (const op of ['Add', 'Sub', 'Mul', 'Max']) {
  // Constants of one value, one for each channel, one for each value; on either side.
  for (const shape of [[], [1], [3, 1, 1], [1, 3, 1, 1], [1, 1, 1, 1], [3, 7, 8], IMAGE]) {
    runs(`${op} of an image and a constant [${shape}]`, (b) => b.node(op, ['x', b.floats(shape)]));
    runs(`${op} of a constant [${shape}] and an image`, (b) => b.node(op, [b.floats(shape), 'x']));
  }
  for (const shape of [[1], [10], [1, 10]])
    runs(`${op} of a vector and a constant [${shape}]`, (b) => b.node(op, ['x', b.floats(shape)]), VECTOR);
  runs(`${op} of a flattened image and a constant`, (b) =>
    gemm(b, b.node(op, [flat(b, 'x'), b.floats([168])]), 168),
  );

  // Tensors, of which the smaller is repeated.
  runs(`${op} of two images`, (b) => b.node(op, [conv(b, 'x', 3, 3), 'x']));
  runs(`${op} of an image and itself`, (b) => b.node(op, ['x', 'x']));
  runs(`${op} of an image and weights of its channels`, (b) => b.node(op, ['x', excitation(b)]));
  runs(`${op} of weights of channels and an image`, (b) => b.node(op, [excitation(b), 'x']));
  runs(`${op} of an image and one value`, (b) =>
    b.node(op, ['x', b.node('GlobalMaxPool', [conv(b, 'x', 3, 1)])]),
  );
  runs(`${op} of flattened images`, (b) =>
    gemm(b, b.node(op, [flat(b, 'x'), flat(b, conv(b, 'x', 3, 3))]), 168),
  );
}

const rows: Build = on('AveragePool', { kernel_shape: [1, 8] }),
  columns: Build = on('AveragePool', { kernel_shape: [7, 1] });
for (const op of ['Add', 'Sub', 'Mul', 'Max', 'Min']) {
  runs(
    `${op} of a vector and a constant of more dimensions`,
    (b) => b.node(op, ['x', b.floats([5, 1])]),
    VECTOR,
  );
  runs(`${op} of an image and a constant along the width`, (b) => b.node(op, ['x', b.floats([8])]));
  runs(`${op} of an image and a constant of five dimensions`, (b) =>
    b.node(op, [conv(b, 'x'), b.floats([1, 1, 4, 1, 1])]),
  );
  runs(`${op} of an image and rows of it`, (b) => b.node(op, ['x', rows(b)]));
  runs(`${op} of rows and columns`, (b) => b.node(op, [rows(b), columns(b)]));
  runs(`${op} of an image and what is the same for all its channels`, (b) =>
    b.node(op, [conv(b, 'x', 3, 1), 'x']),
  );
  runs(`${op} of three tensors`, (b) =>
    op === 'Max' || op === 'Min'
      ? b.node(op, ['x', conv(b, 'x', 3, 3), conv(b, 'x', 3, 3)])
      : b.node(op, [b.node(op, ['x', conv(b, 'x', 3, 3)]), conv(b, 'x', 3, 3)]),
  );
}
for (const op of ['Sum', 'Mean'])
  runs(`${op} of three tensors`, (b) => b.node(op, ['x', conv(b, 'x', 3, 3), conv(b, 'x', 3, 3)]));
runs('a batch normalization of a transposed image', (b) =>
  conv(b, norm(b, b.node('Transpose', ['x'], { perm: [0, 3, 1, 2] }), 8), 8),
);
runs('Div by a constant for each row', (b) => b.node('Div', ['x', b.floats([7, 1], [1, 2, 3, 4, 5, 6, 7])]));
runs('Div by a constant for each channel', (b) => b.node('Div', ['x', b.floats([3, 1, 1], [0.5, -2, 4])]));
runs('Div by one constant', (b) => b.node('Div', ['x', b.float(3)]));
runs('normalization of the input, spelled out', (b) => {
  const centred = b.node('Sub', ['x', b.floats([1, 3, 1, 1])]);
  return conv(b, b.node('Div', [centred, b.floats([1, 3, 1, 1], [0.2, 0.3, 0.4])]));
});

for (const shape of [[1], [3, 1, 1], [1, 3, 1, 1], [3, 7, 8]])
  runs(`PRelu of slopes [${shape}]`, (b) => b.node('PRelu', ['x', b.floats(shape)]));
runs('PRelu of a vector', (b) => b.node('PRelu', ['x', b.floats([10])]), VECTOR);
runs('PRelu of slopes that are computed', (b) => b.node('PRelu', ['x', conv(b, 'x', 3, 3)]));
runs('LeakyRelu, unless told otherwise', on('LeakyRelu'));
for (const alpha of [0.2, -0.5, 1.5]) runs(`LeakyRelu of ${alpha}`, on('LeakyRelu', { alpha }));
for (const op of ['Sigmoid', 'Tanh']) {
  runs(op, (b) => b.node(op, [conv(b, 'x')]));
  runs(`${op} of a flattened image`, (b) => gemm(b, b.node(op, [flat(b, 'x')]), 168));
}
runs('HardSwish, spelled out', (b) => {
  const x = conv(b, 'x'),
    gate = b.node('Clip', [b.node('Add', [x, b.float(3)]), b.float(0), b.float(6)]);
  return b.node('Mul', [x, b.node('Div', [gate, b.float(6)])]);
});
for (const [op, attributes, opset] of [
  ['Elu', { alpha: 0.7 }, 13],
  ['Selu', {}, 13],
  ['Celu', { alpha: 1.5 }, 13],
  ['HardSigmoid', { alpha: 0.17, beta: 0.4 }, 13],
  ['Softplus', {}, 13],
  ['Softsign', {}, 13],
  ['ThresholdedRelu', { alpha: 0.1 }, 13],
  ['Erf', {}, 13],
  ['Exp', {}, 13],
  ['Abs', {}, 13],
  ['Neg', {}, 13],
  ['Sin', {}, 13],
  ['Cos', {}, 13],
  ['Mish', {}, 18],
  ['HardSwish', {}, 13],
  ['LogSoftmax', { axis: 1 }, 11],
  ['LogSoftmax', { axis: 1 }, 13],
  ['LogSoftmax', { axis: 1 }, 18],
] as [string, Record<string, number>, number][])
  runs(
    `${op}, opset ${opset}`,
    (b) => gemm(b, flat(b, b.node(op, [conv(b, 'x')], attributes)), 224),
    undefined,
    opset,
  );
runs('Sqrt, Log, Reciprocal and Pow of what is positive', (b) => {
  const x = b.node('Add', [b.node('Sigmoid', [conv(b, 'x')]), b.float(0.5)]),
    parts = ['Sqrt', 'Log', 'Reciprocal'].map((op) => b.node(op, [x]));
  return b.node('Concat', [...parts, b.node('Pow', [x, b.float(1.7)])], { axis: 1 });
});
runs('Clip to anything', (b) => b.node('Clip', [conv(b, 'x'), b.float(-0.3), b.float(0.2)]));
runs('HardSwish', (b) => b.node('HardSwish', [conv(b, 'x')]), undefined, 14);
runs('SiLU, spelled out', (b) => b.node('Mul', ['x', b.node('Sigmoid', ['x'])]));

for (const keepdims of [0, 1])
  for (const op of ['ReduceMax', 'ReduceSum', 'ReduceMean'])
    for (const axes of [[1], [3], [1, 2], [2], [1, 2, 3], [1, 3]])
      runs(
        `${op} over [${axes}], keepdims ${keepdims}`,
        op === 'ReduceSum' ? on(op, { keepdims }, axes) : on(op, { axes, keepdims }),
        undefined,
        op === 'ReduceSum' ? 18 : 13,
      );
for (const keepdims of [0, 1])
  for (const axes of [
    [2, 3],
    [-1, -2],
  ]) {
    runs(`ReduceMean over [${axes}], keepdims ${keepdims}`, on('ReduceMean', { axes, keepdims }));
    runs(
      `ReduceMean over an input [${axes}], keepdims ${keepdims}`,
      on('ReduceMean', { keepdims }, axes),
      undefined,
      18,
    );
  }

test.run();
