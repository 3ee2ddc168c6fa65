import { bytesOf, repeat } from '../bigint';
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
  const pitch = words[input + Tensor.pitch], outputPitch = words[output + Tensor.pitch], rows = words[output + Tensor.shape + 1], width = words[output + Tensor.shape + 2];
  const from = blockBytes(words[input + Tensor.shape + 1], pitch), to = blockBytes(rows, outputPitch), blocks = ((words[input + Tensor.shape + 3] + 2) / 3) | 0;
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
  const { words, arena, sums } = model, input = tensorRecord(model, words[at + Operator.input]), address = words[tensorRecord(model, words[at + Operator.output]) + Tensor.address];
  const pitch = words[input + Tensor.pitch], height = words[input + Tensor.shape + 1], width = words[input + Tensor.shape + 2], channels = words[input + Tensor.shape + 3];
  const block = blockBytes(height, pitch), n = height * width, isMean = words[at + Operator.code] === OperatorCode.mean;
  for (let c = 0; c < channels; c++) {
    let sum = -128 * n;
    // The zeros behind each row add nothing.
    for (let p = words[input + Tensor.address] + ((c / 3) | 0) * block + (c % 3), end = p + 3 * height * pitch; p < end; p += 3) sum += arena[p] & 255;
    if (isMean) {
      sums[0] = sum + words[(words[at + Output.bias] >> 2) + c];
      store(model, at, c, 1, 1, 1, address + c);
    } else arena[address + c] = ((sum < 0 ? sum - (n >> 1) : sum + (n >> 1)) / n) | 0;
  }
}
