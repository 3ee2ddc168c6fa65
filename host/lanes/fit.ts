/**
 * Requantization as one multiply-add. An int8 output is a step function of the sum v with at most 255 steps, T[q] being the smallest v
 * with an output of q - 128 or more. Since v -> v * m + c increases, floor((v * m + c) / 2^k), kept within 0..255, equals it for all v
 * if and only if m * T[q] + c >= q * 2^k and m * (T[q] - 1) + c < q * 2^k for every q. So a search for m and c that ends is a proof.
 */
import { scaleBy } from '../../src/arithmetic';
import type { Quantization } from '../graph';
import type { Multiplier } from '../multiplier';

export interface Fit {
  /** Of 32 bits, times 2^up. */
  multiplier: number;
  up: number;
  constant: number;
  /** Makes every sum positive. */
  offset: number;
  shift: number;
  step: number;
}

/** T[1] to T[255]: in [lowest, highest + 1]. */
export function thresholds({ multiplier, shift }: Multiplier, { zeroPoint }: Quantization, single: boolean, lowest: number, highest: number): number[] {
  const result = [lowest], factor = multiplier * 2 ** (shift - 31);
  const reaches = (v: number, q: number): boolean => scaleBy(v, multiplier, shift, single) + zeroPoint + 128 >= q;
  for (let q = 1; q <= 255; q++) {
    const guess = Math.floor((q - 128.5 - zeroPoint) / factor);
    let low = Math.min(Math.max(lowest, guess - 4), highest + 1), high = Math.max(Math.min(highest + 1, guess + 4), lowest);
    if (low > lowest && reaches(low - 1, q)) low = lowest;
    if (high <= highest && !reaches(high, q)) high = highest + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (reaches(middle, q)) high = middle;
      else low = middle + 1;
    }
    result.push(low);
  }
  return result;
}

/** What of [low, high] a constant may be so that every step falls where it should. `gap` is added to v * m beyond step `from`. */
function constants(steps: number[], m: bigint, k: number, lowest: number, highest: number, from: number, gap: bigint): [bigint, bigint] {
  let low = -(1n << 62n), high = 1n << 62n;
  for (let q = 1; q <= 255 && low <= high; q++) {
    const t = steps[q], level = BigInt(q) << BigInt(k), extra = q > from ? gap : 0n;
    if (t > lowest) {
      const c = level - 1n - m * BigInt(t - 1) - extra;
      if (c < high) high = c;
    }
    if (t <= highest) {
      const c = level - m * BigInt(t) - extra;
      if (c > low) low = c;
    }
  }
  return [low, high];
}

/** Most that a multiplier is shifted up: what layers of narrow weights, whose sums are small, need. */
const MOST_UP = 12;

/** Multipliers that are tried around the true one. */
const NEIGHBOURS = 64;

const LANE = 1 << 24, TOP = 1n << 47n;
const ceilingShift = (x: bigint): bigint => (x + 16777215n) >> 24n;

/**
 * Single rounding, and double rounding of outputs on one side of zero.
 * @returns undefined where no fit exists
 */
function fitPlain(steps: number[], factor: number, lowest: number, highest: number): Fit | undefined {
  const most = Math.max(-lowest, highest) + 1;
  for (let f = 15; f >= 4; f--) {
    const k = 24 + f, near = Math.round(factor * 2 ** k);
    const up = Math.max(0, Math.ceil(Math.log2(near / (2 ** 32 - 16))));
    if (near < 2 || up > MOST_UP || (most + 1 / factor + 2) * near >= 2 ** 47 || 2 ** 47 / near + most >= LANE) continue;
    for (let d = 0; d <= NEIGHBOURS; d++) {
      const multiplier = Math.round(near / 2 ** up) + (d & 1 ? (d + 1) >> 1 : -(d >> 1)), m = BigInt(multiplier) << BigInt(up),
        [low, high] = constants(steps, m, k, lowest, highest, 256, 0n);
      if (low > high || multiplier < 2) continue;
      const middle = (low + high) >> 1n, start = Number((TOP + middle) / m), range = Number((1n << BigInt(k)) / m);
      for (let offset = start; offset >= start - range && offset >= -lowest; offset--) {
        const base = BigInt(offset) * m - TOP;
        if (low - base < 0n) continue;
        const c = ceilingShift(low - base);
        if (base + (c << 24n) > high) continue;
        if (c >= 1n << BigInt(f)) break;
        if (Number((TOP + m - 1n) / m) - offset > steps[1]) continue;
        if (BigInt(highest + offset) * m >= 1n << 48n || offset + highest >= LANE) continue;
        return { multiplier, up, constant: 8388608 - (256 << f) + Number(c), offset, shift: f, step: 0 };
      }
    }
  }
  return undefined;
}

/** Steps up to which other slopes than the true one are looked for. */
const FEW_STEPS = 16;

/**
 * Where sums reach few steps, as in nearly dead channels, steeper lines than the true one take them all too, and the true one may be too
 * flat for 24 bits.
 * @returns the steepest, or undefined when there are many steps
 */
function steepest(steps: number[], lowest: number, highest: number): number | undefined {
  const reached: [number, number][] = [];
  for (let q = 1; q <= 255; q++) if (steps[q] > lowest && steps[q] <= highest) reached.push([q, steps[q]]);
  if (!reached.length || reached.length > FEW_STEPS) return undefined;
  const [first] = reached[0], [last] = reached[reached.length - 1];
  // Below 0 and above 255 the clamps take over; elsewhere the ends of the range count as well.
  if (first > 1) reached.unshift([first - 1, lowest]);
  if (last < 255) reached.push([last + 1, highest + 1]);
  let slope = Infinity;
  for (const [q, from] of reached) for (const [r, to] of reached) if (r > q && to - 1 > from) slope = Math.min(slope, (r - q) / (to - 1 - from));
  return slope < Infinity ? slope * 0.99 : undefined;
}

/** Double rounding on both sides of zero: the two roundings leave a gap of 2^(k - s) there, which bit 47 of z * m, set from zero on, adds. */
function fitSigned(steps: number[], factor: number, s: number, zero: number, lowest: number, highest: number): Fit | undefined {
  const most = Math.max(-lowest, highest) + 1;
  for (let f = 15; f >= Math.max(4, s); f--) {
    const k = 24 + f, near = Math.round(factor * 2 ** k);
    const up = Math.max(0, Math.ceil(Math.log2(near / (2 ** 32 - 16))));
    if (near < 2 || up > MOST_UP || (most + 2 / factor + 2) * near + 256 * 2 ** k >= 2 ** 47 || 2 ** 47 / near + most + 1 / factor >= LANE) continue;
    for (let d = 0; d <= NEIGHBOURS; d++) {
      const multiplier = Math.round(near / 2 ** up) + (d & 1 ? (d + 1) >> 1 : -(d >> 1)), m = BigInt(multiplier) << BigInt(up),
        [low, high] = constants(steps, m, k, lowest, highest, zero, 1n << BigInt(k - s));
      if (low > high) continue;
      const flip = Number((TOP + m - 1n) / m), from = zero > 0 ? steps[zero] : lowest, to = zero < 255 ? steps[zero + 1] : highest;
      for (let v = from; v <= to; v++) {
        const offset = flip - v;
        if (offset < -lowest) continue;
        const base = BigInt(offset) * m - TOP, c = ceilingShift(low - base);
        if (base + (c << 24n) > high || BigInt(highest + offset) * m >= 1n << 48n || offset + highest >= LANE) continue;
        return { multiplier, up, constant: Number(c), offset, shift: f, step: 23 - f + s };
      }
    }
  }
  return undefined;
}

/** What a channel always gives, + 128, as dead ones do; undefined when it depends on the sum. */
function constantOf({ multiplier, shift }: Multiplier, { zeroPoint }: Quantization, single: boolean, lowest: number, highest: number): number | undefined {
  const [first, last] = [lowest, highest].map((v) => Math.max(0, Math.min(255, scaleBy(v, multiplier, shift, single) + zeroPoint + 128)));
  return first === last ? first : undefined;
}

/**
 * @param m multiplier and shift of the channel
 * @param output of the layer; its clamp must be all of int8
 * @param lowest, highest bounds of the sums
 * @returns undefined where no multiply-add equals the requantization
 */
export function fit(m: Multiplier, output: Quantization, single: boolean, lowest: number, highest: number): Fit | undefined {
  const factor = m.multiplier * 2 ** (m.shift - 31), value = constantOf(m, output, single, lowest, highest);
  if (value !== undefined) return highest - lowest < LANE ? { multiplier: 0, up: 0, constant: value << 15, offset: -lowest, shift: 15, step: 0 } : undefined;
  const steps = thresholds(m, output, single, lowest, highest);
  const plain = single || output.zeroPoint === -128 || m.shift >= 0;
  const found = plain ? fitPlain(steps, factor, lowest, highest) : fitSigned(steps, factor, -m.shift, output.zeroPoint + 128, lowest, highest),
    slope = found ? undefined : steepest(steps, lowest, highest);
  return found ?? (slope && slope > factor ? fitPlain(steps, slope, lowest, highest) : undefined);
}
