import { test } from 'uvu';
import { agrees, conv, flat, gemm, model, norm, on, type Build } from '../support/onnx';

/** As imported, as optimized and as int8, a network gives what ONNX Runtime does. */
function runs(title: string, build: Build, shape?: number[], opset?: number): void {
  test(title, async () => void (await agrees(model(build, shape, opset))));
}

const VECTOR = [1, 5],
  SMALL = [1, 2, 3, 4];

for (const [title, attributes, kernel] of [
  ['no padding', {}, [3, 3]],
  ['padding and stride', { pads: [1, 1, 1, 1], strides: [2, 2] }, [3, 3]],
  ['uneven padding', { pads: [0, 1, 2, 0], strides: [1, 2] }, [3, 2]],
  ['dilation', { dilations: [2, 1], pads: [2, 1, 2, 1] }, [3, 3]],
  ['dilation and uneven padding', { dilations: [2, 3], pads: [2, 1, 1, 0] }, [3, 2]],
  ['SAME_UPPER', { auto_pad: 'SAME_UPPER', strides: [2, 2] }, [4, 3]],
  ['SAME_LOWER', { auto_pad: 'SAME_LOWER', strides: [2, 2] }, [4, 3]],
  ['VALID', { auto_pad: 'VALID' }, [5, 5]],
] as [string, Record<string, number[]>, number[]][]) {
  runs(`Conv, ${title}`, (b) => conv(b, 'x', 3, 7, attributes, kernel));
  runs(`depthwise Conv, ${title}`, (b) => conv(b, 'x', 3, 6, attributes, kernel, 3));
}
runs('Conv without bias', (b) => b.node('Conv', ['x', b.floats([4, 3, 3, 2], undefined, 18)]));
runs('Conv of one channel with one group', (b) => conv(b, 'x', 1, 4, {}, [3, 3], 1), [1, 1, 5, 5]);

runs(
  'Gemm with alpha, beta and a bias of a row',
  (b) => b.node('Gemm', ['x', b.floats([5, 3]), b.floats([1, 3])], { alpha: 0.5, beta: 1.5 }),
  VECTOR,
);
runs(
  'Gemm with transB and a bias of one number',
  (b) => b.node('Gemm', ['x', b.floats([3, 5]), b.floats([])], { transB: 1 }),
  VECTOR,
);
runs('Gemm with transA of one value', (b) => b.node('Gemm', ['x', b.floats([1, 3])], { transA: 1 }), [1, 1]);
runs(
  'MatMul, and a constant in front of it added',
  (b) => b.node('Add', [b.floats([3]), b.node('MatMul', ['x', b.floats([5, 3])])]),
  VECTOR,
);

runs('normalization of a convolution', (b) => norm(b, conv(b, 'x'), 4));
runs('normalization of an input vector', (b) => norm(b, b.node('Relu', ['x']), 5), VECTOR);
runs('normalization of a flattened image', (b) => gemm(b, norm(b, flat(b, 'x'), 24), 24), SMALL);

runs('Relu', on('Relu'));
runs('Clip from 0 to infinity', (b) => b.node('Clip', ['x', b.float(0), b.float(Infinity)]));
runs('Clip from -1 to 1', (b) => b.node('Clip', [conv(b, 'x'), b.float(-1), b.float(1)]));
runs('Clip from 0 to 6, its bounds through Identity', (b) =>
  b.node('Clip', [conv(b, 'x'), b.node('Identity', [b.float(0)]), b.node('Identity', [b.float(6)])]),
);

runs(
  'Softmax before opset 13, of one pixel',
  (b) => b.node('Softmax', [b.node('GlobalMaxPool', ['x'])]),
  undefined,
  11,
);
runs('Softmax over the channels of every pixel', on('Softmax', { axis: 1 }));

for (const op of ['MaxPool', 'AveragePool'] as const) {
  for (const [k, s, p] of [
    [3, 2, 0],
    [3, 2, 1],
    [2, 2, 0],
    [2, 3, 0],
  ]) {
    const attributes = { kernel_shape: [k, k], strides: [s, s], pads: [p, p, p, p] };
    runs(`${op} of ${k} by ${s}, padding ${p}`, on(op, attributes));
    runs(`${op} of ${k} by ${s}, padding ${p}, ceil_mode`, on(op, { ...attributes, ceil_mode: 1 }));
  }
  const wide = { kernel_shape: [2, 3], strides: [2, 2] };
  runs(`${op}, uneven padding`, on(op, { ...wide, pads: [1, 0, 1, 2] }));
  for (const auto_pad of ['SAME_UPPER', 'SAME_LOWER'])
    runs(`${op}, ${auto_pad}`, on(op, { ...wide, auto_pad }));
  runs(`${op}, VALID, ceil_mode`, on(op, { ...wide, auto_pad: 'VALID', ceil_mode: 1 }));
  runs(`Global${op}`, on(`Global${op}`));
}
const counting = { kernel_shape: [3, 3], count_include_pad: 1 };
runs('AveragePool that counts padding', on('AveragePool', { ...counting, pads: [1, 1, 1, 1] }));
runs(
  'AveragePool that counts padding, SAME_UPPER',
  on('AveragePool', { ...counting, strides: [2, 2], auto_pad: 'SAME_UPPER' }),
);

// Rows: one dimension besides the channels.
const ROW = [1, 4, 12];
for (const group of [1, 2, 4])
  runs(
    `Conv of a row, ${group} groups`,
    (b) => conv(b, 'x', 4, 8, { pads: [1, 1], strides: [2] }, [3], group),
    ROW,
  );
runs(
  'Conv of a row with dilation, SAME_UPPER in front',
  (b) => {
    const first = conv(b, 'x', 4, 6, { auto_pad: 'SAME_UPPER' }, [3]);
    return conv(b, b.node('Relu', [norm(b, first, 6)]), 6, 3, { dilations: [2], pads: [2, 2] }, [3]);
  },
  ROW,
);
for (const op of ['MaxPool', 'AveragePool']) {
  runs(`${op} of a row`, on(op, { kernel_shape: [3], strides: [2], pads: [1, 1] }), ROW);
  runs(`Global${op} of a row, flattened`, (b) => gemm(b, flat(b, b.node(`Global${op}`, ['x'])), 4), ROW);
}
runs('a row to classes', (b) => gemm(b, flat(b, b.node('Relu', [conv(b, 'x', 4, 8, {}, [3])])), 80), ROW);

test.run();
