import { test } from 'uvu';
import { list, pairs } from '../support/tflite-builder';
import { same, vector } from '../support/tflite-vectors';

// mirror_pad_test.cc; mode 0 is REFLECT, 1 SYMMETRIC
const six = same([2, 3], [1, 2, 3, 4, 5, 6], 1);
const mirrored = (title: string, mode: number, pads: number[], shape: number[], wanted: number[]): void =>
  vector(title, 'MIRROR_PAD', { mode }, [six], [pairs(...pads)], same(shape, wanted, 1));
mirrored('PadOneSide_right_Reflect', 0, [0, 1, 0, 1], [3, 4], [1, 2, 3, 2, 4, 5, 6, 5, 1, 2, 3, 2]);
mirrored('PadOneSide_left_Reflect', 0, [1, 0, 1, 0], [3, 4], [5, 4, 5, 6, 2, 1, 2, 3, 5, 4, 5, 6]);
mirrored('PadOneSide_right_Symmetric', 1, [0, 1, 0, 1], [3, 4], [1, 2, 3, 3, 4, 5, 6, 6, 4, 5, 6, 6]);
mirrored('PadOneSide_left_Symmetric', 1, [1, 0, 1, 0], [3, 4], [1, 1, 2, 3, 1, 1, 2, 3, 4, 4, 5, 6]);
mirrored(
  'PadBothSides_Symmetric_Whole',
  1,
  [2, 2, 3, 3],
  [6, 9],
  [
    6, 5, 4, 4, 5, 6, 6, 5, 4, 3, 2, 1, 1, 2, 3, 3, 2, 1, 3, 2, 1, 1, 2, 3, 3, 2, 1, 6, 5, 4, 4, 5, 6, 6, 5,
    4, 6, 5, 4, 4, 5, 6, 6, 5, 4, 3, 2, 1, 1, 2, 3, 3, 2, 1,
  ],
);
mirrored(
  'PadBothSides_Reflect_Whole',
  0,
  [1, 1, 2, 2],
  [4, 7],
  [6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 2, 1, 6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 2, 1],
);
vector(
  'Pad_1D_Reflect',
  'MIRROR_PAD',
  { mode: 0 },
  [same([3], [1, 2, 3], 1)],
  [pairs(0, 2)],
  same([5], [1, 2, 3, 2, 1], 1),
);

// space_to_batch_nd_test.cc and batch_to_space_nd_test.cc
const sixteen = Array.from({ length: 16 }, (_, i) => i + 1);
vector(
  'SpaceToBatchBasicInt8',
  'SPACE_TO_BATCH_ND',
  {},
  [same([1, 4, 4, 1], sixteen, 1)],
  [list(2, 2), pairs(0, 0, 0, 0)],
  same([4, 2, 2, 1], [1, 3, 9, 11, 2, 4, 10, 12, 5, 7, 13, 15, 6, 8, 14, 16], 1),
);
vector(
  'BatchToSpaceBasicInt8',
  'BATCH_TO_SPACE_ND',
  {},
  [same([4, 2, 2, 1], sixteen, 1)],
  [list(2, 2), pairs(0, 0, 0, 0)],
  same([1, 4, 4, 1], [1, 5, 2, 6, 9, 13, 10, 14, 3, 7, 4, 8, 11, 15, 12, 16], 1),
);

// broadcast_to_test.cc, there of int32
vector(
  'Broadcast4DConstTest',
  'BROADCAST_TO',
  {},
  [same([2, 2], [2, 3, 4, 5], 1)],
  [list(2, 2, 2, 2)],
  same([2, 2, 2, 2], [2, 3, 4, 5, 2, 3, 4, 5, 2, 3, 4, 5, 2, 3, 4, 5], 1),
);
const line = [1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6];
vector(
  'ComplexBroadcast4DConstTest',
  'BROADCAST_TO',
  {},
  [same([1, 3, 1, 2], [1, 2, 3, 4, 5, 6], 1)],
  [list(3, 3, 2, 2)],
  same([3, 3, 2, 2], [...line, ...line, ...line], 1),
);

// TensorFlow Lite's tile_test.cc (TensorFlow Lite Micro has no TILE)
vector(
  'Int8Matrix, both dimensions',
  'TILE',
  {},
  [same([2, 3], [11, 12, 13, 21, 22, 23], 1)],
  [list(2, 1)],
  same([4, 3], [11, 12, 13, 21, 22, 23, 11, 12, 13, 21, 22, 23], 1),
);

test.run();
