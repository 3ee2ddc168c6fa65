/** Softmax in gemmlowp's fixed point, in 64-bit integers: Qa.b has a integer bits and b fraction bits. */
import { limit, quantizeMultiplier } from './arithmetic';
import { at, type Operand, type Reference } from './operand';

export const MOST = 2n ** 31n - 1n;
const absolute = (x: bigint): bigint => (x < 0n ? -x : x);

/** A product of which the upper half is kept, rounded to nearest: SaturatingRoundingDoublingHighMul. */
export const times = (a: bigint, b: bigint): bigint => {
  const product = a * b;
  // The quotient is cut towards zero.
  return (product + (product >= 0n ? 2n ** 30n : 1n - 2n ** 30n)) / 2n ** 31n;
};

/** x / 2^n, halves away from zero: RoundingDivideByPOT. */
export const divided = (x: bigint, n: bigint): bigint => {
  const rounded = (absolute(x) + (n ? 2n ** (n - 1n) : 0n)) / 2n ** n;
  return x < 0n ? -rounded : rounded;
};

/**
 * exp(a) in Q0.31 for a <= 0 in Q5.26: of the fraction below a quarter by a polynomial, times exp(-1/4),
 * exp(-1/2), ... exp(-16).
 */
export function exponential(a: bigint): bigint {
  if (a === 0n) return MOST;
  const quarter = 2n ** 24n,
    fraction = (((a % quarter) + quarter) % quarter) - quarter, // from -1/4 to below 0
    rest = fraction - a;
  const x = fraction * 32n + 2n ** 28n, // around -1/8, in Q0.31
    x2 = times(x, x),
    x3 = times(x2, x),
    x4 = times(x2, x2),
    third = BigInt(Math.round(2 ** 31 / 3)),
    eighth = BigInt(Math.round(Math.exp(-1 / 8) * 2 ** 31));
  const tail = divided(times(divided(x4, 2n) + x3, third) + x2, 1n);
  let result = eighth + times(eighth, x + tail);
  for (let e = -2; e <= 4; e++)
    if ((rest / 2n ** BigInt(26 + e)) % 2n)
      result = times(result, BigInt(Math.round(Math.exp(-(2 ** e)) * 2 ** 31)));
  return result;
}

/** 1 / (1 + a) in Q0.31 for a of 0 to 1: three steps of Newton's method on half the denominator, in Q2.29. */
export function reciprocal(a: bigint): bigint {
  const half = (a + MOST + 1n) / 2n,
    q2 = (v: number): bigint => BigInt(Math.round(v * 2 ** 29));
  let x = q2(48 / 17) + times(half, q2(-32 / 17));
  for (let i = 0; i < 3; i++) x += times(x, 2n ** 29n - times(half, x)) * 4n;
  return x * 2n > MOST ? MOST : x * 2n;
}

/**
 * A row's differences from its largest value in Q5.26, undefined where too far; and the exponentials' sum, in
 * Q12.19.
 */
export function exponentialsOf(x: Operand, position: number[], beta: number) {
  const { multiplier, shift } = quantizeMultiplier(Math.min(beta * x.scale * 2 ** 26, 2 ** 31 - 1)),
    least = -Math.floor((31 * 2 ** 26) / 2 ** shift);
  const row = Array.from({ length: x.shape[x.shape.length - 1] }, (_, i) =>
      at(x, [...position.slice(0, -1), i]),
    ),
    highest = Math.max(...row),
    differences = row.map((v) => v - highest),
    scaled = (d: number): bigint => times(BigInt(d) * 2n ** BigInt(shift), BigInt(multiplier)),
    exponentials = differences.map((d) => (d < least ? 0n : exponential(scaled(d)))),
    sum = exponentials.reduce((total, e) => total + divided(e, 12n), 0n);
  return { differences, scaled, exponentials, sum, least, multiplier, shift };
}

export const softmax: Reference<'softmax'> =
  ({ beta }, [x]) =>
  (position) => {
    const { exponentials, sum } = exponentialsOf(x, position, beta),
      headroom = 32 - sum.toString(2).length,
      scale = reciprocal(sum * 2n ** BigInt(headroom) - 2n ** 31n);
    const product = times(scale, exponentials[position[position.length - 1]]);
    return limit(Number(divided(product, BigInt(12 - headroom + 31 - 8))) - 128);
  };
