import { multiplyHigh, roundingShift, saturatingShift } from './arithmetic';

/** exp(-1/4), exp(-1/2), exp(-1), ... exp(-16) in Q0.31. */
const FACTORS = Object.freeze([1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242]);

/**
 * exp(a) in Q0.31, gemmlowp's exp_on_negative_values: a polynomial around -1/8 for the fraction, a factor for
 * each higher bit.
 * @param a at most 0, with `integerBits` integer bits and 31 - integerBits fraction bits
 */
export function exponential(a: number, integerBits: number): number {
  if (a === 0) return 2147483647;
  // fraction: in [-1/4, 0)
  const quarter = 1 << (29 - integerBits),
    fraction = (a & (quarter - 1)) - quarter,
    rest = fraction - a;
  const x = (fraction << integerBits) + (1 << 28),
    x2 = multiplyHigh(x, x),
    x3 = multiplyHigh(x2, x),
    x4 = multiplyHigh(x2, x2);
  const tail = roundingShift(multiplyHigh(roundingShift(x4, 2) + x3, 715827883) + x2, 1);
  let r = 1895147668 + multiplyHigh(1895147668, x + tail);
  for (let i = 0, bit = quarter; i < integerBits + 2; i++, bit <<= 1)
    if (rest & bit) r = multiplyHigh(r, FACTORS[i]);
  return r;
}

/** 2 / (1 + a) in Q2.29 for a in [0, 1] in Q0.31, by three Newton steps; gemmlowp's constants. */
function twiceReciprocal(a: number): number {
  const half = (a >> 1) + 1073741824; // (1 + a) / 2
  let x = 1515870810 + multiplyHigh(half, -1010580540);
  for (let i = 0; i < 3; i++) x += saturatingShift(multiplyHigh(x, (1 << 29) - multiplyHigh(half, x)), 2);
  return x;
}

/**
 * 1 / (1 + a) in Q0.31.
 *
 * @noinline
 */
export function reciprocal(a: number): number {
  return saturatingShift(twiceReciprocal(a), 1);
}

/** (1 - a) / (1 + a) in Q0.31. */
export function oneMinusOverOnePlus(a: number): number {
  return saturatingShift(twiceReciprocal(a) - (1 << 29), 2);
}
