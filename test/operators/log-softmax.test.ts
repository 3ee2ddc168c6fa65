import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { network, runGraph } from '../support/network';
import { Random } from '../support/random';

const logSoftmax = (random: Random, shape: number[]): CaseOf<'logSoftmax'> => ({
  node: { op: 'logSoftmax', name: 'log', inputs: ['x'], output: 'y' },
  tensors: {
    x: { shape, quantization: random.quantization() },
    y: { shape, quantization: { scale: 1 / 16, zeroPoint: 127 } },
  },
});

test('logSoftmax equals the reference on random shapes and scales', () => {
  compareMany('logSoftmax', 60, (random) => {
    const outer = Array.from({ length: random.between(0, 3) }, () => random.between(1, 2));
    return logSoftmax(random, [...outer, random.between(1, 12)]);
  });
});

test('logSoftmax is within a step of the real function, and of many classes', () => {
  const random = new Random(2);
  for (const classes of [2, 10, 100, 1000]) {
    const { node, tensors } = logSoftmax(random, [1, classes]),
      { scale } = tensors.x.quantization,
      x = random.bytes(classes),
      { output } = runGraph(network(node, tensors), [x]),
      highest = Math.max(...x),
      log = Math.log(x.reduce((sum, v) => sum + Math.exp(scale * (v - highest)), 0));
    x.forEach((v, i) => {
      const wanted = Math.max(-128, 16 * (scale * (v - highest) - log) + 127);
      assert.ok(Math.abs(output[i] - wanted) <= 1, `${output[i]}, should be ${wanted}`);
    });
  }
});

test('logSoftmax at the ends of int8', () =>
  compareExtremes('logSoftmax', logSoftmax(new Random(3), [2, 7]), [['x']]));

test('equal classes of any number have the logarithm of that number', () => {
  for (const classes of [1, 2, 3, 7, 64, 1000, 4095]) {
    const { node, tensors } = logSoftmax(new Random(4), [1, classes]),
      { output } = runGraph(network(node, tensors), [new Int8Array(classes).fill(5)]);
    assert.ok(output.every((q) => Math.abs(q - 127 + 16 * Math.log(classes)) <= 1));
  }
});

test('logSoftmax at every scale', () => {
  for (let exponent = -20; exponent < 10; exponent++) {
    const { node, tensors } = logSoftmax(new Random(5), [1, 9]);
    tensors.x.quantization.scale = 2 ** exponent;
    assert.ok(compare('logSoftmax', new Random(6), { node, tensors }));
  }
});

test('more classes than can be summed are refused', () => {
  const { node, tensors } = logSoftmax(new Random(7), [1, 4096]);
  assert.throws(() => packGraph(network(node, tensors)), /more than 4095 classes/);
});

test('a damaged record is refused, or keeps to its memory', () => {
  withstandsDamage('logSoftmax', logSoftmax(new Random(8), [3, 5]));
});

test.run();
