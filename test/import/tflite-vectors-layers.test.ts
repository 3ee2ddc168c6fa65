import { test } from 'uvu';
import { list } from '../support/tflite-builder';
import { layer, same, vector } from '../support/tflite-vectors';

// conv_test.cc, SimpleTestQuantizedPerChannel (the first image of its batch)
vector(
  'SimpleTestQuantizedPerChannel',
  'CONV_2D',
  { padding: 1, strideW: 2, strideH: 2 },
  [same([1, 2, 4, 1], [1, 1, 1, 1, 2, 2, 2, 2], 0.5)],
  layer([3, 2, 2, 1], 0, [1, 2, 3, 4, -1, 1, -1, 1, -1, -1, 1, 1], [1, 2, 3], 0.5),
  same([1, 1, 2, 3], [18, 2, 5, 18, 2, 5], 1),
  1,
);
// conv_test.cc, SimpleTestQuantizedPerChannelCompressed: filters of the scales 1 and 2, the second rounded
vector(
  'two channels, Q1',
  'CONV_2D',
  { padding: 1, strideW: 1, strideH: 1 },
  [same([1, 2, 3, 2], [3, 2, 1, -1, -2, -3, 4, 3, 2, -2, -3, -4], 0.5, -1)],
  [
    {
      shape: [2, 2, 2, 2],
      scale: [1, 2],
      data: Int8Array.of(1, 2, 3, 4, 3, 4, 5, 6, 4, 4, 3, 3, 2, 2, 1, 1),
    },
    { shape: [2], type: 'int32', data: Int32Array.of(6, -2) },
  ],
  same([1, 1, 2, 2], [31, 64, -57, -46], 0.5, -1),
);
// depthwise_conv_test.cc
vector(
  'SimpleTestQuantizedPerChannelDepthMultiplier1',
  'DEPTHWISE_CONV_2D',
  { padding: 1, strideW: 1, strideH: 1, depthMultiplier: 1 },
  [same([1, 3, 2, 2], [1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12], 1)],
  layer([1, 2, 2, 2], 3, [1, 2, 3, 4, -9, 10, -11, 12], [1, 2], 1),
  same([1, 2, 1, 2], [-103, 127, -128, 127], 1),
  1,
);
vector(
  'TestQuantizedPerChannelDepthMultiplier1Relu6',
  'DEPTHWISE_CONV_2D',
  { padding: 1, strideW: 1, strideH: 1, depthMultiplier: 1, activation: 3 },
  [same([1, 3, 2, 4], new Array(24).fill(1), 0.023529, -128)],
  layer([1, 2, 2, 4], 3, [0, 1, 8, -2, -1, 2, -10, 0, -1, 3, -18, 0, 0, 4, 20, -3], [1, 2, 3, 4], 0.023529),
  same([1, 2, 1, 4], [0, 6, 3, 0, 0, 6, 3, 0], 0.023529, -128),
  1,
);
vector(
  'SimpleTestDilatedQuantizedPerChannel',
  'DEPTHWISE_CONV_2D',
  { padding: 1, strideW: 1, strideH: 1, depthMultiplier: 2, dilationW: 3, dilationH: 2 },
  [
    same(
      [1, 4, 6, 2],
      [
        1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 1, 2, 3, 4, 5, 6, 2, 6, 2, 4,
        4, 2, 3, 2, 6, 5, 1, 4, 1, 2, 1, 4, 6, 3,
      ],
      0.5,
    ),
  ],
  layer([1, 2, 2, 4], 3, [1, 2, 3, 4, -9, 10, -11, 12, 5, 6, 7, 8, 13, -14, 15, -16], [1, 2, 3, 4], 0.5),
  same(
    [1, 2, 3, 4],
    [15, 2, 88, -48, 25, 14, 72, 0, 61, -2, 56, 48, -4, 52, 12, 48, 11, 70, 63, 40, 51, -30, 41, 48],
    1,
  ),
  1,
);
// fully_connected_test.cc, SimpleTestQuantizedInt8: weights of scale 1
vector(
  'SimpleTestQuantizedInt8',
  'FULLY_CONNECTED',
  {},
  [same([2, 10], [1, 2, 3, 4, 5, 6, 7, 8, -9, -10, 1, 2, 3, 4, 5, 6, 7, -8, 9, -10], 1, -1)],
  [
    { shape: [3, 10], scale: 1, data: Int8Array.from({ length: 30 }, (_, i) => (i % 10) + 1) },
    { shape: [3], type: 'int32', data: Int32Array.of(1, 2, 3) },
  ],
  same([2, 3], [24, 25, 26, 58, 59, 60], 0.5, -1),
);
// pooling_test.cc: SimpleAveragePoolTestInt8Padding...; its values are integers of scale 0.25
for (const [name, fields, values, shape, expected] of [
  [
    'ValidStride2ActNone',
    { padding: 1, strideW: 2, strideH: 2 },
    [0, -24, 8, 16, 12, 8, -40, 28],
    [1, 1, 2, 1],
    [-1, 3],
  ],
  [
    'ValidStride1Stride2Relu',
    { padding: 1, strideW: 1, strideH: 2, activation: 1 },
    [0, -24, 8, 16, 12, 8, -40, 28],
    [1, 1, 3, 1],
    [0, 0, 3],
  ],
  [
    'ValidStride2Stride1ReluN1To1',
    { padding: 1, strideW: 2, strideH: 1, activation: 2 },
    [0, -24, 8, 16, 12, 8, -40, 28],
    [1, 1, 2, 1],
    [-1, 3],
  ],
  [
    'ValidStride2Relu6',
    { padding: 1, strideW: 2, strideH: 2, activation: 3 },
    [12, -24, 32, 16, 12, 8, 40, 28],
    [1, 1, 2, 1],
    [2, 24],
  ],
  [
    'SameStride1ActNone',
    { padding: 0, strideW: 1, strideH: 1 },
    [12, -24, 32, 16, 12, 8, 40, 28],
    [1, 2, 4, 1],
    [2, 14, 29, 22, 10, 24, 34, 28],
  ],
] as [string, Record<string, number>, number[], number[], number[]][])
  vector(
    name,
    'AVERAGE_POOL_2D',
    { ...fields, filterW: 2, filterH: 2 },
    [
      same(
        [1, 2, 4, 1],
        values.map((v) => v / 4),
        0.25,
      ),
    ],
    [],
    same(
      shape,
      expected.map((v) => v / 4),
      0.25,
    ),
  );
// reduce_test.cc
vector(
  'Int8MaxOpTestKeepDims',
  'REDUCE_MAX',
  { keepDims: 1 },
  [same([1, 3, 2], [0.4, 0.2, 0.3, 0.4, 0.5, 0.6], 2 / 255)],
  [list(1)],
  same([1, 2], [0.5, 0.6], 2 / 255),
);

test.run();
