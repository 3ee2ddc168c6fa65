import { scaleBy } from '../../src/arithmetic';
import type { Quantization } from '../graph';
import { quantizeMultiplier } from '../multiplier';

export interface AddFit {
  first: number;
  second: number;
  constant: number;
}

const SHIFT = 21, ONE = 2 ** SHIFT;

/**
 * TensorFlow Lite's int8 addition of bytes i = a + 128 and j = b + 128 as clamp(floor((i * first + j * second + constant) / 2^21)), compared for
 * all 65,536 pairs. The clamp must be all of int8.
 * @returns undefined where no constant makes them equal
 */
export function fitAdd(a: Quantization, b: Quantization, output: Quantization, single: boolean): AddFit | undefined {
  const twice = 2 * Math.max(a.scale, b.scale),
    [f, g, h] = [a.scale / twice, b.scale / twice, twice / (2 ** 20 * output.scale)].map(quantizeMultiplier);
  const term = (q: Quantization, m: typeof f, i: number): number => scaleBy((i - 128 - q.zeroPoint) << 20, m.multiplier, m.shift, single);
  const first = Math.round((a.scale / output.scale) * ONE), second = Math.round((b.scale / output.scale) * ONE);
  let low = -Infinity, high = Infinity;
  for (let i = 0; i < 256; i++) {
    const x = term(a, f, i);
    for (let j = 0; j < 256; j++) {
      const result = scaleBy(x + term(b, g, j), h.multiplier, h.shift, single) + output.zeroPoint + 128, y = i * first + j * second;
      if (result > 0 && (Math.min(result, 255)) * ONE - y > low) low = Math.min(result, 255) * ONE - y;
      if (result < 255 && (Math.max(result, 0) + 1) * ONE - 1 - y < high) high = (Math.max(result, 0) + 1) * ONE - 1 - y;
    }
  }
  if (low > high) return undefined;
  const constant = Math.floor((low + high) / 2);
  // Eleven bits, of which one is the sign.
  if (constant < -(2 ** 31) || 255 * (first + second) + constant >= 2 ** 31) return undefined;
  return { first, second, constant };
}
