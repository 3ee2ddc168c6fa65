/** Operators that only move values, integers and real ones alike. */
import { limit, round } from './arithmetic';
import { at, type Operand, type Reference } from './operand';

export const concatenation: Reference<'concatenation', unknown> =
  ({ axis }, inputs) =>
  (position) => {
    const inner = [...position];
    const part = inputs.find(({ shape }) => {
      if (inner[axis] < shape[axis]) return true;
      inner[axis] -= shape[axis];
      return false;
    });
    return at(part!, inner);
  };

/** @param fill what the border holds */
export const padded =
  (before: number[], x: Operand, fill: number) =>
  (position: number[]): number => {
    const inner = position.map((p, i) => p - before[i]),
      inside = inner.every((p, i) => p >= 0 && p < x.shape[i]);
    return inside ? at(x, inner) : fill;
  };

export const pad: Reference<'pad'> = ({ before, value }, [x], y) =>
  padded(before, x, limit(round(value / y.scale) + y.zeroPoint));

export const transpose: Reference<'transpose', unknown> =
  ({ permutation }, [x]) =>
  (position) => {
    const source: number[] = [];
    permutation.forEach((dimension, i) => (source[dimension] = position[i]));
    return at(x, source);
  };

export const slice: Reference<'slice', unknown> =
  ({ begin, stride }, [x]) =>
  (position) =>
    at(
      x,
      position.map((p, i) => begin[i] + p * stride[i]),
    );

export const resizeNearest: Reference<'resizeNearest', unknown> =
  ({ rows, columns }, [x]) =>
  ([batch, row, column, channel]) =>
    at(x, [batch, rows[row], columns[column], channel]);

/** Between four neighbours; behind the last pixel it is repeated. */
export const interpolated: Reference<'resizeBilinear', unknown> =
  ({ rows, columns }, [x]) =>
  ([batch, row, column, channel]) => {
    const [, height, width] = x.shape,
      y = Math.floor(rows[row]),
      left = Math.floor(columns[column]),
      below = rows[row] - y,
      right = columns[column] - left;
    const pixel = (i: number, k: number): number =>
      at(x, [batch, Math.min(height - 1, y + i), Math.min(width - 1, left + k), channel]);
    return (
      (1 - below) * ((1 - right) * pixel(0, 0) + right * pixel(0, 1)) +
      below * ((1 - right) * pixel(1, 0) + right * pixel(1, 1))
    );
  };

export const resizeBilinear: Reference<'resizeBilinear', unknown> = (...of) => {
  const value = interpolated(...of);
  return (position) => round(value(position));
};

export const constant =
  ({ data }: { data: ArrayLike<number> }, _: Operand[], { shape }: { shape: number[] }) =>
  (position: number[]): number =>
    at({ values: data, shape, scale: 1, zeroPoint: 0 }, position);
