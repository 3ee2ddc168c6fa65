import { bigIntOf, bytesOf, repeat } from '../bigint';
import { LanesPool, Operator, OperatorCode, Output, Tensor } from '../format';
import { store } from '../kernels/store';
import type { Model } from '../model';
import { tensorRecord } from '../tensor';
import { LANE, blockBytes, halve, halvingMasks, lanes, putRows, rowsOf } from './planes';

/** The larger of two numbers' bytes, byte by byte. @param high 128 in every byte */
function maximum(a: bigint, b: bigint, high: bigint): bigint {
  const x = a ^ b, differ = x & high, d = (a | high) - (b & (high - (high >> 7n))); // bit 7: the low seven bits of a are not below those of b
  const h = (a & differ) | (d & (high ^ differ));
  return b ^ (x & ((h - (h >> 7n)) | h));
}

/**
 * 2 x 2 maximum with a stride of 2, three channels at once: the larger of two rows, then of two columns, then every other lane.
 *
 * @param at word index of the operator's record
 */
export function maxPool2d(model: Model, at: number): void {
  const { words } = model, input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const pitch = words[input + Tensor.pitch], outputPitch = words[output + Tensor.pitch], rows = words[output + Tensor.shape + 1],
    width = words[output + Tensor.shape + 2];
  const from = blockBytes(words[input + Tensor.shape + 1], pitch), to = blockBytes(rows, outputPitch),
    blocks = ((words[input + Tensor.shape + 3] + 2) / 3) | 0;
  const strip = words[at + LanesPool.stripRows];
  for (let y = 0; y < rows; y += strip) {
    const n = y + strip < rows ? strip : rows - y, masks = halvingMasks(width, pitch, n), high = lanes(0x808080, n * pitch);
    const kept = repeat(repeat(0xffffffn, 2 * LANE, width), LANE * pitch, n);
    for (let b = 0; b < blocks; b++) {
      const address = words[input + Tensor.address] + b * from;
      let x = maximum(rowsOf(model, address, pitch, 2 * y, 2, n), rowsOf(model, address, pitch, 2 * y + 1, 2, n), high);
      x = halve(maximum(x, x >> 24n, high) & kept, masks);
      putRows(model, bytesOf(x, 3 * n * pitch), pitch, outputPitch, n, words[output + Tensor.address] + b * to + 3 * y * outputPitch);
    }
  }
}

/**
 * Mean over all of an image, from planes to an NHWC vector: averagePool2d with a window as large as the image, or mean.
 *
 * @param at word index of the operator's record
 */
export function globalAverage(model: Model, at: number): void {
  const { words, arena, sums } = model, input = tensorRecord(model, words[at + Operator.input]),
    address = words[tensorRecord(model, words[at + Operator.output]) + Tensor.address];
  const pitch = words[input + Tensor.pitch], height = words[input + Tensor.shape + 1], width = words[input + Tensor.shape + 2],
    channels = words[input + Tensor.shape + 3];
  const block = blockBytes(height, pitch), n = height * width, isMean = words[at + Operator.code] === OperatorCode.mean;
  const total = 3 * height * pitch, first = words[input + Tensor.address], pairs = repeat(255n, 16, (total + 1) >> 1);
  const put = (c: number, sum: number): void => {
    if (isMean) {
      sums[0] = sum + words[(words[at + Output.bias] >> 2) + c];
      store(model, at, c, 1, 1, 1, address + c);
    } else arena[address + c] = ((sum < 0 ? sum - (n >> 1) : sum + (n >> 1)) / n) | 0;
  };
  for (let c = 0, begin = first; c < channels; c += 3, begin += block) {
    // Bytes at even and at odd places, with 16 bits each, folded in halves until six bytes are left: two of each channel.
    const bytes = bigIntOf((arena.buffer as ArrayBuffer).slice(begin, begin + total));
    const even = fold(bytes & pairs, total), odd = fold((bytes >> 8n) & pairs, total);
    put(c, even[0] + odd[1] - 128 * n);
    if (c + 1 < channels) put(c + 1, odd[0] + even[2] - 128 * n);
    if (c + 2 < channels) put(c + 2, even[1] + odd[2] - 128 * n);
  }
}

/** Sums of every third of the 16-bit fields in `bytes` bytes. */
function fold(value: bigint, bytes: number): Uint16Array {
  let size = 6;
  while (size < bytes) size *= 2;
  for (; size > 6; size /= 2) {
    const half = BigInt(4 * size);
    value = (value >> half) + (value & ((1n << half) - 1n));
  }
  return new Uint16Array(bytesOf(value, 8), 0, 3);
}
