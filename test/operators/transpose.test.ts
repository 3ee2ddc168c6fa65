import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, compareExtremes, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

function transposed(random: Random, shape: number[], permutation: number[]): CaseOf<'transpose'> {
  const quantization = random.quantization(),
    output = permutation.map((d) => shape[d]);
  return {
    node: { op: 'transpose', name: 'transposed', inputs: ['x'], output: 'y', permutation },
    tensors: { x: { shape, quantization }, y: { shape: output, quantization } },
  };
}

/** All orders of some things. */
const orders = (list: number[]): number[][] =>
  list.length < 2
    ? [list]
    : list.flatMap((first) =>
        orders(list.filter((other) => other !== first)).map((rest) => [first, ...rest]),
      );

test('every permutation of tensors of every rank equals the reference', () => {
  const random = new Random(1);
  for (let rank = 1; rank <= 4; rank++)
    for (const permutation of orders([0, 1, 2, 3].slice(0, rank)))
      for (const shape of [
        [2, 3, 4, 5],
        [1, 1, 1, 1],
        [3, 1, 1, 2],
      ])
        assert.ok(
          compare(
            'transpose',
            random,
            transposed(random, shape.slice(0, rank), permutation),
            undefined,
            true,
          ),
        );
});

test('transpose at the ends of int8', () => {
  compareExtremes('transpose', transposed(new Random(3), [2, 3, 4], [2, 0, 1]), [['x', 'y']]);
});

test('a damaged record is refused, or keeps to its memory', () => {
  withstandsDamage('transpose', transposed(new Random(8), [2, 3, 4, 5], [3, 1, 0, 2]), { sameScale: true });
  withstandsDamage('transpose', transposed(new Random(8), [3, 4], [1, 0]), { sameScale: true });
});

test.run();
