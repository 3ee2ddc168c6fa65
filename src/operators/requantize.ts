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
  wide, // 1 when a sum may leave [-2^29, 2^29) or a shift lies not in -30 to -1: the slower exact path is taken
  minimum, // the fused activation's clamp
  maximum,
  words,
}

/** Products of a sum that is not wide: each is at most 255 * 128 and all of them, with the bias, below 2^29. */
export const NARROW_PRODUCTS = 8192,
  NARROW_BIAS = 1 << 28;

/** The lowest shift of sums that are not wide: one more is shifted when rounding once. */
export const NARROW_SHIFT = -30;

/**
 * What is wrong with the parameters: one of each per output channel, shifts within a 32-bit word, sums as large
 * as the record says.
 * @param products at most so many of an input and a weight are added
 */
export function checkRequantization(c: Checked, products: number): string {
  const { words, at } = c;
  const channels = lastDimension(c, c.output);
  const fits =
    inFile(c, Requantization.bias, channels * 4) && inFile(c, Requantization.multipliers, channels * 4);
  if (!fits || !inFile(c, Requantization.shifts, channels))
    return 'its biases or multipliers lie outside the file';
  if (!clampIsInt8(c, Requantization.minimum)) return 'its clamp is no range of int8';
  const multipliers = words[at + Requantization.multipliers] >> 2,
    bias = words[at + Requantization.bias] >> 2,
    narrow = words[at + Requantization.wide] === 0,
    highest = narrow ? -1 : HIGHEST_SHIFT,
    lowest = narrow ? NARROW_SHIFT : -31;
  if (narrow && products > NARROW_PRODUCTS) return `it says that sums of ${products} products are narrow`;
  for (let i = 0; i < channels; i++) {
    const shift = int8At(words, words[at + Requantization.shifts] + i);
    if (words[multipliers + i] < 0 || shift < lowest || shift > highest)
      return `its output channel ${i} cannot be requantized`;
    if (narrow && Math.abs(words[bias + i]) >= NARROW_BIAS)
      return `it says that sums are narrow whose bias is ${words[bias + i]}`;
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
      // Clamped before the zero point is added, which what is near the limits of int32 has no room for.
      for (let j = begin; j < end; j++) {
        const v = scaleBy(sums[j] | 0, multiplier, shift, single);
        arena[p] = v < minimum - zeroPoint ? minimum : v > maximum - zeroPoint ? maximum : v + zeroPoint;
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
