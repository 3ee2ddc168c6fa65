import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Window } from '../../host/graph';
import { weightStorage } from '../../host/operators/weights';
import { compare, compareExtremes, compareMany, withWideSums, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { inOut, layerParameters, sliding, sumScale, windowOutput } from '../support/network';
import { Random } from '../support/random';

const three: Window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1] },
  one: Window = { ...three, kernel: [1, 1], pads: [0, 0, 0, 0] };

/** A convolution of random weights over an image. */
function convolution(random: Random, input: number[], outputs: number, window: Window): CaseOf<'conv2d'> {
  const taps = window.kernel[0] * window.kernel[1] * input[3],
    tensors = inOut(random, input, [1, ...windowOutput(window, input[1], input[2]), outputs]);
  tensors.y.quantization.scale = sumScale(random, tensors.x.quantization.scale, taps);
  const parameters = layerParameters(random, taps * outputs, outputs, { perTensor: random.below(4) === 0 }),
    activation = random.activation();
  return {
    node: { op: 'conv2d', name: 'conv', inputs: ['x'], output: 'y', window, activation, parameters },
    tensors,
  };
}

test('conv2d equals the reference on random shapes, with weights of every width, and zero points', () => {
  const compared = compareMany('conv2d', 160, (random) => {
    const s = sliding(random, random.pick([1, 2, 3, 4, 7, 8, 16]), 5, true);
    return s && convolution(random, s.input, random.pick([1, 2, 5, 8, 16, 33, 40]), s.window);
  });
  const storage = compared.flatMap(({ node }) =>
    node.op === 'conv2d' ? [weightStorage(node.parameters.weights, node.parameters.bias.length)] : [],
  );
  for (const bits of [8, 4, 2]) assert.ok(storage.filter((s) => s.bits === bits).length > 15, `${bits} bits`);
  assert.ok(storage.filter((s) => s.zeroPoints).length > 8, 'zero points');
});

test('conv2d at the ends of int8', () => {
  const random = new Random(3);
  for (const window of [three, one])
    compareExtremes('conv2d', convolution(random, [1, 4, 5, 3], 6, window), [['x'], ['y']]);
});

test('narrow weights at their ends, with inputs at theirs', () => {
  for (const [low, high] of [
    [-8, 7],
    [-2, 1],
  ]) {
    const given = convolution(new Random(5), [1, 3, 3, 160], 8, one);
    // Outputs of the lowest weight alone, of the highest, of both in turn, and of random ones.
    const { weights } = given.node.parameters;
    weights.forEach((w, i) => {
      const output = Math.floor(i / 160);
      weights[i] = [low, high, i % 2 ? low : high, Math.max(low, Math.min(high, w >> 4))][output % 4];
    });
    given.tensors.y.quantization.scale = sumScale(new Random(6), given.tensors.x.quantization.scale * 9, 160);
    compareExtremes('conv2d', given, [['x'], ['y']]);
  }
});

test('conv2d of one value, and under a window larger than its image', () => {
  const random = new Random(4);
  for (const [input, outputs, window] of [
    [[1, 1, 1, 1], 1, one],
    [[1, 1, 1, 1], 3, three],
    [[1, 2, 3, 2], 2, { kernel: [7, 9], stride: [1, 1], dilation: [1, 1], pads: [5, 8, 4, 7] }],
    [[1, 3, 2, 2], 2, { kernel: [2, 2], stride: [3, 3], dilation: [4, 5], pads: [4, 5, 6, 7] }],
  ] as [number[], number, Window][])
    assert.ok(compare('conv2d', random, convolution(random, input, outputs, window)));
});

test('sums beyond 2^25, and factors above one, stay exact', () => {
  compareMany('conv2d', 12, (random) =>
    withWideSums(random, convolution(random, [1, 2, 1, random.between(900, 1500)], 4, one)),
  );
});

test('a damaged record is refused, or keeps to its memory', () => {
  const given = convolution(new Random(8), [1, 5, 4, 3], 5, three);
  given.tensors.y.quantization.scale = 2 ** -20; // so that factors are above one, and sums are wide
  withstandsDamage('conv2d', given);
});

test.run();
