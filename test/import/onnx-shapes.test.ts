import { test } from 'uvu';
import { agrees, conv, flat, gemm, model, on, type Build } from '../support/onnx';

/** As imported, as optimized and as int8, a network gives what ONNX Runtime does. */
function runs(title: string, build: Build, shape?: number[], opset?: number): void {
  test(title, async () => void (await agrees(model(build, shape, opset))));
}

const SMALL = [1, 2, 3, 4],
  VECTOR = [1, 10];

// Flattened images have another order here than in ONNX: the weights behind them follow.
runs('a flattened image', (b) => gemm(b, flat(b, conv(b, 'x')), 224));
runs('a flattened image, by Reshape', (b) => gemm(b, b.node('Reshape', ['x', [1, 168]]), 168));
runs('a flattened image, by a Reshape that keeps the batch', (b) =>
  gemm(b, b.node('Reshape', ['x', [0, -1]]), 168),
);
runs('a flattened image, clipped, passed on twice', (b) => {
  const clipped = b.node('Clip', [flat(b, conv(b, 'x')), b.float(0), b.float(6)]);
  return gemm(b, b.node('Identity', [b.node('Dropout', [clipped])]), 224);
});
runs('Flatten with a negative axis', (b) => gemm(b, b.node('Flatten', ['x'], { axis: -3 }), 24), SMALL);
runs('Flatten of one pixel and of one channel, joined', (b) =>
  b.node('Concat', [flat(b, b.node('GlobalMaxPool', [conv(b, 'x')])), flat(b, conv(b, 'x', 3, 1))], {
    axis: 1,
  }),
);
runs('an image flattened and made an image again', (b) =>
  conv(b, b.node('Reshape', [flat(b, 'x'), [1, 3, 7, 8]])),
);
runs('Reshape through three dimensions', (b) => gemm(b, flat(b, b.node('Reshape', ['x', [0, 0, -1]])), 168));

const pooled: Build = (b) => b.node('GlobalAveragePool', ['x']);
runs('Squeeze', (b) => gemm(b, b.node('Squeeze', [pooled(b), [2, 3]]), 3));
runs('Squeeze one dimension at a time', (b) =>
  gemm(b, b.node('Squeeze', [b.node('Squeeze', [pooled(b), [-1]]), [-1]]), 3),
);
runs(
  'Squeeze with an attribute',
  (b) => gemm(b, b.node('Squeeze', [pooled(b)], { axes: [2, 3] }), 3),
  undefined,
  12,
);
runs(
  'Unsqueeze one dimension at a time',
  (b) => conv(b, b.node('Unsqueeze', [b.node('Unsqueeze', ['x', [2]]), [3]])),
  [1, 3],
);

runs('channels and pixels mixed', (b) => conv(b, b.node('Reshape', ['x', [1, 6, 7, 4]]), 6));
runs('rows of their own', (b) => gemm(b, b.node('Reshape', ['x', [7, 24]]), 24));
runs('a flattened image as the output', (b) => flat(b, conv(b, 'x')));
runs('flattened images joined', (b) =>
  gemm(b, b.node('Concat', [flat(b, 'x'), flat(b, conv(b, 'x', 3, 3))], { axis: 1 }), 336),
);
runs('flattened images of different shapes added', (b) => {
  const other = b.node('Conv', ['x', b.floats([6, 3, 1, 1])], { strides: [1, 2] });
  return gemm(b, b.node('Add', [flat(b, 'x'), flat(b, other)]), 168);
});
runs('a part of a flattened image', (b) =>
  gemm(b, b.node('Slice', [flat(b, 'x'), [3], [100], [1], [2]]), 49),
);
runs('channels shuffled between groups', (b) => {
  const apart = b.node('Reshape', [conv(b, 'x', 3, 6), [1, 2, 3, 7, 8]]),
    shuffled = b.node('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
  return conv(b, b.node('Reshape', [shuffled, [1, 6, 7, 8]]), 6, 6, {}, [3, 3], 6);
});
for (const mode of ['DCR', 'CRD'])
  runs(`DepthToSpace, ${mode}`, (b) =>
    conv(b, b.node('DepthToSpace', [conv(b, 'x', 3, 12)], { blocksize: 2, mode }), 3),
  );
runs('SpaceToDepth', (b) => conv(b, b.node('SpaceToDepth', ['x'], { blocksize: 2 }), 12), [1, 3, 6, 8]);
runs('boxes of a detector: rows of an image, joined', (b) => {
  const heads = [conv(b, 'x', 3, 10), b.node('MaxPool', [conv(b, 'x', 3, 10)], { kernel_shape: [2, 2] })],
    rows = heads.map((head) =>
      b.node('Reshape', [b.node('Transpose', [head], { perm: [0, 2, 3, 1] }), [1, -1, 5]]),
    );
  return b.node('Sigmoid', [b.node('Concat', rows, { axis: 1 })]);
});
runs(
  'groups of several channels',
  (b) => conv(b, 'x', 4, 8, { pads: [1, 1, 1, 1] }, [3, 3], 2),
  [1, 4, 6, 6],
);
runs(
  'groups of several channels, before opset 10',
  (b) => conv(b, 'x', 6, 9, {}, [3, 3], 3),
  [1, 6, 6, 5],
  9,
);

/** An image as TensorFlow has it, in and out. */
runs(
  'channels last at the edges',
  (b) => {
    const x = b.node('Transpose', [b.node('Mul', ['x', b.floats([3], [0.5, 2, 1])])], { perm: [0, 3, 1, 2] });
    return b.node('Transpose', [conv(b, x)], { perm: [0, 2, 3, 1] });
  },
  [1, 6, 5, 3],
);
runs('a shape that is computed', (b) => {
  const batch = b.node('Gather', [b.node('Shape', ['x']), b.integers([0])], { axis: 0 });
  return gemm(b, b.node('Reshape', ['x', b.node('Concat', [batch, [-1]], { axis: 0 })]), 168);
});
runs('one of several channels', (b) => conv(b, b.node('Gather', ['x', [2, 1, 0]], { axis: 1 })));

runs('Pad', (b) => conv(b, b.node('Pad', ['x', [0, 0, 1, 2, 0, 0, 1, 0]]), 3, 4, {}, [3, 3]));
runs('Pad with a value, of channels too', (b) =>
  conv(b, b.node('Pad', ['x', [0, 1, 1, 2, 0, 0, 0, 1], b.float(0.5)]), 4),
);
runs('Pad wider than the convolution', (b) => conv(b, b.node('Pad', ['x', [0, 0, 5, 4, 0, 0, 3, 2]])));
for (const mode of ['reflect', 'edge'])
  runs(`Pad by ${mode}`, (b) => conv(b, b.node('Pad', ['x', [0, 0, 2, 1, 0, 0, 3, 4]], { mode })));
runs('Pad of a vector', (b) => gemm(b, b.node('Pad', ['x', [0, 1, 0, 2], b.float(0.5)]), 13), VECTOR);
runs('Expand', (b) => conv(b, b.node('Expand', [b.node('GlobalMaxPool', ['x']), [1, 3, 4, 5]])));
runs('Pad with axes', (b) => conv(b, b.node('Pad', ['x', [2, 1, 0, 1], '', [3, 2]])), undefined, 18);

runs('Concat along height, width and a negative axis', (b) => {
  const high = b.node('Concat', [conv(b, 'x', 3, 3), conv(b, 'x', 3, 3)], { axis: 2 }),
    wide = b.node('Concat', [high, b.node('Relu', [high])], { axis: 3 });
  return b.node('Concat', [wide, wide, conv(b, wide)], { axis: -3 });
});

for (const perm of [
  [0, 1, 3, 2],
  [0, 2, 1, 3],
  [0, 2, 3, 1],
  [0, 3, 1, 2],
  [0, 3, 2, 1],
])
  runs(`Transpose to [${perm}]`, (b) => b.node('Relu', [b.node('Transpose', ['x'], { perm })]));
runs('Transpose that moves nothing', (b) => conv(b, b.node('Transpose', ['x'], { perm: [0, 1, 2, 3] })));
runs(
  'Transpose that moves only a dimension of one',
  (b) => b.node('Tanh', [b.node('Transpose', ['x'], { perm: [0, 2, 1, 3] })]),
  [1, 1, 5, 4],
);
runs('Transpose, and back', (b) => {
  const last = b.node('Relu', [b.node('Transpose', ['x'], { perm: [0, 2, 3, 1] })]);
  return conv(b, b.node('Transpose', [last], { perm: [0, 3, 1, 2] }));
});

/** Starts, ends, and where given axes and steps. */
const slices: number[][][] = [
  [
    [0, 1, 2, 3],
    [1, 3, 6, 8],
  ],
  [[1], [3], [1]],
  [
    [2, 1],
    [7, 6],
    [3, 2],
  ],
  [
    [-4, -5],
    [-1, 1000],
    [-1, -2],
  ],
  [
    [1, 0],
    [6, 8],
    [2, 3],
    [2, 3],
  ],
  [
    [-1, 6],
    [-1000, 0],
    [3, 2],
    [-1, -2],
  ],
];
for (const lists of slices) runs(`Slice [${lists.join('], [')}]`, on('Slice', {}, ...lists));
runs('Slice of a vector, backwards', on('Slice', {}, [8], [1], [1], [-2]), VECTOR);

/** The parts of a Split, joined in the other order. @param sizes an input since opset 13 */
const split =
  (
    axis: number,
    parts: number,
    sizes?: number[],
    attributes: Record<string, number | number[]> = {},
  ): Build =>
  (b) => {
    const outputs = b.nodes('Split', sizes ? ['x', sizes] : ['x'], parts, { axis, ...attributes });
    return b.node('Concat', outputs.reverse(), { axis });
  };
runs('Split into equal parts', split(3, 4));
runs('Split into unequal parts', split(1, 2, [1, 2]));
runs('Split along a negative axis', split(-2, 3, [4, 1, 2]));
runs('Split of a vector', split(1, 3, [5, 2, 3]), VECTOR);
runs('Split by an attribute, before opset 13', split(2, 3, undefined, { split: [1, 2, 4] }), undefined, 12);
runs(
  'Split whose last part is smaller, since opset 18',
  split(2, 3, undefined, { num_outputs: 3 }),
  undefined,
  18,
);
runs('Split of which one part is used', (b) =>
  conv(b, b.nodes('Split', ['x', [2, 1]], 2, { axis: 1 })[0], 2),
);

test.run();
