import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RESIZE_STEPS, ResizeBilinear } from '../../src/operators/resize-bilinear';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

/** An image whose rows and columns lie at these places of another, in steps of 1/1024 of a pixel. */
function resized(
  random: Random,
  [height, width, channels]: number[],
  rows: number[],
  columns: number[],
): CaseOf<'resizeBilinear'> {
  const quantization = random.quantization(),
    inPixels = (places: number[]): number[] => places.map((p) => p / RESIZE_STEPS);
  return {
    node: {
      op: 'resizeBilinear',
      name: 'resized',
      inputs: ['x'],
      output: 'y',
      rows: inPixels(rows),
      columns: inPixels(columns),
    },
    tensors: {
      x: { shape: [1, height, width, channels], quantization },
      y: { shape: [1, rows.length, columns.length, channels], quantization },
    },
  };
}

test('resizeBilinear equals the reference on random images and places', () => {
  compareMany('resizeBilinear', 80, (random) => {
    const [height, width, channels] = [9, 9, 6].map((most) => random.between(1, most)),
      places = (size: number): number[] =>
        Array.from({ length: random.between(1, 12) }, () => random.below((size - 1) * 1024 + 1));
    return resized(random, [height, width, channels], places(height), places(width));
  });
});

test('every value between two pixels, halves away from zero', () => {
  const random = new Random(2),
    places = Array.from({ length: 1025 }, (_, i) => i);
  for (const inputs of [
    [-128, 127],
    [127, -128],
    [-1, 0],
    [0, 1],
    [-3, 4],
  ])
    assert.ok(
      compare('resizeBilinear', random, {
        ...resized(random, [1, 2, 1], [0], places),
        inputs: [Int8Array.from(inputs)],
      }),
    );
});

test('one pixel becomes many, many one', () => {
  const random = new Random(2);
  assert.ok(compare('resizeBilinear', random, resized(random, [1, 1, 3], [0, 0, 0], [0, 0])));
  assert.ok(compare('resizeBilinear', random, resized(random, [4, 5, 1], [3072], [4096])));
});

test('resizeBilinear at the ends of int8', () => {
  compareExtremes('resizeBilinear', resized(new Random(3), [2, 3, 2], [0, 511, 1024], [2048, 5]), [
    ['x', 'y'],
  ]);
});

test('a damaged record or list is refused, or the operator keeps to its memory', () => {
  const data: [number, number][] = [
    [ResizeBilinear.rows, 3],
    [ResizeBilinear.columns, 4],
  ];
  withstandsDamage('resizeBilinear', resized(new Random(8), [2, 3, 2], [0, 512, 1024], [2048, 0, 7, 2000]), {
    data,
    sameScale: true,
  });
});

test.run();
