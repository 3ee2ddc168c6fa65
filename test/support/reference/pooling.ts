/** Over windows and over whole images. */
import { activationRange, limit, multiplyBy, quantizeMultiplier } from './arithmetic';
import { tapsUnder, type Operand, type Reference } from './operand';
import type { Window } from '../../../host/graph';

export const valuesUnder = (w: Window, x: Operand, [, row, column, channel]: number[]): number[] =>
  tapsUnder(w, x.shape, row, column).map(({ pixel }) => x.values[pixel * x.shape[3] + channel]);

export const maxPool2d: Reference<'maxPool2d'> =
  (node, [x], y) =>
  (position) =>
    limit(Math.max(...valuesUnder(node.window, x, position)), activationRange(node.activation, y));

/** The mean of the raw integers, halves rounded away from zero. */
export const averagePool2d: Reference<'averagePool2d'> =
  (node, [x], y) =>
  (position) => {
    const values = valuesUnder(node.window, x, position),
      sum = values.reduce((a, b) => a + b),
      half = Math.floor(values.length / 2);
    return limit(
      Math.trunc((sum + (sum > 0 ? half : -half)) / values.length),
      activationRange(node.activation, y),
    );
  };

/** Over height and width; the division by their product goes into the multiplier. */
export const mean: Reference<'mean'> = (_, [x], y, single) => {
  const [, height, width, channels] = x.shape,
    n = height * width,
    { multiplier, shift } = quantizeMultiplier(x.scale / y.scale),
    left = Math.min(Math.floor(Math.log2(n)), 31 + shift);
  return (position) => {
    const channel = position[position.length - 1];
    let sum = -x.zeroPoint * n;
    for (let p = 0; p < n; p++) sum += x.values[p * channels + channel];
    const divided = Number((BigInt(multiplier) << BigInt(left)) / BigInt(n));
    return limit(multiplyBy(sum, divided, shift - left, single) + y.zeroPoint);
  };
};
