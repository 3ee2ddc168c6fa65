import type { Model } from '../state';
import { Operator, Tensor } from '../format';
import { tensorRecord } from '../state';
import { scaleBy, scaleDown } from './arithmetic';
import { COMPILED } from './compiled';
import { HIGHEST_SHIFT, clampIsInt8, inFile, int8At, lastDimension, type Checked } from './operator';

/**
 * Requantization of 32-bit sums to int8, per output channel: a multiplier in [2^30, 2^31) and a shift
 * (negative: to the right), as TensorFlow Lite's MultiplyByQuantizedMultiplier takes them, then + zero point,
 * then the clamp. Operators with weights begin so.
 */
export const enum Requantization {
  // offset of int32 per channel; with the input's zero point in it but for fully connected layers
  bias = Operator.words,
  multipliers, // offset of int32 per channel
  shifts, // offset of int8 per channel
  wide, // 1 when a sum may leave [-2^25, 2^25) or a shift is not negative: the slower exact path is taken
  minimum, // the fused activation's clamp
  maximum,
  words,
}

/** What is wrong with the parameters: one of each per output channel, shifts within a 32-bit word. */
export function checkRequantization(c: Checked): string {
  const { words, at } = c;
  const channels = lastDimension(c, c.output);
  const fits =
    inFile(c, Requantization.bias, channels * 4) && inFile(c, Requantization.multipliers, channels * 4);
  if (!fits || !inFile(c, Requantization.shifts, channels))
    return 'its biases or multipliers lie outside the file';
  if (!clampIsInt8(c, Requantization.minimum)) return 'its clamp is no range of int8';
  const multipliers = words[at + Requantization.multipliers] >> 2;
  for (let i = 0; i < channels; i++) {
    const shift = int8At(words, words[at + Requantization.shifts] + i);
    const highest = words[at + Requantization.wide] === 0 ? -1 : HIGHEST_SHIFT;
    if (words[multipliers + i] < 0 || shift < -31 || shift > highest)
      return `its output channel ${i} cannot be requantized`;
  }
  return '';
}

/**
 * Requantizes model.sums and writes them as int8: sums[from + c * pitch + i] is pixel i of output channel
 * first + c and goes to arena[address + i * outputs + c].
 *
 * Three loops, so that nothing is decided for each sum. Interpreted, scaleDown stands here itself: a call
 * would cost as much as the rest.
 *
 * @param at word index of the operator's record, one that begins with Requantization
 */
export function requantize(
  model: Model,
  at: number,
  first: number,
  channels: number,
  pixels: number,
  pitch: number,
  address: number,
  from: number,
): void {
  const { words, bytes, arena, sums, single } = model;
  const output = tensorRecord(words, words[at + Operator.output]);
  const outputs = words[output + Tensor.shape + words[output + Tensor.rank] - 1],
    zeroPoint = words[output + Tensor.zeroPoint];
  const minimum = words[at + Requantization.minimum],
    maximum = words[at + Requantization.maximum],
    wide = words[at + Requantization.wide];
  const multipliers = (words[at + Requantization.multipliers] >> 2) + first,
    shifts = words[at + Requantization.shifts] + first;

  for (let c = 0; c < channels; c++) {
    const multiplier = words[multipliers + c],
      shift = bytes[shifts + c],
      begin = from + c * pitch,
      end = begin + pixels;
    let p = address + c;
    if (wide) {
      for (let j = begin; j < end; j++) {
        const v = scaleBy(sums[j], multiplier, shift, single) + zeroPoint;
        arena[p] = v < minimum ? minimum : v > maximum ? maximum : v;
        p += outputs;
      }
      continue;
    }
    const mh = multiplier >> 16,
      ml = multiplier & 65535,
      right = -shift;
    if (single) {
      const half = 1 << right,
        right1 = right + 1;
      for (let j = begin; j < end; j++) {
        let v = sums[j];
        if (COMPILED) v = scaleDown(v, multiplier);
        else {
          const h = v >> 15,
            l = v & 32767;
          v = h * mh * 2 + ((((h * ml + ((l * ml) >> 15)) >> 1) + l * mh) >> 14);
        }
        v = ((v + half) >> right1) + zeroPoint;
        if (v < minimum) v = minimum;
        else if (v > maximum) v = maximum;
        arena[p] = v;
        p += outputs;
      }
    } else {
      const half = 1 << (right - 1);
      for (let j = begin; j < end; j++) {
        let v = sums[j];
        if (COMPILED) v = scaleDown(v, multiplier);
        else {
          const h = v >> 15,
            l = v & 32767;
          v = h * mh * 2 + ((((h * ml + ((l * ml) >> 15)) >> 1) + l * mh) >> 14);
        }
        v = (v + 1) >> 1;
        v = ((v + half + (v >> 31)) >> right) + zeroPoint;
        if (v < minimum) v = minimum;
        else if (v > maximum) v = maximum;
        arena[p] = v;
        p += outputs;
      }
    }
  }
}
