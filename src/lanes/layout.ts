import { Header, Operator, Tensor } from '../format';
import type { Model } from '../model';
import { blockBytes } from './planes';

/**
 * Copies an image between the two layouts: planes of bytes (see planes.ts) at planes[begin], and NHWC at values[first].
 * @param toPlanes the direction
 */
export function copyPlanes(
  planes: Int8Array, begin: number, height: number, width: number, channels: number, pitch: number, values: Int8Array, first: number, toPlanes: boolean,
): void {
  const block = blockBytes(height, pitch);
  if (toPlanes) planes.fill(0, begin, begin + block * (((channels + 2) / 3) | 0));
  for (let c = 0; c < channels; c++) {
    let p = begin + ((c / 3) | 0) * block + (c % 3), i = first + c;
    for (let y = 0; y < height; y++, p += 3 * (pitch - width)) {
      for (let x = 0; x < width; x++, p += 3, i += channels) {
        if (toPlanes) planes[p] = values[i] ^ 128;
        else values[i] = planes[p] ^ 128;
      }
    }
  }
}

/**
 * Copies an image to the other layout.
 *
 * @param at word index of the operator's record
 */
export function layout({ words, arena }: Model, at: number): void {
  const tensors = words[Header.tensors] >> 2, input = tensors + words[at + Operator.input] * Tensor.words, output = tensors + words[at + Operator.output] * Tensor.words;
  const toPlanes = words[output + Tensor.pitch] !== 0, planes = toPlanes ? output : input, shape = planes + Tensor.shape;
  copyPlanes(
    arena, words[planes + Tensor.address], words[shape + 1], words[shape + 2], words[shape + 3], words[planes + Tensor.pitch],
    arena, words[(toPlanes ? input : output) + Tensor.address], toPlanes,
  );
}
