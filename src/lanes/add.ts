import { bigIntOf, bytesOf, repeat } from '../bigint';
import { LanesAdd, Operator, Tensor } from '../format';
import type { Model } from '../model';
import { tensorRecord } from '../tensor';
import { blockBytes } from './planes';

/**
 * Residual addition of two tensors of planes: byte = floor((a * first + b * second + constant) / 2^21), kept within 0..255, which the packer
 * has compared with TensorFlow Lite's addition for all 65,536 pairs of bytes.
 *
 * Every fourth byte is taken at a time, with 32 bits of room: bit 31 tells sums that are not negative, bits 21 to 30 hold the result.
 *
 * @param at word index of the operator's record
 */
export function add(model: Model, at: number): void {
  const { words } = model, first = tensorRecord(model, words[at + Operator.input]), second = tensorRecord(model, words[at + Operator.input2]);
  const output = tensorRecord(model, words[at + Operator.output]), pitch = words[output + Tensor.pitch], height = words[output + Tensor.shape + 1];
  const block = blockBytes(height, pitch), total = words[output + Tensor.bytes], rows = words[at + LanesAdd.stripRows],
    buffer = model.arena.buffer as ArrayBuffer;
  const bits = 24 * pitch, image = repeat((1n << BigInt(24 * words[output + Tensor.shape + 2])) - 1n, bits, rows) << 21n;
  const one = repeat(1n, 32, (3 * rows * pitch + 3) >> 2), constant = one * (BigInt(words[at + LanesAdd.constant]) + (1n << 31n));
  const p = BigInt(words[at + LanesAdd.first]), q = BigInt(words[at + LanesAdd.second]);
  const byte = one * 255n, field = one * (2047n << 21n), flags = (one << 31n) | (one << 47n), bias = flags - (flags >> 2n),
    bytes = ((byte << 21n) | (byte << 37n)) & image, others = ((byte << 29n) | (byte << 45n)) & image;
  for (let b = 0; b < total; b += block) {
    for (let y = 0; y < height; y += rows) {
      const n = y + rows < height ? rows : height - y, begin = b + 3 * y * pitch, size = 3 * n * pitch;
      const from = words[first + Tensor.address] + begin, other = words[second + Tensor.address] + begin;
      const x = bigIntOf(buffer.slice(from, from + size)), z = bigIntOf(buffer.slice(other, other + size));
      let result = clampPair(sumOf(0n) | sumOf(16n), flags, bias) & bytes;
      result = (result | (clampPair(sumOf(8n) | sumOf(24n), flags << 8n, bias << 8n) & others)) >> 21n;
      if (n < rows) result &= (1n << BigInt(8 * size)) - 1n;
      model.arena.set(new Int8Array(bytesOf(result, size), 0, size), words[output + Tensor.address] + begin);

      function sumOf(shift: bigint): bigint {
        const m = byte << shift;
        return ((x & m) * p + (z & m) * q + (constant << shift)) & (field << shift);
      }
    }
  }
}

/** Ten bits below each flag, kept within 0..255: 0 where the flag is clear. */
function clampPair(sums: bigint, flags: bigint, bias: bigint): bigint {
  let h = sums & flags;
  const d = (sums & (h - (h >> 10n))) + bias;
  h = d & flags;
  return d | (h - (h >> 10n));
}
