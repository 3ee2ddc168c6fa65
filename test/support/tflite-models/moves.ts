/** Operators that move values, or make one of many, along any dimension. */
import { SAME, VALID, RELU, image, type Build, type Network } from '../tflite-network';

/** An operator that keeps the scale of x. */
const keeping = (
  n: Network,
  code: string,
  x: number,
  shape: number[],
  lists: number[][],
  fields = {},
): number =>
  n.operator(code, [x, ...lists.map((list) => n.integers(...list))], n.tensorLike(x, shape), fields);

export const moves: Record<string, Build> = {
  'MEAN, SUM, REDUCE_MAX and REDUCE_MIN over any dimensions': (n) => {
    const x = n.activation([2, 5, 4, 3], 0.02),
      reduced = (code: string, axes: number[], shape: number[], scale: number, keepDims = 0): number =>
        n.operator(code, [x, n.integers(...axes)], n.activation(shape, scale), { keepDims });
    return {
      inputs: [x],
      outputs: [
        reduced('MEAN', [3], [2, 5, 4, 1], 0.013, 1),
        reduced('MEAN', [0, 2], [5, 3], 0.01),
        reduced('MEAN', [1, 2, 3], [2], 0.011),
        reduced('MEAN', [0, 1, 2, 3], [1], 0.004),
        reduced('SUM', [1, 2], [2, 1, 1, 3], 0.2, 1),
        reduced('SUM', [-1], [2, 5, 4], 0.05),
        keeping(n, 'REDUCE_MAX', x, [2, 4], [[1, 3]]),
        keeping(n, 'REDUCE_MIN', x, [2, 4, 3], [[1]]),
      ],
    };
  },
  'MINIMUM of images, vectors and single values': (n) => {
    const x = image(n, 6, 5, 4),
      smaller = (...inputs: number[]): number => n.operator('MINIMUM', inputs, n.tensorLike(x, [1, 6, 5, 4]));
    const other = n.tensorLike(x, [1, 6, 5, 4], n.random.bytes(120)),
      vector = n.tensorLike(x, [4], Int8Array.of(-128, -20, 50, 127)),
      single = n.tensorLike(x, [1], Int8Array.of(20));
    return { inputs: [x], outputs: [smaller(x, other), smaller(x, vector), smaller(single, x)] };
  },
  'arithmetic on operands that are repeated in the middle, or both': (n) => {
    const x = image(n, 6, 5, 4),
      row = n.activation([1, 1, 5, 1], 0.02),
      column = n.activation([1, 6, 1, 1], 0.03),
      mask = n.activation([1, 6, 5, 1], 0.004),
      constant = n.activation([6, 1, 4], 0.01, 5, n.random.bytes(24)),
      made = (code: string, a: number, b: number, shape = [1, 6, 5, 4], scale = 0.02): number =>
        n.operator(code, [a, b], n.activation(shape, scale), { activation: 0 });
    return {
      inputs: [x, row, column, mask],
      outputs: [
        made('MUL', x, mask, [1, 6, 5, 4], 0.005),
        made('ADD', row, x),
        made('SUB', column, x),
        made('ADD', row, column, [1, 6, 5, 1], 0.05),
        made('ADD', x, constant),
        made('SUB', constant, row, [1, 6, 5, 4], 0.03),
      ],
    };
  },
  'parts of tensors: SLICE, SPLIT_V, UNPACK, GATHER, REVERSE_V2, masks of STRIDED_SLICE': (n) => {
    const x = n.activation([2, 6, 5, 4], 0.05),
      like = (...shape: number[]): number => n.tensorLike(x, shape),
      [a, b, c] = [like(2, 6, 2, 4), like(2, 6, 1, 4), like(2, 6, 2, 4)],
      rows = [like(6, 5, 4), like(6, 5, 4)];
    n.operator('SPLIT_V', [x, n.integers(2, 1, -1), n.integers(2)], [a, b, c], { splits: 3 });
    n.operator('UNPACK', [x], rows, { count: 2, axis: 0 });
    const stacked = n.operator('PACK', [rows[1], rows[0]], like(6, 5, 2, 4), { count: 2, axis: 2 });
    return {
      inputs: [x],
      outputs: [
        a,
        b,
        stacked,
        keeping(
          n,
          'SLICE',
          x,
          [1, 3, 5, 2],
          [
            [1, 2, 0, 1],
            [1, 3, -1, 2],
          ],
        ),
        keeping(n, 'GATHER', x, [2, 6, 3, 4], [[4, 0, 1]], { axis: 2 }),
        keeping(n, 'REVERSE_V2', x, [2, 6, 5, 4], [[1]]),
        keeping(
          n,
          'STRIDED_SLICE',
          x,
          [3, 4],
          [
            [1, 5, 4, 0],
            [2, -6, 0, 4],
            [1, -2, 1, 1],
          ],
          {
            beginMask: 2,
            endMask: 2,
            shrinkMask: 5,
          },
        ),
      ],
    };
  },
  'blocks of pixels: DEPTH_TO_SPACE and SPACE_TO_DEPTH': (n) => {
    const x = image(n, 4, 6, 8);
    const wide = n.operator('DEPTH_TO_SPACE', [x], n.tensorLike(x, [1, 8, 12, 2]), { blockSize: 2 }),
      deep = n.operator('SPACE_TO_DEPTH', [wide], n.tensorLike(x, [1, 2, 3, 32]), { blockSize: 4 });
    return { inputs: [x], outputs: [wide, deep] };
  },
  'RESIZE_BILINEAR to larger and smaller images': (n) => {
    const x = image(n, 7, 5, 3),
      outputs: number[] = [];
    for (const fields of [{}, { alignCorners: 1 }, { halfPixelCenters: 1 }])
      for (const [height, width] of [
        [14, 15],
        [9, 4],
        [1, 1],
        [3, 11],
      ])
        outputs.push(keeping(n, 'RESIZE_BILINEAR', x, [1, height, width, 3], [[height, width]], fields));
    return { inputs: [x], outputs };
  },
  'normalization by constants in front of a convolution': (n) => {
    const x = n.activation([1, 8, 8, 3], 1, -128),
      constant = (shape: number[], scale: number, zeroPoint: number, ...values: number[]): number =>
        n.activation(shape, scale, zeroPoint, Int8Array.from(values)),
      made = (code: string, a: number, b: number, scale: number, zeroPoint: number): number =>
        n.operator(code, [a, b], n.activation([1, 8, 8, 3], scale, zeroPoint), { activation: 0 });
    const scaled = made('MUL', x, constant([], 1 / 127.5 / 127, 0, 127), 2 / 255, -128),
      moved = made('ADD', scaled, constant([], 1 / 127, 0, -127), 2 / 255, 0),
      centered = made('SUB', x, constant([1, 1, 1, 3], 0.5, -128, 127, 100, 81), 1, -6),
      divided = made('MUL', centered, constant([3], 0.0002, -128, -26, -40, -50), 0.021, 5);
    return { inputs: [x], outputs: [n.conv(moved, 4, [3, 3]), n.conv(divided, 4, [3, 3])] };
  },
  'channels shuffled: dimensions beyond four': (n) => {
    const x = image(n, 3, 4, 6),
      apart = n.reshape(x, [1, 3, 4, 2, 3]),
      turned = keeping(n, 'TRANSPOSE', apart, [1, 3, 4, 3, 2], [[0, 1, 2, 4, 3]]),
      shuffled = n.reshape(turned, [1, 3, 4, 6]);
    return { inputs: [x], outputs: [shuffled, n.conv(shuffled, 6, [1, 1], RELU, { groups: 2 })] };
  },
  'transposed and grouped convolutions': (n) => {
    const x = image(n, 5, 6, 4),
      outputs: number[] = [];
    for (const [kernel, stride, padding] of [
      [[3, 3], [2, 2], SAME],
      [[2, 2], [2, 2], VALID],
      [[4, 5], [2, 3], VALID],
      [[1, 2], [3, 1], SAME],
      [[3, 3], [1, 1], SAME],
    ] as const)
      outputs.push(n.transposeConv(x, 5, [...kernel], { stride: [...stride], padding }));
    for (const [channels, groups] of [
      [6, 2],
      [8, 4],
      [4, 4],
    ])
      outputs.push(n.conv(x, channels, [3, 2], RELU, { stride: [1, 2], groups }));
    return { inputs: [x], outputs };
  },
};
