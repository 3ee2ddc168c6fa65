import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { elements } from '../../host/graph';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { network, runGraph } from '../support/network';
import { Random } from '../support/random';

const probabilities = { scale: 1 / 256, zeroPoint: -128 };

const softmax = (random: Random, shape: number[], beta = random.pick([1, 1, 0.5, 2])): CaseOf<'softmax'> => ({
  node: { op: 'softmax', name: 'softmax', inputs: ['x'], output: 'y', beta },
  tensors: { x: { shape, quantization: random.quantization() }, y: { shape, quantization: probabilities } },
});

test('softmax equals the reference on random shapes and scales', () => {
  compareMany('softmax', 60, (random) => {
    const outer = Array.from({ length: random.between(0, 3) }, () => random.between(1, 2));
    return softmax(random, [...outer, random.between(1, 12)]);
  });
});

test('softmax is within a step of the real function, and of many classes', () => {
  const random = new Random(2);
  for (const classes of [2, 10, 100, 1000]) {
    const { node, tensors } = softmax(random, [2, classes], 1),
      { scale } = tensors.x.quantization,
      x = random.bytes(2 * classes);
    const { output } = runGraph(network(node, tensors), [x]);
    for (const row of [0, 1]) {
      const own = x.subarray(row * classes, (row + 1) * classes),
        highest = Math.max(...own),
        total = own.reduce((sum, v) => sum + Math.exp(scale * (v - highest)), 0);
      own.forEach((v, i) => {
        const wanted = Math.min(127, (256 * Math.exp(scale * (v - highest))) / total - 128);
        assert.ok(
          Math.abs(output[row * classes + i] - wanted) <= 1,
          `${output[row * classes + i]}, should be ${wanted}`,
        );
      });
    }
  }
});

test('softmax at the ends of int8', () =>
  compareExtremes('softmax', softmax(new Random(3), [2, 7]), [['x']]));

test('one class is certain; hundreds of equal ones are all improbable', () => {
  const random = new Random(4);
  for (const shape of [[1], [3, 1], [1, 1, 1, 1]])
    assert.ok(
      runGraph(network(softmax(random, shape).node, softmax(random, shape).tensors), [
        random.bytes(elements(shape)),
      ]).output.every((q) => q === 127),
    );
  const { node, tensors } = softmax(random, [1, 4000]);
  assert.ok(runGraph(network(node, tensors), [new Int8Array(4000).fill(5)]).output.every((q) => q === -128));
});

test('more classes than can be summed are refused', () => {
  const { node, tensors } = softmax(new Random(7), [1, 4096]);
  assert.throws(() => packGraph(network(node, tensors)), /more than 4095 classes/);
});

test('softmax of one value at every scale', () => {
  for (let exponent = -20; exponent < 10; exponent++) {
    const { node, tensors } = softmax(new Random(5), [1, 3], 1);
    tensors.x.quantization.scale = 2 ** exponent;
    assert.ok(compare('softmax', new Random(6), { node, tensors }));
  }
});

test('a damaged record is refused, or keeps to its memory', () => {
  withstandsDamage('softmax', softmax(new Random(8), [3, 5]));
});

test.run();
