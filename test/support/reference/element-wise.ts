/** Operators that make each value of one value, or of one of each operand. */
import type { Quantization } from '../../../host/graph';
import { activationRange, limit, round, scaled } from './arithmetic';
import { at, repeatedAt, type Reference } from './operand';

export const add: Reference<'add'> = ({ activation, signs = [1, 1] }, [a, b], y, single) => {
  const range = activationRange(activation, y),
    twice = 2 * Math.max(a.scale, b.scale);
  return (position) => {
    const first = scaled((at(a, position) - a.zeroPoint) * 2 ** 20, a.scale / twice, single),
      second = scaled((repeatedAt(b, position) - b.zeroPoint) * 2 ** 20, b.scale / twice, single),
      sum = signs[0] * first + signs[1] * second;
    return limit(scaled(sum, twice / (2 ** 20 * y.scale), single) + y.zeroPoint, range);
  };
};

export const multiply: Reference<'multiply'> =
  ({ activation }, [a, b], y, single) =>
  (position) => {
    const product = (at(a, position) - a.zeroPoint) * (repeatedAt(b, position) - b.zeroPoint);
    return limit(
      scaled(product, (a.scale * b.scale) / y.scale, single) + y.zeroPoint,
      activationRange(activation, y),
    );
  };

export const maximum: Reference<'maximum'> =
  (_, [a, b]) =>
  (position) =>
    Math.max(at(a, position), repeatedAt(b, position));

export const prelu: Reference<'prelu'> =
  (_, [x, slope], y, single) =>
  (position) => {
    const v = at(x, position) - x.zeroPoint,
      down = v * (repeatedAt(slope, position) - slope.zeroPoint);
    const result =
      v >= 0 ? scaled(v, x.scale / y.scale, single) : scaled(down, (x.scale * slope.scale) / y.scale, single);
    return limit(result + y.zeroPoint);
  };

/**
 * Functions of which TensorFlow Lite requantizes the result; the others are computed in fixed point and
 * compared in float.
 */
export const lookup: Reference<'lookup'> = ({ function: name, alpha = 0, table }, [x], y, single) => {
  const f = Math.fround,
    ratio = f(x.scale / y.scale),
    bound = (real: number, q: Quantization): number => limit(q.zeroPoint + round(f(real / q.scale)));
  return (position) => {
    const v = at(x, position) - x.zeroPoint;
    if (name === 'table') return table![at(x, position) + 128];
    if (name === 'complement') return -1 - at(x, position);
    if (name === 'requantize') return limit(scaled(v, x.scale / y.scale, single) + y.zeroPoint);
    if (name === 'relu') return limit(scaled(v, ratio, single) + y.zeroPoint, [bound(0, y), 127]);
    if (name === 'reluN1To1')
      return limit(scaled(v, ratio, single) + y.zeroPoint, [bound(-1, y), bound(1, y)]);
    if (name === 'relu6') return limit(at(x, position), [x.zeroPoint, bound(6, x)]);
    if (name !== 'leakyRelu') throw new Error(`${name} has no exact reference`);
    const slope = f(f(x.scale * f(alpha)) / y.scale);
    return limit((v >= 0 ? scaled(v, ratio, single) : scaled(v, slope, single)) + y.zeroPoint);
  };
};
