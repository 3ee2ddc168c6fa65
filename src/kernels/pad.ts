import type { Model } from '../model';
import { Operator, Pad, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * A tensor with a border of one value around it. Shapes are taken as NHWC, missing outer dimensions being 1.
 *
 * @param at word index of the operator's record
 */
export function pad(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(model, words[at + Operator.input]), output = tensorRecord(model, words[at + Operator.output]);
  const rank = words[input + Tensor.rank], last = input + Tensor.shape + rank - 1, lastOut = output + Tensor.shape + rank - 1;
  const line = words[last], lineOut = words[lastOut];
  const width = rank > 1 ? words[last - 1] : 1, widthOut = rank > 1 ? words[lastOut - 1] : 1;
  const height = rank > 2 ? words[last - 2] : 1, heightOut = rank > 2 ? words[lastOut - 2] : 1;
  const batch = rank > 3 ? words[last - 3] : 1, before = at + Pad.before;
  const address = words[output + Tensor.address];
  arena.fill(words[at + Pad.value], address, address + words[output + Tensor.bytes]);
  for (let n = 0, p = words[input + Tensor.address]; n < batch; n++)
    for (let y = 0; y < height; y++) {
      const row = (n + words[before]) * heightOut + y + words[before + 1];
      let q = address + (row * widthOut + words[before + 2]) * lineOut + words[before + 3];
      for (let x = 0; x < width; x++, p += line, q += lineOut) arena.copyWithin(q, p, p + line);
    }
}
