/** Real factors as the integer pairs that the kernels multiply by: TensorFlow Lite's QuantizeMultiplier. */

/** A real factor as integers. */
export interface Multiplier {
  /** In [2^30, 2^31), or 0. */
  multiplier: number;
  /** value = multiplier * 2^(shift - 31) */
  shift: number;
}

/** Round half away from zero, as C's round(). */
export const round = (x: number): number => (x < 0 ? -Math.round(-x) : Math.round(x));

/** @param value a real factor, >= 0 and finite */
export function quantizeMultiplier(value: number): Multiplier {
  if (value === 0) return { multiplier: 0, shift: 0 };
  let shift = Math.floor(Math.log2(value)) + 1;
  let fraction = value / 2 ** shift; // in [0.5, 1), but for log2's last bit
  if (fraction >= 1) ((fraction /= 2), shift++);
  if (fraction < 0.5) ((fraction *= 2), shift--);
  let multiplier = round(fraction * 2 ** 31);
  if (multiplier === 2 ** 31) ((multiplier /= 2), shift++);
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}
