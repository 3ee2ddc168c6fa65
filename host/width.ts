/** Narrow weights lie side by side in flash: how wide a layer's are, and the packing. */

/** How a layer's weights are stored. */
export interface Storage {
  bits: 2 | 4 | 8;
  /** By output channel: weights are what is stored minus this. Undefined where they are what is stored. */
  zeroPoints?: Int8Array;
}

/** Bits that hold all of these integers: 2 (-2..1), 4 (-8..7) or 8. */
export function weightBits(weights: Int8Array): 2 | 4 | 8 {
  let low = 0, high = 0;
  for (const w of weights) (low = Math.min(low, w)), (high = Math.max(high, w));
  return low >= -2 && high <= 1 ? 2 : low >= -8 && high <= 7 ? 4 : 8;
}

/** Taps of a channel from which on a zero point's own byte, and its part of the sums, are worth narrower weights. */
const WORTH_ZERO_POINTS = 16;

/**
 * The narrowest storage: weights whose range is not symmetric fit fewer bits with a zero point for each output channel.
 * @param weights [output][tap]
 */
export function storageOf(weights: Int8Array, outputs: number): Storage {
  const bits = weightBits(weights), taps = weights.length / outputs, low = new Int8Array(outputs), high = new Int8Array(outputs);
  weights.forEach((w, i) => {
    const o = Math.floor(i / taps);
    if (w < low[o]) low[o] = w;
    if (w > high[o]) high[o] = w;
  });
  const range = Math.max(...low.map((l, o) => Math.min(127, high[o] - l))), narrow = range < 4 ? 2 : range < 16 ? 4 : 8;
  if (narrow >= bits || taps < WORTH_ZERO_POINTS) return { bits };
  return { bits: narrow, zeroPoints: low.map((l) => -l - 2 ** (narrow - 1)) };
}

/** What is stored. @param weights [output][tap] */
export const stored = (weights: Int8Array, { zeroPoints }: Storage): Int8Array =>
  zeroPoints ? weights.map((w, i) => w + zeroPoints[Math.floor((i * zeroPoints.length) / weights.length)]) : weights;

/** Integers of so many bits, the first in the lowest bits of the first byte; filled up to whole words. */
export function packBits(values: ArrayLike<number>, bits: number): Uint8Array {
  const each = 8 / bits, bytes = new Uint8Array((Math.ceil(values.length / each) + 3) & ~3), mask = 2 ** bits - 1;
  for (let i = 0; i < values.length; i++) bytes[Math.floor(i / each)] |= (values[i] & mask) << (bits * (i % each));
  return bytes;
}
