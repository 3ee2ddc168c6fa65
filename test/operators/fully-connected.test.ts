import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { weightStorage } from '../../host/operators/weights';
import { FC_GROUP } from '../../src/operators/fully-connected';
import { compare, compareExtremes, compareMany, withWideSums, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { inOut, layerParameters, sumScale } from '../support/network';
import { Random } from '../support/random';

function dense(random: Random, rows: number[], inputs: number, outputs: number): CaseOf<'fullyConnected'> {
  const tensors = inOut(random, [...rows, inputs], [...rows, outputs]);
  tensors.y.quantization.scale = sumScale(random, tensors.x.quantization.scale, inputs);
  const parameters = layerParameters(random, inputs * outputs, outputs, { perTensor: random.below(3) === 0 }),
    activation = random.activation();
  return {
    node: { op: 'fullyConnected', name: 'fc', inputs: ['x'], output: 'y', activation, parameters },
    tensors,
  };
}

test('fullyConnected equals the reference on random shapes, with weights of every width', () => {
  const compared = compareMany('fullyConnected', 160, (random) =>
    dense(
      random,
      random.pick([[1], [1], [3], [], [2, 2], [1, 2, 1]]),
      random.between(1, 70),
      random.between(1, 40),
    ),
  );
  const storage = compared.flatMap(({ node }) =>
    node.parameters.bias.length < FC_GROUP
      ? []
      : [weightStorage(node.parameters.weights, node.parameters.bias.length)],
  );
  for (const bits of [8, 4, 2]) assert.ok(storage.filter((s) => s.bits === bits).length > 10, `${bits} bits`);
  assert.ok(storage.filter((s) => s.zeroPoints).length > 10, 'zero points');
});

test('fullyConnected at the ends of int8, in groups of sixteen outputs, of four, and less', () => {
  const random = new Random(3);
  for (const outputs of [3, 16, 21])
    compareExtremes('fullyConnected', dense(random, [2], 9, outputs), [['x'], ['y']]);
});

test('fullyConnected of one value', () => {
  const random = new Random(4);
  assert.ok(compare('fullyConnected', random, dense(random, [1], 1, 1)));
});

test('sums beyond 2^25, and factors above one, stay exact', () => {
  compareMany('fullyConnected', 20, (random) =>
    withWideSums(random, dense(random, [1], random.between(900, 1500), random.pick([4, 20]))),
  );
});

test('scales so small that nothing is left give the zero point, however they are rounded', () => {
  for (const rounding of ['single', 'double'] as const)
    for (const exponent of [28, 29, 30, 31, 32, 40]) {
      const random = new Random(7),
        given = dense(random, [1], 20, 20);
      given.tensors.y.quantization.scale = Math.fround(
        given.tensors.x.quantization.scale * given.node.parameters.scales[0] * 2 ** exponent,
      );
      assert.ok(compare('fullyConnected', random, given, { aim: 'speed', rounding }));
    }
});

test('a damaged record is refused, or keeps to its memory', () => {
  const given = dense(new Random(8), [2], 6, 19);
  given.tensors.y.quantization.scale = 2 ** -20; // so that factors are above one, and sums are wide
  withstandsDamage('fullyConnected', given);
});

test.run();
