import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ResizeNearest } from '../../src/operators/resize-nearest';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

/** An image made of the listed rows and columns of another. */
function resized(
  random: Random,
  [height, width, channels]: number[],
  rows: number[],
  columns: number[],
): CaseOf<'resizeNearest'> {
  const quantization = random.quantization();
  return {
    node: { op: 'resizeNearest', name: 'resized', inputs: ['x'], output: 'y', rows, columns },
    tensors: {
      x: { shape: [1, height, width, channels], quantization },
      y: { shape: [1, rows.length, columns.length, channels], quantization },
    },
  };
}

test('resizeNearest equals the reference on random images and lists', () => {
  compareMany('resizeNearest', 80, (random) => {
    const [height, width, channels] = [9, 9, 6].map((most) => random.between(1, most)),
      places = (size: number): number[] =>
        Array.from({ length: random.between(1, 12) }, () => random.below(size));
    return resized(random, [height, width, channels], places(height), places(width));
  });
});

test('one pixel becomes many, many one', () => {
  const random = new Random(2);
  assert.ok(compare('resizeNearest', random, resized(random, [1, 1, 3], [0, 0, 0], [0, 0])));
  assert.ok(compare('resizeNearest', random, resized(random, [4, 5, 1], [3], [4])));
});

test('resizeNearest at the ends of int8', () => {
  compareExtremes('resizeNearest', resized(new Random(3), [2, 3, 2], [0, 1, 1], [2, 0]), [['x', 'y']]);
});

test('a damaged record or list is refused, or the operator keeps to its memory', () => {
  const data: [number, number][] = [
    [ResizeNearest.rows, 3],
    [ResizeNearest.columns, 4],
  ];
  withstandsDamage('resizeNearest', resized(new Random(8), [2, 3, 2], [0, 1, 1], [2, 0, 1, 2]), {
    data,
    sameScale: true,
  });
});

test.run();
