import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { everyPair, operands, refusesOddOperands } from '../support/broadcast';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

const leaky = (random: Random, tensors = operands(random)): CaseOf<'prelu'> => ({
  node: { op: 'prelu', name: 'leaky', inputs: ['a', 'b'], output: 'y' },
  tensors,
});

test('prelu equals the reference: with one slope, a vector of them or one for each value', () => {
  compareMany('prelu', 150, (random) => leaky(random));
});

test('prelu of every value with every slope, at factors below and above one', () => {
  const random = new Random(2),
    { shape, inputs } = everyPair;
  for (const factor of [0.5, 3]) {
    const tensors = operands(random, [shape, shape]);
    tensors.y.quantization.scale = Math.fround(tensors.a.quantization.scale / factor);
    assert.ok(compare('prelu', random, { ...leaky(random, tensors), inputs }));
  }
});

test('prelu at the ends of int8', () => {
  const random = new Random(3);
  for (const small of [[1], [3], [2, 3]])
    compareExtremes('prelu', leaky(random, operands(random, [[2, 3], small])), [['a'], ['b'], ['y']]);
});

test('a second operand that does not fill the first is refused', () => {
  const random = new Random(7);
  refusesOddOperands(leaky(random, operands(random, [[2, 3, 4], [4]])));
});

test('a damaged record is refused, or keeps to its memory', () => {
  const random = new Random(8);
  withstandsDamage('prelu', leaky(random, operands(random, [[2, 3, 4], [4]])));
});

test.run();
