import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { refuses, reshaped, withstandsDamage } from '../support/damage';
import { inOut, network, runGraph } from '../support/network';
import { Random } from '../support/random';

/** The mean over height and width of an image. @param factor of the output's scale to the input's */
function mean(
  random: Random,
  input: number[],
  factor = random.pick([0.3, 1, 1.7]),
  flat = random.below(2) === 0,
): CaseOf<'mean'> {
  const channels = input[3],
    tensors = inOut(random, input, flat ? [1, channels] : [1, 1, 1, channels]);
  tensors.y.quantization.scale = Math.fround(tensors.x.quantization.scale * factor);
  return { node: { op: 'mean', name: 'mean', inputs: ['x'], output: 'y' }, tensors };
}

test('mean equals the reference on random shapes', () => {
  compareMany('mean', 80, (random) =>
    mean(random, [1, random.between(1, 20), random.between(1, 20), random.between(1, 12)]),
  );
});

test('mean is within a step of the real mean', () => {
  const random = new Random(2);
  for (let n = 0; n < 20; n++) {
    const { node, tensors } = mean(random, [1, 5, random.between(1, 9), 3], 1),
      { x, y } = tensors,
      values = random.bytes(x.shape[1] * x.shape[2] * 3);
    const { output } = runGraph(network(node, tensors), [values]);
    output.forEach((q, channel) => {
      const own = values.filter((_, i) => i % 3 === channel),
        real = own.reduce((sum, v) => sum + v - x.quantization.zeroPoint, 0) / own.length,
        wanted = Math.max(-128, Math.min(127, real + y.quantization.zeroPoint));
      assert.ok(Math.abs(q - wanted) <= 1, `${q}, the real mean is ${wanted}`);
    });
  }
});

test('more channels than are summed at once', () => {
  const random = new Random(3);
  for (const channels of [255, 256, 257, 600])
    assert.ok(compare('mean', random, mean(random, [1, 2, 3, channels])));
});

test('mean at the ends of int8', () =>
  compareExtremes('mean', mean(new Random(3), [1, 4, 5, 3], 1), [['x'], ['y']]));

test('mean of one value, and of more values than 2^17, whose sums leave 2^25', () => {
  const random = new Random(4);
  assert.ok(compare('mean', random, mean(random, [1, 1, 1, 1])));
  for (const fill of [-128, 127]) {
    const inputs = [new Int8Array(400 * 400).fill(fill)];
    assert.ok(compare('mean', random, { ...mean(random, [1, 400, 400, 1]), inputs }));
  }
});

test('factors above one stay exact', () => {
  compareMany('mean', 20, (random) =>
    mean(random, [1, random.between(1, 3), random.between(1, 3), 4], random.pick([0.01, 0.0001])),
  );
});

test('an input that is no image is refused', () => {
  const { node, tensors } = mean(new Random(7), [1, 2, 3, 4]);
  refuses(reshaped(packGraph(network(node, tensors)).file, 0, [6, 4]), /should be an image/);
});

test('a damaged record is refused, or keeps to its memory', () => {
  withstandsDamage('mean', mean(new Random(8), [1, 2, 2, 5], 2 ** -20));
});

test.run();
