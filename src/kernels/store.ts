import type { Model } from '../model';
import { scaleBy } from '../arithmetic';
import { Operator, Output, Tensor } from '../format';
import { tensorRecord } from '../tensor';

/**
 * Requantizes model.sums and writes them as int8: sums[c * pitch + i] is pixel i of output channel first + c and goes
 * to arena[address + i * outputs + c].
 *
 * The usual path is exact for |v| < 2^25: with v = h * 2^11 + l and the multiplier mh * 2^16 + ml, every partial product
 * fits 32 bits, and q = floor(v * multiplier / 2^30) is all that either rounding needs.
 *
 * @param at word index of the operator's record, one that has Output words
 */
export function store(
  model: Model, at: number, first: number, channels: number, pixels: number, pitch: number, address: number,
): void {
  const { words, bytes, arena, sums, single } = model;
  const output = tensorRecord(model, words[at + Operator.output]);
  const outputs = words[output + Tensor.shape + words[output + Tensor.rank] - 1], zeroPoint = words[output + Tensor.zeroPoint];
  const minimum = words[at + Output.minimum], maximum = words[at + Output.maximum], wide = words[at + Output.wide];
  const multipliers = (words[at + Output.multipliers] >> 2) + first, shifts = words[at + Output.shifts] + first;

  for (let c = 0; c < channels; c++) {
    const multiplier = words[multipliers + c], shift = bytes[shifts + c];
    const mh = multiplier >> 16, ml = multiplier & 65535;
    const right = -shift, half = 1 << (right - 1), one = half << 1, right1 = right + 1;
    let p = address + c;
    for (let j = c * pitch, end = j + pixels; j < end; j++) {
      let v = sums[j];
      if (wide) v = scaleBy(v, multiplier, shift, single);
      else {
        const h = v >> 11, l = v & 2047;
        v = (h * mh + ((l * mh + ((h * ml + ((l * ml) >> 11)) >> 5)) >> 11)) >> 3;
        if (single) v = (v + one) >> right1;
        else {
          v = (v + 1) >> 1;
          v = (v < 0 ? v + half - 1 : v + half) >> right;
        }
      }
      v += zeroPoint;
      arena[p] = v < minimum ? minimum : v > maximum ? maximum : v;
      p += outputs;
    }
  }
}
