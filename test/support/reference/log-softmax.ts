/**
 * The logarithm of softmax in gemmlowp's fixed point, in 64-bit integers: Qa.b has a integer bits and b
 * fraction bits.
 */
import { limit, multiplyBy, quantizeMultiplier } from './arithmetic';
import type { Reference } from './operand';
import { MOST, divided, exponentialsOf, reciprocal, times } from './softmax';

const q0 = (v: number): bigint => BigInt(Math.round(v * 2 ** 31));
const root = q0(Math.SQRT1_2),
  fourth = q0(Math.sqrt(Math.SQRT1_2)),
  quarterPower = Math.sqrt(Math.SQRT2);

/** x * 2^n, at most what 32 bits hold. */
const shifted = (x: bigint, n: bigint): bigint => (x << n > MOST ? MOST : x << n);
const leadingZeros = (x: bigint): bigint => BigInt(32 - x.toString(2).length);

/**
 * log(x) in Q5.26 of x >= 1 in Q12.19. With x = 2^n * r, r between the square roots of 1/2 and 1, it is n
 * log(2) + log(r); n is counted in quarters, one above or below a whole number.
 */
function logarithm(x: bigint): bigint {
  const a = leadingZeros(x),
    b = leadingZeros(times(x, root)) - 1n,
    rests = [shifted(times(shifted(x, a - 1n), root), 1n), shifted(x, b)],
    powers = [(12n - a) * 2n ** 25n + 2n ** 23n, (12n - b) * 2n ** 25n - 2n ** 23n]; // Q6.25
  const r = rests[0] < rests[1] ? rests[0] : rests[1],
    power = powers[0] > powers[1] ? powers[0] : powers[1],
    p = (r + fourth + 1n) / 2n,
    q = 2n * (r - fourth),
    q2 = times(q, q);
  const above = times(q, r) + times(times(q, q2), q0((11 / 240) * quarterPower)),
    sum = q0(2 / quarterPower - quarterPower) + q + times(q0((1 / 20) * quarterPower), q2),
    below = times(p, sum) + times(q0((1 / 4) * quarterPower), q);
  return shifted(times(power, q0(Math.LN2)) + times(divided(above, 6n), reciprocal(below)), 1n);
}

export const logSoftmax: Reference<'logSoftmax'> =
  (_, [x]) =>
  (position) => {
    const { differences, scaled, sum, least, multiplier, shift } = exponentialsOf(x, position, 1),
      log = logarithm(sum),
      inverse = quantizeMultiplier(2 ** (31 - shift) / multiplier),
      nearest = multiplyBy(Number(log) - 2 ** 31, inverse.multiplier, inverse.shift, false),
      d = differences[position[position.length - 1]];
    if (d <= Math.max(least - 1, nearest)) return -128;
    return limit(Number(divided(BigInt.asIntN(32, scaled(d) - log), 22n)) + 127);
  };
