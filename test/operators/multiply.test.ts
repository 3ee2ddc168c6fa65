import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { everyPair, operands, refusesOddOperands } from '../support/broadcast';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

function product(random: Random, tensors = operands(random)): CaseOf<'multiply'> {
  return {
    node: {
      op: 'multiply',
      name: 'product',
      inputs: ['a', 'b'],
      output: 'y',
      activation: random.activation(),
    },
    tensors,
  };
}

test('multiply equals the reference: with one value, a vector or all values', () => {
  compareMany('multiply', 150, (random) => product(random));
});

test('multiply of every pair of values, at factors below and above one', () => {
  const random = new Random(2),
    { shape, inputs } = everyPair;
  for (const factor of [0.003, 40]) {
    const tensors = operands(random, [shape, shape]),
      { a, b, y } = tensors;
    y.quantization.scale = Math.fround((a.quantization.scale * b.quantization.scale) / factor);
    assert.ok(compare('multiply', random, { ...product(random, tensors), inputs }));
  }
});

test('multiply at the ends of int8', () => {
  const random = new Random(3);
  for (const small of [[1], [3], [2, 3]])
    compareExtremes('multiply', product(random, operands(random, [[2, 3], small])), [['a'], ['b'], ['y']]);
});

test('a tensor squared', () => {
  const random = new Random(4),
    { node, tensors } = product(random);
  assert.ok(
    compare('multiply', random, {
      node: { ...node, inputs: ['a', 'a'] },
      tensors: { a: tensors.a, y: tensors.y },
    }),
  );
});

test('a second operand that does not fill the first is refused', () => {
  const random = new Random(7);
  refusesOddOperands(product(random, operands(random, [[2, 3, 4], [4]])));
});

test('a damaged record is refused, or keeps to its memory', () => {
  const random = new Random(8);
  withstandsDamage('multiply', product(random, operands(random, [[2, 3, 4], [4]])));
});

test.run();
