import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { everyPair, operands, refusesOddOperands } from '../support/broadcast';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

function sum(random: Random, tensors = operands(random)): CaseOf<'add'> {
  const signs = random.pick([undefined, [1, -1], [-1, 1]] as const) as [number, number] | undefined;
  return {
    node: { op: 'add', name: 'sum', inputs: ['a', 'b'], output: 'y', activation: random.activation(), signs },
    tensors,
  };
}

test('add equals the reference: sums and differences with one value, a vector or all values', () => {
  compareMany('add', 150, (random) => sum(random));
});

test('add of every pair of values', () => {
  const random = new Random(2),
    { shape, inputs } = everyPair;
  assert.ok(compare('add', random, { ...sum(random, operands(random, [shape, shape])), inputs }));
});

test('add at the ends of int8', () => {
  const random = new Random(3);
  for (const small of [[1], [3], [2, 3]])
    compareExtremes('add', sum(random, operands(random, [[2, 3], small])), [['a'], ['b'], ['y']]);
});

test('a tensor added to itself', () => {
  const random = new Random(4),
    { node, tensors } = sum(random);
  assert.ok(
    compare('add', random, {
      node: { ...node, inputs: ['a', 'a'] },
      tensors: { a: tensors.a, y: tensors.y },
    }),
  );
});

test('a second operand that does not fill the first is refused', () => {
  const random = new Random(7);
  refusesOddOperands(sum(random, operands(random, [[2, 3, 4], [4]])));
});

test('a damaged record is refused, or keeps to its memory', () => {
  const random = new Random(8);
  withstandsDamage('add', sum(random, operands(random, [[2, 3, 4], [4]])));
});

test.run();
