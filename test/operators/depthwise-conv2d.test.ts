import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Window } from '../../host/graph';
import { compare, compareExtremes, compareMany, withWideSums, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { inOut, layerParameters, sliding, sumScale, windowOutput } from '../support/network';
import { Random } from '../support/random';

const three: Window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1] };

/** Each channel of an image under `multiplier` windows of its own. */
function depthwise(
  random: Random,
  input: number[],
  multiplier: number,
  window: Window,
): CaseOf<'depthwiseConv2d'> {
  const outputs = input[3] * multiplier,
    taps = window.kernel[0] * window.kernel[1],
    tensors = inOut(random, input, [1, ...windowOutput(window, input[1], input[2]), outputs]);
  tensors.y.quantization.scale = sumScale(random, tensors.x.quantization.scale, taps);
  const parameters = layerParameters(random, taps * outputs, outputs),
    activation = random.activation();
  return {
    node: {
      op: 'depthwiseConv2d',
      name: 'dw',
      inputs: ['x'],
      output: 'y',
      window,
      multiplier,
      activation,
      parameters,
    },
    tensors,
  };
}

test('depthwiseConv2d equals the reference on random shapes', () => {
  compareMany('depthwiseConv2d', 120, (random) => {
    const s = sliding(random, random.pick([1, 2, 3, 4, 8, 11]), 5, true);
    return s && depthwise(random, s.input, random.pick([1, 1, 1, 2, 3]), s.window);
  });
});

test('windows of 3 x 3, which have kernels of their own, at every stride', () => {
  compareMany('depthwiseConv2d', 60, (random) => {
    const stride = random.pick<[number, number]>([
        [1, 1],
        [1, 1],
        [2, 2],
        [1, 2],
        [3, 1],
      ]),
      input = [1, random.between(3, 12), random.between(3, 12), random.pick([1, 2, 5, 8])],
      pads = random.pick<Window['pads']>([
        [1, 1, 1, 1],
        [0, 0, 0, 0],
        [0, 1, 2, 1],
      ]);
    return depthwise(random, input, random.pick([1, 2]), { ...three, stride, pads });
  });
});

test('rows longer than those that are summed at once', () => {
  const random = new Random(2);
  for (const width of [127, 128, 129, 300])
    for (const stride of [1, 2])
      assert.ok(
        compare(
          'depthwiseConv2d',
          random,
          depthwise(random, [1, 5, width, 2], 1, { ...three, stride: [stride, stride] }),
        ),
      );
});

test('depthwiseConv2d at the ends of int8', () => {
  const random = new Random(3);
  for (const window of [three, { ...three, kernel: [2, 1], pads: [1, 0, 0, 0] } as Window])
    compareExtremes('depthwiseConv2d', depthwise(random, [1, 4, 5, 3], 2, window), [['x'], ['y']]);
});

test('depthwiseConv2d of one value', () => {
  const random = new Random(4);
  for (const window of [three, { ...three, kernel: [1, 1], pads: [0, 0, 0, 0] } as Window])
    assert.ok(compare('depthwiseConv2d', random, depthwise(random, [1, 1, 1, 1], 1, window)));
});

test('sums beyond 2^25, and factors above one, stay exact', () => {
  const window: Window = { ...three, kernel: [40, 40], pads: [0, 0, 0, 0] };
  compareMany('depthwiseConv2d', 8, (random) =>
    withWideSums(random, depthwise(random, [1, 41, 40, 4], 1, window)),
  );
});

test('a damaged record is refused, or keeps to its memory', () => {
  const random = new Random(8);
  for (const window of [three, { ...three, kernel: [2, 2] } as Window]) {
    const given = depthwise(random, [1, 5, 4, 3], 2, window);
    given.tensors.y.quantization.scale = 2 ** -20; // so that factors are above one, and sums are wide
    withstandsDamage('depthwiseConv2d', given);
  }
});

test.run();
