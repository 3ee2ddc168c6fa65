import type { Model } from '../state';
import { TILE_SUMS } from './tile';

/**
 * As addChunk, for weights of 4 or 2 bits: two pixels in one local, q = x0 + x1 * 2^16, so that q * w adds to
 * the sums of both.
 *
 * A weight of 4 bits is at least -8, so that |x * w| <= 128 * 8 = 2^10 and a sum over eight taps stays within
 * 2^13. So the lower half of a word holds the first pixel's sum, signed, and the word stays below 2^30; adding
 * 2^15 makes up for what a negative lower half has borrowed from the upper.
 */
// prettier-ignore
export function addNarrowChunk(model: Model, bits: number, next: number, end: number, totals: boolean): void {
  const { words, arena, sums, pointers, taps } = model;
  const p0 = pointers[0], p1 = pointers[1], p2 = pointers[2], p3 = pointers[3];
  const p4 = pointers[4], p5 = pointers[5], p6 = pointers[6], p7 = pointers[7];
  const ta = taps[0], tb = taps[1], tc = taps[2], td = taps[3];
  const te = taps[4], tf = taps[5], tg = taps[6], th = taps[7];
  const q0a = arena[p0 + ta] + arena[p1 + ta] * 65536, q0b = arena[p0 + tb] + arena[p1 + tb] * 65536,
    q0c = arena[p0 + tc] + arena[p1 + tc] * 65536, q0d = arena[p0 + td] + arena[p1 + td] * 65536,
    q0e = arena[p0 + te] + arena[p1 + te] * 65536, q0f = arena[p0 + tf] + arena[p1 + tf] * 65536,
    q0g = arena[p0 + tg] + arena[p1 + tg] * 65536, q0h = arena[p0 + th] + arena[p1 + th] * 65536;
  const q1a = arena[p2 + ta] + arena[p3 + ta] * 65536, q1b = arena[p2 + tb] + arena[p3 + tb] * 65536,
    q1c = arena[p2 + tc] + arena[p3 + tc] * 65536, q1d = arena[p2 + td] + arena[p3 + td] * 65536,
    q1e = arena[p2 + te] + arena[p3 + te] * 65536, q1f = arena[p2 + tf] + arena[p3 + tf] * 65536,
    q1g = arena[p2 + tg] + arena[p3 + tg] * 65536, q1h = arena[p2 + th] + arena[p3 + th] * 65536;
  const q2a = arena[p4 + ta] + arena[p5 + ta] * 65536, q2b = arena[p4 + tb] + arena[p5 + tb] * 65536,
    q2c = arena[p4 + tc] + arena[p5 + tc] * 65536, q2d = arena[p4 + td] + arena[p5 + td] * 65536,
    q2e = arena[p4 + te] + arena[p5 + te] * 65536, q2f = arena[p4 + tf] + arena[p5 + tf] * 65536,
    q2g = arena[p4 + tg] + arena[p5 + tg] * 65536, q2h = arena[p4 + th] + arena[p5 + th] * 65536;
  const q3a = arena[p6 + ta] + arena[p7 + ta] * 65536, q3b = arena[p6 + tb] + arena[p7 + tb] * 65536,
    q3c = arena[p6 + tc] + arena[p7 + tc] * 65536, q3d = arena[p6 + td] + arena[p7 + td] * 65536,
    q3e = arena[p6 + te] + arena[p7 + te] * 65536, q3f = arena[p6 + tf] + arena[p7 + tf] * 65536,
    q3g = arena[p6 + tg] + arena[p7 + tg] * 65536, q3h = arena[p6 + th] + arena[p7 + th] * 65536;
  let s: number;
  if (totals) {
    s = q0a + q0b + q0c + q0d + q0e + q0f + q0g + q0h;
    sums[TILE_SUMS] += (s << 16) >> 16;
    sums[TILE_SUMS + 1] += (s + 32768) >> 16;
    s = q1a + q1b + q1c + q1d + q1e + q1f + q1g + q1h;
    sums[TILE_SUMS + 2] += (s << 16) >> 16;
    sums[TILE_SUMS + 3] += (s + 32768) >> 16;
    s = q2a + q2b + q2c + q2d + q2e + q2f + q2g + q2h;
    sums[TILE_SUMS + 4] += (s << 16) >> 16;
    sums[TILE_SUMS + 5] += (s + 32768) >> 16;
    s = q3a + q3b + q3c + q3d + q3e + q3f + q3g + q3h;
    sums[TILE_SUMS + 6] += (s << 16) >> 16;
    sums[TILE_SUMS + 7] += (s + 32768) >> 16;
  }
  for (let j = 0, i = next; j < end; j += 8, i += 1) {
    let a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number;
    if (bits === 4) {
      const v = words[i];
      a = (v << 28) >> 28, b = (v << 24) >> 28, c = (v << 20) >> 28, d = (v << 16) >> 28;
      e = (v << 12) >> 28, f = (v << 8) >> 28, g = (v << 4) >> 28, h = v >> 28;
    } else {
      const v = words[i >> 1] >> ((i & 1) << 4); // i counts half words
      a = (v << 30) >> 30, b = (v << 28) >> 30, c = (v << 26) >> 30, d = (v << 24) >> 30;
      e = (v << 22) >> 30, f = (v << 20) >> 30, g = (v << 18) >> 30, h = (v << 16) >> 30;
    }
    s = q0a * a + q0b * b + q0c * c + q0d * d + q0e * e + q0f * f + q0g * g + q0h * h;
    sums[j] += (s << 16) >> 16;
    sums[j + 1] += (s + 32768) >> 16;
    s = q1a * a + q1b * b + q1c * c + q1d * d + q1e * e + q1f * f + q1g * g + q1h * h;
    sums[j + 2] += (s << 16) >> 16;
    sums[j + 3] += (s + 32768) >> 16;
    s = q2a * a + q2b * b + q2c * c + q2d * d + q2e * e + q2f * f + q2g * g + q2h * h;
    sums[j + 4] += (s << 16) >> 16;
    sums[j + 5] += (s + 32768) >> 16;
    s = q3a * a + q3b * b + q3c * c + q3d * d + q3e * e + q3f * f + q3g * g + q3h * h;
    sums[j + 6] += (s << 16) >> 16;
    sums[j + 7] += (s + 32768) >> 16;
  }
}
