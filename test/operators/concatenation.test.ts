import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Concatenation } from '../../src/operators/concatenation';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import type { Tensors } from '../support/network';
import { Random } from '../support/random';

/** Tensors that differ along one axis, joined along it. */
function joined(random: Random, shape: number[], axis: number, sizes: number[]): CaseOf<'concatenation'> {
  const quantization = random.quantization(),
    names = sizes.map((_, i) => `part${i}`),
    along = (size: number): number[] => shape.map((d, i) => (i === axis ? size : d));
  const tensors: Tensors = { y: { shape: along(sizes.reduce((a, b) => a + b)), quantization } };
  names.forEach((name, i) => (tensors[name] = { shape: along(sizes[i]), quantization }));
  return { node: { op: 'concatenation', name: 'joined', inputs: names, output: 'y', axis }, tensors };
}

test('concatenation equals the reference: two to five tensors, of every rank, along every axis', () => {
  compareMany('concatenation', 100, (random) => {
    const shape = Array.from({ length: random.between(1, 4) }, () => random.between(1, 5)),
      sizes = Array.from({ length: random.between(1, 5) }, () => random.between(1, 5));
    return joined(random, shape, random.below(shape.length), sizes);
  });
});

test('a tensor joined with itself', () => {
  const { node, tensors } = joined(new Random(2), [1, 2, 3, 4], 2, [3, 3]),
    { part0, y } = tensors;
  assert.ok(
    compare('concatenation', new Random(3), {
      node: { ...node, inputs: ['part0', 'part0'] },
      tensors: { part0, y },
    }),
  );
});

test('concatenation at the ends of int8', () => {
  compareExtremes('concatenation', joined(new Random(3), [2, 3], 1, [3, 1]), [['part0', 'part1', 'y']]);
});

test('a damaged record or list of inputs is refused, or the operator keeps to its memory', () => {
  withstandsDamage('concatenation', joined(new Random(8), [2, 3, 2, 2], 2, [1, 2, 3]), {
    data: [[Concatenation.inputs, 3]],
    sameScale: true,
  });
});

test.run();
