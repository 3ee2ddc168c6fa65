/** Weights of 4 or 2 bits, which lie side by side in flash, as the numbers that kernels on lanes work with. */
import { bigIntOf, repeat } from '../bigint';

/** A mask of the lowest `bits` of every byte that `size` packed bytes give at a time. */
export const narrowMask = (size: number, bits: number): bigint => (bits === 8 ? 0n : repeat(BigInt((1 << bits) - 1), 8, narrowBytes(size, bits)));

/** Bytes in the file for `size` values. */
export const narrowBytes = (size: number, bits: number): number => Math.ceil((size * bits) / 8);

/**
 * `size` bytes, each a weight of 8, 4 or 2 bits, unsigned. Packed byte i holds, from its lowest bits on, values i, i + n, i + 2 n... of n packed bytes.
 * @param mask narrowMask's, for the same size and bits
 */
export function bytesAt(file: ArrayBuffer, offset: number, size: number, bits: number, mask: bigint): bigint {
  if (bits === 8) return bigIntOf(file.slice(offset, offset + size));
  const n = narrowBytes(size, bits), packed = bigIntOf(file.slice(offset, offset + n)), next = BigInt(8 * n);
  if (bits === 4) return (packed & mask) | (((packed >> 4n) & mask) << next);
  return (packed & mask) | (((packed >> 2n) & mask) << next) | (((packed >> 4n) & mask) << (next * 2n)) | (((packed >> 6n) & mask) << (next * 3n));
}

/** w[1] * 2^24 + w[0] * 2^48 for two weights of 4 bits, w[1] the lower; see TapKind.four. */
export const upperTaps4 = (v: number): bigint => BigInt((v & 15) * 16777216) + (BigInt(v >> 4) << 48n);

/** A number of three taps of 2 bits each; see TapKind.two. */
export const taps2 = (v: number): bigint => BigInt((v & 3) + ((v >> 2) & 3) * 16777216) + (BigInt(v >> 4) << 48n);
