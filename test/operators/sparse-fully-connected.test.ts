import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph, type GraphOptions } from '../../host/file/pack-graph';
import { compare, compareExtremes, compareMany, withWideSums, type CaseOf } from '../support/compare';
import { altered, refuses, withstandsDamage } from '../support/damage';
import { inOut, layerParameters, network, sumScale } from '../support/network';
import { Random } from '../support/random';
import { Header } from '../../src/format';
import { SparseFullyConnected } from '../../src/operators/sparse-fully-connected';
import { sparseBlockWords } from '../../src/operators/sparse-rows';

const small: GraphOptions = { aim: 'size' };

/** A fully connected layer most of whose weights are zero. */
function thin(
  random: Random,
  rows: number[],
  inputs: number,
  outputs: number,
  density = random.pick([25, 4]),
): CaseOf<'fullyConnected'> {
  const tensors = inOut(random, [...rows, inputs], [...rows, outputs]);
  tensors.y.quantization.scale = sumScale(random, tensors.x.quantization.scale, inputs * (density / 100));
  const parameters = layerParameters(random, inputs * outputs, outputs, {
    density,
    perTensor: random.below(3) === 0,
  });
  return {
    node: { op: 'fullyConnected', name: 'thin', inputs: ['x'], output: 'y', activation: 'none', parameters },
    tensors,
  };
}

test('sparseFullyConnected equals the reference on random shapes', () => {
  const make = (random: Random) =>
    thin(random, random.pick([[1], [3], [], [2, 2]]), random.between(1, 70), random.between(8, 100));
  compareMany('sparseFullyConnected', 100, make, small);
});

test('sparseFullyConnected at the ends of int8', () => {
  compareExtremes('sparseFullyConnected', thin(new Random(3), [2], 30, 24, 10), [['x'], ['y']], small);
});

test('no weight but zeros, one far behind the others, and rows of many blocks', () => {
  const random = new Random(5);
  for (const kept of [[], [199], [0, 17, 199], Array.from({ length: 120 }, (_, i) => i)]) {
    const given = thin(random, [1], 12, 200);
    const weights = new Int8Array(12 * 200);
    for (const output of kept) weights[output * 12] = -100;
    given.node.parameters.weights = weights;
    assert.ok(compare('sparseFullyConnected', random, given, small));
  }
});

test('sums beyond 2^25, and factors above one, stay exact', () => {
  const make = (random: Random) => withWideSums(random, thin(random, [1], 1200, 16), 1);
  compareMany('sparseFullyConnected', 12, make, small);
});

test('a row that names a place twice is refused', () => {
  const given = thin(new Random(9), [1], 12, 200);
  given.node.parameters.weights = new Int8Array(12 * 200);
  for (let output = 0; output < 16; output++) given.node.parameters.weights[output * 12] = 5;
  const { file } = packGraph(network(given.node, given.tensors), small),
    words = new Int32Array(file.buffer),
    at = words[words[Header.operators] >> 2] >> 2,
    rows = words[at + SparseFullyConnected.rows] >> 2;
  refuses(
    altered(file, rows + sparseBlockWords(words[at + SparseFullyConnected.bits]), 0),
    /row 0 of its weights names places twice/,
  );
});

test('a damaged record is refused, or keeps to its memory', () => {
  const given = thin(new Random(8), [2], 30, 24, 10);
  given.tensors.y.quantization.scale = 2 ** -20; // so that factors are above one, and sums are wide
  const data: [number, number][] = [
    [SparseFullyConnected.rows, 12],
    [SparseFullyConnected.blocks, 7],
  ];
  withstandsDamage('sparseFullyConnected', given, { ...small, data });
});

test.run();
