import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { refuses, reshaped, withstandsDamage } from '../support/damage';
import { network } from '../support/network';
import { Random } from '../support/random';

/** A border around a tensor. */
function padded(
  random: Random,
  shape: number[],
  before: number[],
  after: number[],
  value: number,
): CaseOf<'pad'> {
  const quantization = random.quantization(),
    output = shape.map((d, i) => before[i] + d + after[i]);
  return {
    node: { op: 'pad', name: 'padded', inputs: ['x'], output: 'y', before, after, value },
    tensors: { x: { shape, quantization }, y: { shape: output, quantization } },
  };
}

test('pad equals the reference: tensors of every rank, in every dimension, with any value', () => {
  compareMany('pad', 100, (random) => {
    const shape = Array.from({ length: random.between(1, 4) }, () => random.between(1, 5)),
      sides = (): number[] => shape.map(() => random.pick([0, 0, 1, 3]));
    return padded(random, shape, sides(), sides(), random.between(-200, 200) / random.pick([1, 10, 1000]));
  });
});

test('one value, surrounded on all sides; and nothing added', () => {
  const random = new Random(2);
  assert.ok(compare('pad', random, padded(random, [1, 1, 1, 1], [2, 1, 3, 1], [1, 2, 1, 3], 0)));
  assert.ok(compare('pad', random, padded(random, [2, 3], [0, 0], [0, 0], 0)));
});

test('pad at the ends of int8', () => {
  compareExtremes('pad', padded(new Random(3), [2, 3], [1, 0], [0, 2], 0), [['x', 'y']]);
});

test('an output of another rank is refused', () => {
  const { node, tensors } = padded(new Random(7), [2, 3], [0, 0], [0, 0], 0);
  refuses(reshaped(packGraph(network(node, tensors)).file, 1, [1, 2, 3]), /differ in rank/);
});

test('a damaged record is refused, or keeps to its memory', () => {
  withstandsDamage('pad', padded(new Random(8), [1, 2, 3, 2], [0, 1, 2, 1], [0, 2, 1, 1], 0.5), {
    sameScale: true,
  });
});

test.run();
