/** Requantization as TensorFlow Lite defines it, in 64-bit integers. */
import type { Activation, Quantization } from '../../../host/graph';

/** floor(x / 2^n). XS shifts negative BigInts otherwise. */
const floorShift = (x: bigint, n: bigint): bigint => (x >= 0n ? x >> n : -((-x + (1n << n) - 1n) >> n));

/** QuantizeMultiplier: factor = multiplier * 2^(shift - 31), the multiplier in [2^30, 2^31). */
export function quantizeMultiplier(factor: number): { multiplier: number; shift: number } {
  let shift = 0;
  while (factor >= 1) ((factor /= 2), shift++);
  while (factor < 0.5) ((factor *= 2), shift--);
  let multiplier = Math.round(factor * 2 ** 31);
  if (multiplier === 2 ** 31) ((multiplier /= 2), shift++);
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}

/** MultiplyByQuantizedMultiplier, rounding twice as TensorFlow Lite Micro does, or once. */
export function multiplyBy(x: number, multiplier: number, shift: number, single: boolean): number {
  const product = BigInt(x) * BigInt(multiplier);
  if (single) return Number(floorShift(product + (1n << BigInt(30 - shift)), BigInt(31 - shift)));
  const left = BigInt(Math.max(shift, 0)),
    right = BigInt(Math.max(-shift, 0)),
    high = floorShift((product << left) + (1n << 30n), 31n);
  if (!right) return Number(high);
  return Number(floorShift(high + (1n << (right - 1n)) - (high < 0n ? 1n : 0n), right));
}

/** x * factor, rounded. @param factor greater than 0 */
export function scaled(x: number, factor: number, single: boolean): number {
  const { multiplier, shift } = quantizeMultiplier(factor);
  return multiplyBy(x, multiplier, shift, single);
}

/** Halves away from zero, as C's round(). */
export const round = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

export const limit = (v: number, [low, high]: [number, number] = [-128, 127]): number =>
  Math.max(low, Math.min(high, v));

/** The integers that a fused activation leaves; its bounds are divided in float32. */
export function activationRange(
  activation: Activation,
  { scale, zeroPoint }: Quantization,
): [number, number] {
  const at = (v: number): number => limit(zeroPoint + round(Math.fround(v / Math.fround(scale))));
  if (activation === 'relu') return [at(0), 127];
  if (activation === 'relu6') return [at(0), at(6)];
  if (activation === 'reluN1To1') return [at(-1), at(1)];
  return [-128, 127];
}
