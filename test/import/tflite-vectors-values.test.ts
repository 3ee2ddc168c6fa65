import { test } from 'uvu';
import { quantized, same, vector } from '../support/tflite-vectors';

// add_test.cc
const addends = [
  same([1, 2, 2, 1], [-2.01, -1.01, -0.01, 0.98], 0.25, -10),
  same([1, 2, 2, 1], [1.01, 1.99, 2.99, 4.02], 0.5, 4),
];
vector('QuantizedAddNoActivationInt8', 'ADD', {}, addends, [], same([1, 2, 2, 1], [-1, 1, 3, 5], 1, 13), 1);
vector(
  'QuantizedAddActivationRelu1Int8',
  'ADD',
  { activation: 2 },
  addends,
  [],
  same([1, 2, 2, 1], [-1, 1, 1, 1], 1, 13),
  1,
);
vector(
  'QuantizedAddWithScalarBroadcastInt8',
  'ADD',
  {},
  [same([1, 3, 1, 2], [-2, 0.2, 0.7, 0.8, 1.1, 2], 0.1, -8), same([], [0.1], 0.05, 4)],
  [],
  same([1, 3, 1, 2], [-1.9, 0.3, 0.8, 0.9, 1.2, 2.1], 0.05, 12),
  1,
);
// sub_test.cc
vector(
  'QuantizedSubNoActivationInt8',
  'SUB',
  {},
  [addends[0], same([1, 2, 2, 1], [-1.01, -1.99, -2.99, -4.02], 0.5, 4)],
  [],
  same([1, 2, 2, 1], [-1, 1, 3, 5], 1, 13),
  1,
);
// mul_test.cc
vector(
  'SimpleInt8NoActivationShouldMatchGolden',
  'MUL',
  {},
  [same([1, 2, 2, 1], [-0.8, 0.2, 0.9, 0.7], 0.01), same([1, 2, 2, 1], [0.6, 0.4, 0.9, 0.8], 0.01)],
  [],
  same([1, 2, 2, 1], [-0.48, 0.08, 0.81, 0.56], 0.01),
  1,
);
vector(
  'BroadcastInt8NoActivationShouldMatchGolden',
  'MUL',
  {},
  [same([1, 3, 1, 2], [-2, 0.2, 0.7, 0.8, 1.1, 2], 0.05), same([1], [0.1], 0.05)],
  [],
  same([1, 3, 1, 2], [-0.2, 0.02, 0.07, 0.08, 0.11, 0.2], 0.01),
  1,
);
// softmax_test.cc
vector(
  'Softmax2DQuantizedInt8ShouldMatchGolden',
  'SOFTMAX',
  { beta: 1 },
  [same([2, 5], [1, 2, 3, 4, 5, -1, -2, -3, -4, -5], 0.1)],
  [],
  same(
    [2, 5],
    [
      0.011656231, 0.031684921, 0.086128544, 0.234121657, 0.636408647, 0.636408647, 0.234121657, 0.086128544,
      0.031684921, 0.011656231,
    ],
    1 / 256,
    -128,
  ),
  1,
);
// logistic_test.cc, whose output scale is what the kernel computes in
vector(
  'golden_basic',
  'LOGISTIC',
  {},
  [same([2, 5], [1, 2, 3, 4, 5, -1, -2, -3, -4, -5], 0.1)],
  [],
  same(
    [2, 5],
    [
      0.73105858, 0.88079708, 0.95257413, 0.98201379, 0.99330715, 0.26894142, 0.11920292, 0.04742587,
      0.01798621, 0.00669285,
    ],
    1 / 256,
    -128,
  ),
  1,
);
// tanh_test.cc, every eleventh of its values
vector(
  'SimpleTestTanhInt8',
  'TANH',
  {},
  [same([1, 9], [-8, -6, -4, -2, 0, 2, 4, 6, 8], 16 / 256)],
  [],
  same(
    [1, 9],
    [
      -0.9999997749, -0.9999877117, -0.9993292997, -0.9640275801, 0, 0.9640275801, 0.9993292997, 0.9999877117,
      0.9999997749,
    ],
    1 / 128,
  ),
  2,
);
// leaky_relu_test.cc
vector(
  'QuantizedActivationsOpTestLeakyReluInt8_1',
  'LEAKY_RELU',
  { alpha: 0.5 },
  [same([2, 3], [0, 1, 3, 1, -1, -2], 0.1)],
  [],
  same([2, 3], [0, 1, 3, 1, -0.5, -1], 0.1),
);
// prelu_test.cc: QuantizedInt8PreluActivationsOpTest
vector(
  'QuantizedInt8PreluActivationsOpTest',
  'PRELU',
  {},
  [same([2, 2, 3], [0, 0, 0, 0.5, 0.5, 0.5, -1, -1, -1, -0.25, -0.25, -0.25], 2 / 255)],
  [{ shape: [1, 1, 3], scale: 2 / 255, data: quantized(same([3], [0, 0.5, -0.5], 2 / 255)) }],
  same([2, 2, 3], [0, 0, 0, 0.5, 0.5, 0.5, 0, -0.5, 0.5, 0, -0.125, 0.125], 2 / 255),
  1,
);
// maximum_minimum_test.cc
vector(
  'Int8Test',
  'MAXIMUM',
  {},
  [same([3, 1, 2], [1, 0, 2, 11, 2, 23], 1), same([3, 1, 2], [0, 0, 1, 12, 127, 1], 1)],
  [],
  same([3, 1, 2], [1, 0, 2, 12, 127, 23], 1),
);
vector(
  'FloatWithBroadcastTest, in steps of a tenth',
  'MAXIMUM',
  {},
  [same([3, 1, 2], [1, 0, -1, -2, -1.44, 11], 0.1), same([2], [0.5, 2], 0.1)],
  [],
  same([3, 1, 2], [1, 2, 0.5, 2, 0.5, 11], 0.1),
);
// log_softmax_test.cc
vector(
  'QuantizedActivationsOpTestLogSoftmaxInt8',
  'LOG_SOFTMAX',
  {},
  [same([2, 4], [0, -6, 2, 4, 3, -2, 10, 1], 20 / 255)],
  [],
  same(
    [2, 4],
    [-4.14297, -10.14297, -2.14297, -0.142971, -7.00104, -12.00104, -0.00104087, -9.00104],
    1 / 16,
    127,
  ),
  1,
);

// TensorFlow Lite's exp_test.cc and gelu_test.cc (TensorFlow Lite Micro has neither for int8)
vector(
  'ExpOpTest.ExpTestInt8',
  'EXP',
  {},
  [same([1, 1, 3, 2], [1.3, -1, -0.3, 0, 0, 0.9], 3 / 255, -42)],
  [],
  same([1, 1, 3, 2], [1.3, -1, -0.3, 0, 0, 0.9].map(Math.exp), 4 / 255, -128),
  1,
);
vector(
  'GeluTest, exact',
  'GELU',
  { approximate: 0 },
  [same([2, 3], [0, 1, 3, 1, -1, -2], 0.03)],
  [],
  same([2, 3], [0, 0.841345, 2.99595, 0.841345, -0.158655, -0.0455003], 0.03),
  1,
);
vector(
  'GeluTest, approximate',
  'GELU',
  { approximate: 1 },
  [same([2, 3], [0, 1, 3, 1, -1, -2], 0.03)],
  [],
  same([2, 3], [0, 0.841192, 2.99636, 0.841192, -0.158808, -0.0454023], 0.03),
  1,
);

test.run();
