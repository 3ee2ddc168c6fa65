/** Random operators with windows or weights; undefined where a window does not fit. */
import type { Window } from '../../host/graph';
import { inOut, layerParameters, sliding, sumScale } from '../support/network';
import type { Random } from '../support/random';
import { alike, common, type Made } from './made';

export function convolution(random: Random, density: number): Made | undefined {
  const s = sliding(random, random.pick([1, 2, 3, 8, 16]), 4, density === 100),
    outputs = random.pick([1, 2, 5, 8, 33]);
  if (!s) return undefined;
  const taps = s.window.kernel[0] * s.window.kernel[1] * s.input[3],
    tensors = inOut(random, s.input, [1, ...s.size, outputs]);
  tensors.y.quantization.scale = sumScale(random, tensors.x.quantization.scale, taps);
  const parameters = layerParameters(random, taps * outputs, outputs, { density });
  return {
    node: { ...common, op: 'conv2d', window: s.window, activation: s.activation, parameters },
    tensors,
  };
}

export function depthwise(random: Random): Made | undefined {
  const multiplier = random.pick([1, 1, 2, 3]),
    s = sliding(random, random.pick([1, 2, 3, 8]), random.pick([3, 5]), true);
  if (!s) return undefined;
  const window: Window = random.below(2) ? { ...s.window, dilation: [1, 1] } : s.window,
    outputs = s.input[3] * multiplier,
    tensors = inOut(random, s.input, [1, ...s.size, outputs]),
    parameters = layerParameters(random, window.kernel[0] * window.kernel[1] * outputs, outputs);
  return {
    node: { ...common, op: 'depthwiseConv2d', window, multiplier, activation: s.activation, parameters },
    tensors,
  };
}

/** A depthwise convolution of 3 x 3, which has kernels of its own. */
export function depthwise3x3(random: Random): Made {
  const stride = random.pick<[number, number]>([
      [1, 1],
      [2, 2],
      [1, 2],
      [3, 1],
    ]),
    pad = random.below(2),
    input = [1, random.between(3, 9), random.pick([3, 4, 7, 130]), random.pick([1, 2, 5])],
    size = [0, 1].map((axis) => Math.floor((input[1 + axis] + 2 * pad - 3) / stride[axis]) + 1);
  const window: Window = { kernel: [3, 3], stride, dilation: [1, 1], pads: [pad, pad, pad, pad] },
    parameters = layerParameters(random, 9 * input[3], input[3]);
  return {
    node: { ...common, op: 'depthwiseConv2d', window, multiplier: 1, activation: 'none', parameters },
    tensors: inOut(random, input, [1, ...size, input[3]]),
  };
}

export function dense(random: Random, density: number): Made {
  const rows = random.pick([[1], [3], [], [2, 2]]),
    inputs = random.between(1, 40),
    outputs = random.pick([1, 3, 4, 15, 16, 17, 33, 50]);
  return {
    node: {
      ...common,
      op: 'fullyConnected',
      activation: random.activation(),
      parameters: layerParameters(random, inputs * outputs, outputs, { density }),
    },
    tensors: inOut(random, [...rows, inputs], [...rows, outputs]),
  };
}

export function pool(random: Random, op: 'maxPool2d' | 'averagePool2d'): Made | undefined {
  const s = sliding(random, random.pick([1, 3, 8]), random.pick([2, 4]), false);
  if (!s) return undefined;
  const { window, activation } = s;
  return {
    node: { ...common, op, window, activation },
    tensors: alike(random, s.input, [1, ...s.size, s.input[3]]),
  };
}

export function mean(random: Random): Made {
  const channels = random.pick([1, 3, 8, 255, 257]),
    side = (): number => random.between(1, 6);
  return {
    node: { ...common, op: 'mean' },
    tensors: inOut(
      random,
      [1, side(), side(), channels],
      random.below(2) ? [1, channels] : [1, 1, 1, channels],
    ),
  };
}
