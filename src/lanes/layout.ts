import { Header, Operator, Tensor } from '../format';
import type { Model } from '../model';
import { bigIntOf, bytesOf, repeat } from '../bigint';
import { blockBytes, putRows } from './planes';

/**
 * Copies an image between the two layouts: planes of bytes (see planes.ts) at planes[begin], and NHWC at values[first].
 * @param toPlanes the direction
 */
export function copyPlanes(
  planes: Int8Array, begin: number, height: number, width: number, channels: number, pitch: number, values: Int8Array, first: number, toPlanes: boolean,
): void {
  const block = blockBytes(height, pitch), gap = 3 * (pitch - width);
  if (toPlanes) planes.fill(0, begin, begin + block * (((channels + 2) / 3) | 0));
  for (let c = 0; c < channels; c += 1) {
    for (let y = 0, p = begin + ((c / 3) | 0) * block + (c % 3), i = first + c; y < height; y += 1, p += gap) {
      const end = p + 3 * width;
      if (toPlanes) for (; p < end; p += 3, i += channels) planes[p] = values[i] ^ 128;
      else for (; p < end; p += 3, i += channels) values[i] = planes[p] ^ 128;
    }
  }
}

/** Pixels that are spread at once. */
const SPREAD = 512;

/** NHWC images of one or three channels, in numbers of several rows: their pixels become lanes of 24 bits. */
function spread(model: Model, from: number, to: number, height: number, width: number, channels: number, pitch: number): void {
  const rows = width < SPREAD ? (SPREAD / width) | 0 : 1, most = (rows < height ? rows : height) * width, buffer = model.arena.buffer as ArrayBuffer;
  const sign = repeat(128n, 8, most * channels), masks: bigint[] = [], shifts: bigint[] = [];
  if (channels === 1) {
    let s = 1;
    while (s * 2 < most) s *= 2;
    for (; s >= 1; s /= 2) {
      masks.push(repeat(((1n << BigInt(8 * s)) - 1n) << BigInt(8 * s), 48 * s, Math.ceil(most / (2 * s))));
      shifts.push(BigInt(16 * s));
    }
  }
  for (let y = 0; y < height; y += rows) {
    const n = y + rows < height ? rows : height - y, pixels = n * width, begin = from + y * width * channels;
    let x = bigIntOf(buffer.slice(begin, begin + pixels * channels)) ^ (n < rows ? repeat(128n, 8, pixels * channels) : sign);
    for (let i = 0; i < masks.length; i += 1) {
      const half = x & masks[i];
      x = (x ^ half) | (half << shifts[i]);
    }
    putRows(model, bytesOf(x, 3 * n * pitch), width, pitch, n, to + 3 * y * pitch, width);
  }
}

/**
 * Copies an image to the other layout.
 *
 * @param at word index of the operator's record
 */
export function layout(model: Model, at: number): void {
  const { words, arena } = model, tensors = words[Header.tensors] >> 2, input = tensors + words[at + Operator.input] * Tensor.words,
    output = tensors + words[at + Operator.output] * Tensor.words;
  const toPlanes = words[output + Tensor.pitch] !== 0, planes = toPlanes ? output : input, shape = planes + Tensor.shape;
  if (toPlanes && (words[shape + 3] === 1 || words[shape + 3] === 3))
    return spread(model, words[input + Tensor.address], words[output + Tensor.address], words[shape + 1], words[shape + 2], words[shape + 3], words[planes + Tensor.pitch]);
  copyPlanes(
    arena, words[planes + Tensor.address], words[shape + 1], words[shape + 2], words[shape + 3], words[planes + Tensor.pitch],
    arena, words[(toPlanes ? input : output) + Tensor.address], toPlanes,
  );
}
