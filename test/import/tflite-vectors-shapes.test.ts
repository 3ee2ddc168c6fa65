import { test } from 'uvu';
import { list } from '../support/tflite-builder';
import { same, vector } from '../support/tflite-vectors';

// resize_bilinear_test.cc
vector(
  'TwoDimensionalResizeInt8',
  'RESIZE_BILINEAR',
  {},
  [same([1, 2, 2, 1], [3, 6, 9, 12], 1)],
  [list(3, 3)],
  same([1, 3, 3, 1], [3, 5, 6, 7, 9, 10, 9, 11, 12], 1),
);
vector(
  'HorizontalResizeInt8',
  'RESIZE_BILINEAR',
  {},
  [same([1, 1, 2, 1], [3, 6], 1)],
  [list(1, 3)],
  same([1, 1, 3, 1], [3, 5, 6], 1),
);
vector(
  'ThreeDimensionalResizeInt8',
  'RESIZE_BILINEAR',
  {},
  [same([1, 2, 2, 2], [3, 4, 6, 10, 10, 12, 14, 16], 1)],
  [list(3, 3)],
  same([1, 3, 3, 2], [3, 4, 5, 8, 6, 10, 7, 9, 10, 12, 11, 13, 10, 12, 12, 14, 14, 16], 1),
  1,
);
// transpose_conv_test.cc, SimpleTestQuantizedPerChannel: filters of scale 1
vector(
  'SimpleTestQuantizedPerChannel',
  'TRANSPOSE_CONV',
  { padding: 0, strideW: 1, strideH: 1 },
  [
    same(
      [1, 4, 4, 2],
      Array.from({ length: 32 }, (_, i) => i + 1),
      0.5,
    ),
  ],
  [
    list(1, 4, 4, 1),
    { shape: [1, 3, 3, 2], scale: 1, data: Int8Array.from({ length: 18 }, (_, i) => i + 1) },
    { ...list(0), shape: [1] },
  ],
  same(
    [1, 4, 4, 1],
    [184, 412, 568, 528, 678, 1347, 1689, 1434, 1494, 2715, 3057, 2442, 1968, 3352, 3652, 2760],
    30,
  ),
  1,
  [1, 2, 0, 3],
);
// reduce_test.cc
vector(
  'MeanInt84DWithoutKeepDimsWithPrecision',
  'MEAN',
  {},
  [same([2, 2, 3, 1], [1, 24, 13, 3, 9, 17, 11, 36, 14, 19, 17, 22], 0.5)],
  [list(1, 2)],
  same([2, 1], [11.166667, 19.833334], 0.5),
  1,
);
vector(
  'Int8MinOpTestKeepDims',
  'REDUCE_MIN',
  { keepDims: 1 },
  [same([1, 3, 2], [0.4, 0.2, 0.3, 0.4, 0.5, 0.6], 2 / 255)],
  [list(1)],
  same([1, 2], [0.3, 0.2], 2 / 255),
);
// elu_test.cc, QuantizedActivationsOpTestEluInt8: its scale is (127 / 16 + 8) / 255
vector(
  'QuantizedActivationsOpTestEluInt8',
  'ELU',
  {},
  [same([1, 2, 4, 1], [0, -6, 2, -4, 3, -2, 6, -0.1], 1 / 16)],
  [],
  same([1, 2, 4, 1], [0, -1, 2, -1, 3, -0.875, 6, -0.125], 1 / 16),
  1,
);
// depth_to_space_test.cc, space_to_depth_test.cc
vector(
  'DepthToSpaceOpModelInt8_1224_2',
  'DEPTH_TO_SPACE',
  { blockSize: 2 },
  [
    same(
      [1, 2, 2, 4],
      Array.from({ length: 16 }, (_, i) => i + 1),
      1,
    ),
  ],
  [],
  same([1, 4, 4, 1], [1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16], 1),
);
vector(
  'SpaceToDepth_Int8_1441',
  'SPACE_TO_DEPTH',
  { blockSize: 2 },
  [same([1, 4, 4, 1], [1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16], 1)],
  [],
  same(
    [1, 2, 2, 4],
    Array.from({ length: 16 }, (_, i) => i + 1),
    1,
  ),
);
// pack_test.cc
vector(
  'PackInt8MultiDimensions',
  'PACK',
  { count: 2, axis: 1 },
  [same([2, 3], [1, 2, 3, 4, 5, 6], 1), same([2, 3], [7, 8, 9, 10, 11, 12], 1)],
  [],
  same([2, 2, 3], [1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12], 1),
);
// slice_test.cc
vector(
  'SliceInt8',
  'SLICE',
  {},
  [same([3, 2, 3, 1], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6], 1)],
  [list(1, 0, 0, 0), list(2, 1, -1, 1)],
  same([2, 1, 3, 1], [3, 3, 3, 5, 5, 5], 1),
);
// maximum_minimum_test.cc
vector(
  'Int8Test',
  'MINIMUM',
  {},
  [same([3, 1, 2], [1, 0, 2, 11, 2, 23], 1), same([3, 1, 2], [0, 0, 1, 12, 127, 1], 1)],
  [],
  same([3, 1, 2], [0, 0, 1, 11, 2, 1], 1),
);

test.run();
