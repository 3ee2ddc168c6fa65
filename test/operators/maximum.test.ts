import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { everyPair, operands } from '../support/broadcast';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

/** All three tensors have one scale and zero point. */
function larger(random: Random, { a, b, y } = operands(random)): CaseOf<'maximum'> {
  const { quantization } = y;
  return {
    node: { op: 'maximum', name: 'larger', inputs: ['a', 'b'], output: 'y' },
    tensors: { a: { ...a, quantization }, b: { ...b, quantization }, y },
  };
}

test('maximum equals the reference: with one value, a vector or all values', () => {
  compareMany('maximum', 150, (random) => larger(random));
});

test('maximum of every pair of values', () => {
  const random = new Random(2),
    { shape, inputs } = everyPair;
  assert.ok(compare('maximum', random, { ...larger(random, operands(random, [shape, shape])), inputs }));
});

test('maximum at the ends of int8', () => {
  const random = new Random(3);
  for (const small of [[1], [3], [2, 3]])
    compareExtremes('maximum', larger(random, operands(random, [[2, 3], small])), [['a', 'b', 'y']]);
});

test('the maximum of a tensor and itself', () => {
  const random = new Random(4),
    { node, tensors } = larger(random);
  assert.ok(
    compare('maximum', random, {
      node: { ...node, inputs: ['a', 'a'] },
      tensors: { a: tensors.a, y: tensors.y },
    }),
  );
});

test('a damaged record is refused, or keeps to its memory', () => {
  const random = new Random(8);
  withstandsDamage('maximum', larger(random, operands(random, [[2, 3, 4], [4]])));
});

test.run();
