/**
 * Operators of one value as tables of 256, computed with the arithmetic that TensorFlow Lite Micro uses at
 * run time: the device then only looks up.
 */
import { roundingShift, scaleBy } from '../../src/operators/arithmetic';
import { exponential, oneMinusOverOnePlus, reciprocal } from '../../src/operators/exponential';
import type { Quantization } from '../graph';
import { evaluate, type Expression } from './expression';
import { quantizeMultiplier, round } from './multiplier';

const f = Math.fround;
const int8 = (v: number): number => Math.max(-128, Math.min(127, v));
const tableOf = (value: (q: number) => number): Int8Array =>
  Int8Array.from({ length: 256 }, (_, i) => int8(value(i - 128)));

/**
 * Any function, computed with real numbers. Where it has no value (the root of what is negative) stands that
 * of the nearest integer that has one.
 */
export function expressionTable(from: Quantization, to: Quantization, expression: Expression): Int8Array {
  const values = Array.from({ length: 256 }, (_, i) =>
      evaluate(expression, from.scale * (i - 128 - from.zeroPoint)),
    ),
    known = values.flatMap((v, i) => (Number.isNaN(v) ? [] : [i])),
    nearest = (i: number): number =>
      known.reduce((best, k) => (Math.abs(k - i) < Math.abs(best - i) ? k : best), known[0] ?? i);
  return tableOf((q) => {
    const v = values[nearest(q + 128)];
    return Number.isNaN(v) ? to.zeroPoint : round(int8(v / to.scale + to.zeroPoint));
  });
}

/** Int8 to int8 of another scale: QUANTIZE, and RELU with its clamp. */
export function requantizeTable(
  from: Quantization,
  to: Quantization,
  single: boolean,
  minimum = -128,
  maximum = 127,
  factor = from.scale / to.scale,
): Int8Array {
  const m = quantizeMultiplier(factor);
  return tableOf((q) =>
    Math.max(
      minimum,
      Math.min(maximum, scaleBy(q - from.zeroPoint, m.multiplier, m.shift, single) + to.zeroPoint),
    ),
  );
}

/** RELU and RELU_N1_TO_1 between the real values low and high. */
export function reluTable(
  from: Quantization,
  to: Quantization,
  single: boolean,
  low: number,
  high: number,
): Int8Array {
  const at = (real: number): number => to.zeroPoint + round(f(f(real) / f(to.scale)));
  return requantizeTable(
    from,
    to,
    single,
    Math.max(-128, at(low)),
    high === Infinity ? 127 : Math.min(127, at(high)),
    f(f(from.scale) / f(to.scale)),
  );
}

/** RELU6 only clamps: input and output share the scale. */
export function relu6Table(from: Quantization): Int8Array {
  const six = from.zeroPoint + round(f(6 / f(from.scale)));
  return tableOf((q) => Math.max(from.zeroPoint, Math.min(six, q)));
}

/** LEAKY_RELU with the slope alpha for negative values. */
export function leakyReluTable(
  from: Quantization,
  to: Quantization,
  alpha: number,
  single: boolean,
): Int8Array {
  const identity = quantizeMultiplier(f(f(from.scale) / f(to.scale)));
  const slope = f(f(f(from.scale) * f(alpha)) / f(to.scale)),
    scaled = quantizeMultiplier(Math.abs(slope)),
    sign = slope < 0 ? -1 : 1;
  return tableOf((q) => {
    const x = q - from.zeroPoint,
      m = x >= 0 ? identity : scaled;
    return (x >= 0 ? 1 : sign) * scaleBy(x, m.multiplier, m.shift, single) + to.zeroPoint;
  });
}

/** ABS: integers of the same scale keep their distance from zero. */
export function absTable(from: Quantization, to: Quantization, single: boolean): Int8Array {
  const m = quantizeMultiplier(f(f(from.scale) / f(to.scale))),
    same = f(from.scale) === f(to.scale);
  return tableOf((q) => {
    const x = Math.abs(q - from.zeroPoint);
    return (same ? x : scaleBy(x, m.multiplier, m.shift, single)) + to.zeroPoint;
  });
}

/** What was largest is smallest. */
export const complementTable = (): Int8Array => tableOf((q) => ~q);

/** ELU in float32, as TensorFlow Lite Micro fills its own table. */
export function eluTable(from: Quantization, to: Quantization): Int8Array {
  const inverse = f(1 / f(to.scale));
  return tableOf((q) => {
    const x = f(f(from.scale) * (q - from.zeroPoint)),
      y = x < 0 ? f(f(Math.exp(x)) - 1) : x;
    return round(f(y * inverse)) + to.zeroPoint;
  });
}

/** Logistic and tanh take their input in Q4.27 and saturate beyond a radius. */
function q4Table(from: Quantization, single: boolean, inner: (q4: number) => number): Int8Array {
  const m = quantizeMultiplier(f(from.scale) * 2 ** 27),
    radius = Math.floor((15 * 2 ** 27) / 2 ** m.shift);
  return tableOf((q) => {
    const x = q - from.zeroPoint;
    if (x <= -radius) return -128;
    if (x >= radius) return 127;
    return inner(scaleBy(x, m.multiplier, m.shift, single));
  });
}

/** Output: scale 1/256, zero point -128. */
export function logisticTable(from: Quantization, single: boolean): Int8Array {
  return q4Table(from, single, (x) => {
    const positive = reciprocal(exponential(x > 0 ? -x : x, 4));
    const y = x === 0 ? 1 << 30 : x > 0 ? positive : 2147483647 - positive;
    return roundingShift(y, 23) - 128;
  });
}

/** Output: scale 1/128, zero point 0. */
export function tanhTable(from: Quantization, single: boolean): Int8Array {
  return q4Table(from, single, (x) => {
    if (x === 0) return 0;
    // the same bits with one integer bit more: twice the value
    const y = oneMinusOverOnePlus(exponential(x > 0 ? -x : x, 5));
    return roundingShift(x < 0 ? -y : y, 24);
  });
}

/** x * relu6(x + 3) / 6 in 16-bit fixed point. */
export function hardSwishTable(from: Quantization, to: Quantization): Int8Array {
  const int16 = (v: number): number => Math.max(-32768, Math.min(32767, v));
  const high16 = (a: number, b: number): number => int16((a * b + 16384) >> 15); // rounding, doubling
  const hires = f(f(1 / 128) * f(from.scale)),
    reluish = f(f(3) / f(32768));
  const output = quantizeMultiplier(f(hires / f(to.scale))),
    relu = quantizeMultiplier(f(hires / reluish));
  const narrow = (m: number): number => Math.min(32767, Math.floor((m + 32768) / 65536));
  return tableOf((q) => {
    const x = (q - from.zeroPoint) * 128,
      preshift = high16(x, narrow(output.multiplier));
    let r = x;
    if (relu.shift > 0) r = int16(r * 2 ** (relu.shift - 1));
    r = high16(r, narrow(relu.multiplier));
    if (relu.shift > 0) r = int16(r * 2);
    if (relu.shift < 0) r = roundingShift(r, -relu.shift);
    r = (r + 32768) >> 1;
    const product = int16(Math.trunc((r * preshift) / 32768));
    return roundingShift(product, -output.shift) + to.zeroPoint;
  });
}
