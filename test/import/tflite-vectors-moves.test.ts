import { test } from 'uvu';
import { list } from '../support/tflite-builder';
import { same, vector } from '../support/tflite-vectors';

// quantize_test.cc
const steps = [-64, -62, -60, -58, -56, 54, 56, 58, 60, 62];
vector(
  'QuantizeOpTestInt8toInt8',
  'QUANTIZE',
  {},
  [same([2, 5], steps, 2)],
  [],
  same([2, 5], steps, 0.5, 32),
);
vector(
  'QuantizeOpTestInt8toInt8NoZeroPoint',
  'QUANTIZE',
  {},
  [
    same(
      [2, 5],
      steps.map((v) => v / 2),
      1,
    ),
  ],
  [],
  same(
    [2, 5],
    steps.map((v) => v / 2),
    0.5,
  ),
);
// pad_test.cc
vector(
  'Test2DInt8V2',
  'PADV2',
  {},
  [same([1, 2, 2, 1], [1, 2, 3, 4], 1)],
  [
    { ...list(1, 1, 0, 0, 1, 1, 0, 0), shape: [4, 2] },
    { shape: [1], scale: 1, data: Int8Array.of(42) },
  ],
  same(
    [3, 2, 4, 1],
    [42, 42, 42, 42, 42, 42, 42, 42, 42, 1, 2, 42, 42, 3, 4, 42, 42, 42, 42, 42, 42, 42, 42, 42],
    1,
  ),
);
// strided_slice_test.cc
vector(
  'In3D_IdentityShrinkAxis1int8',
  'STRIDED_SLICE',
  { shrinkMask: 1 },
  [same([2, 3, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 1)],
  [list(0, 0, 0), list(1, 3, 2), list(1, 1, 1)],
  same([3, 2], [1, 2, 3, 4, 5, 6], 1),
);
// resize_nearest_neighbor_test.cc
vector(
  'ThreeDimensionalResizeInt8',
  'RESIZE_NEAREST_NEIGHBOR',
  {},
  [same([1, 2, 2, 2], [3, 4, -6, 10, 10, 12, -14, 16], 1)],
  [list(3, 3)],
  same([1, 3, 3, 2], [3, 4, 3, 4, -6, 10, 3, 4, 3, 4, -6, 10, 10, 12, 10, 12, -14, 16], 1),
);
// concatenation_test.cc
vector(
  'TwoInputsQuantizedInt8',
  'CONCATENATION',
  { axis: 2 },
  [same([2, 1, 2], [0.1, 0.2, 0.3, 0.4], 0.1), same([2, 1, 2], [0.5, 0.6, 0.7, 0.8], 0.1)],
  [],
  same([2, 1, 4], [0.1, 0.2, 0.5, 0.6, 0.3, 0.4, 0.7, 0.8], 0.1),
);

test.run();
