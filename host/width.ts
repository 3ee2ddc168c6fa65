/** Narrow weights lie side by side in flash: how wide a layer's are, and the packing. */

/** Bits that hold all of these integers: 2 (-2..1), 4 (-8..7) or 8. */
export function weightBits(weights: Int8Array): 2 | 4 | 8 {
  let low = 0, high = 0;
  for (const w of weights) (low = Math.min(low, w)), (high = Math.max(high, w));
  return low >= -2 && high <= 1 ? 2 : low >= -8 && high <= 7 ? 4 : 8;
}

/** Integers of so many bits, the first in the lowest bits of the first byte; filled up to whole words. */
export function packBits(values: ArrayLike<number>, bits: number): Uint8Array {
  const each = 8 / bits, bytes = new Uint8Array((Math.ceil(values.length / each) + 3) & ~3), mask = 2 ** bits - 1;
  for (let i = 0; i < values.length; i++) bytes[Math.floor(i / each)] |= (values[i] & mask) << (bits * (i % each));
  return bytes;
}
