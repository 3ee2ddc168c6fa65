/**
 * Layers with weights: the sum of (x - zero point) * weight, which integers requantize for each output
 * channel.
 */
import type { Activation, FloatParameters, IntParameters, NodeOf } from '../../../host/graph';
import { activationRange, limit, scaled } from './arithmetic';
import { tapsUnder, type Operand, type Reference } from './operand';

type Parameters = IntParameters | FloatParameters;

/** The sum at a position of the output. */
type Sum = (position: number[]) => number;

export function conv2dSum({ window, parameters }: NodeOf<'conv2d', Parameters>, x: Operand): Sum {
  const { weights, bias } = parameters,
    depth = x.shape[3],
    taps = window.kernel[0] * window.kernel[1];
  return ([, row, column, o]) => {
    let sum = bias[o];
    for (const { k, pixel } of tapsUnder(window, x.shape, row, column))
      for (let c = 0; c < depth; c++)
        sum += (x.values[pixel * depth + c] - x.zeroPoint) * weights[(o * taps + k) * depth + c];
    return sum;
  };
}

export function depthwiseConv2dSum(node: NodeOf<'depthwiseConv2d', Parameters>, x: Operand): Sum {
  const { weights, bias } = node.parameters,
    depth = x.shape[3],
    taps = node.window.kernel[0] * node.window.kernel[1];
  return ([, row, column, o]) => {
    const channel = Math.floor(o / node.multiplier);
    let sum = bias[o];
    for (const { k, pixel } of tapsUnder(node.window, x.shape, row, column))
      sum += (x.values[pixel * depth + channel] - x.zeroPoint) * weights[o * taps + k];
    return sum;
  };
}

export function fullyConnectedSum(
  { parameters }: NodeOf<'fullyConnected', Parameters>,
  x: Operand,
  rows: number[],
): Sum {
  const { weights, bias } = parameters,
    inputs = weights.length / bias.length;
  return (position) => {
    const o = position[position.length - 1],
      row = rows.reduce((index, size, i) => index * size + position[i], 0);
    let sum = bias[o];
    for (let i = 0; i < inputs; i++)
      sum += (x.values[row * inputs + i] - x.zeroPoint) * weights[o * inputs + i];
    return sum;
  };
}

/** @param factorOf an output channel: what its sum is multiplied by */
function requantized(
  sum: Sum,
  factorOf: (channel: number) => number,
  activation: Activation,
  y: Omit<Operand, 'values'>,
  single: boolean,
): Sum {
  const range = activationRange(activation, y);
  return (position) =>
    limit(scaled(sum(position), factorOf(position[position.length - 1]), single) + y.zeroPoint, range);
}

const inDouble = (node: { parameters: IntParameters }, x: Operand, y: Omit<Operand, 'values'>) => {
  const { scales } = node.parameters;
  return (channel: number): number => (x.scale * scales[scales.length > 1 ? channel : 0]) / y.scale;
};

export const conv2d: Reference<'conv2d'> = (node, [x], y, single) =>
  requantized(conv2dSum(node, x), inDouble(node, x, y), node.activation, y, single);

export const depthwiseConv2d: Reference<'depthwiseConv2d'> = (node, [x], y, single) =>
  requantized(depthwiseConv2dSum(node, x), inDouble(node, x, y), node.activation, y, single);

/** TensorFlow Lite multiplies the scale of a whole tensor in float32. */
export const fullyConnected: Reference<'fullyConnected'> = (node, [x], y, single) => {
  const { scales } = node.parameters,
    factor = scales.length > 1 ? inDouble(node, x, y) : () => Math.fround(x.scale * scales[0]) / y.scale;
  return requantized(fullyConnectedSum(node, x, y.shape.slice(0, -1)), factor, node.activation, y, single);
};
