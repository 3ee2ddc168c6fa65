import type { Model } from '../state';
import { TILE_SUMS } from './tile';

/**
 * Adds the products of eight taps (model.taps: their offsets) of the tile's eight pixels (model.pointers) to
 * model.sums: the 64 inputs are loaded into locals and used for all of a group's output channels. That way a
 * multiply-add costs an eighth of a typed-array read, which is what XS is slow at.
 *
 * @param next word of the chunk's first weights
 * @param end eight times the output channels
 * @param totals whether to add the inputs up, too, behind the sums
 */
// prettier-ignore
export function addChunk(model: Model, next: number, end: number, totals: boolean): void {
  const { words, arena, sums, pointers, taps } = model;
  const p0 = pointers[0], p1 = pointers[1], p2 = pointers[2], p3 = pointers[3];
  const p4 = pointers[4], p5 = pointers[5], p6 = pointers[6], p7 = pointers[7];
  const ta = taps[0], tb = taps[1], tc = taps[2], td = taps[3];
  const te = taps[4], tf = taps[5], tg = taps[6], th = taps[7];
  const x0a = arena[p0 + ta], x0b = arena[p0 + tb], x0c = arena[p0 + tc], x0d = arena[p0 + td],
    x0e = arena[p0 + te], x0f = arena[p0 + tf], x0g = arena[p0 + tg], x0h = arena[p0 + th];
  const x1a = arena[p1 + ta], x1b = arena[p1 + tb], x1c = arena[p1 + tc], x1d = arena[p1 + td],
    x1e = arena[p1 + te], x1f = arena[p1 + tf], x1g = arena[p1 + tg], x1h = arena[p1 + th];
  const x2a = arena[p2 + ta], x2b = arena[p2 + tb], x2c = arena[p2 + tc], x2d = arena[p2 + td],
    x2e = arena[p2 + te], x2f = arena[p2 + tf], x2g = arena[p2 + tg], x2h = arena[p2 + th];
  const x3a = arena[p3 + ta], x3b = arena[p3 + tb], x3c = arena[p3 + tc], x3d = arena[p3 + td],
    x3e = arena[p3 + te], x3f = arena[p3 + tf], x3g = arena[p3 + tg], x3h = arena[p3 + th];
  const x4a = arena[p4 + ta], x4b = arena[p4 + tb], x4c = arena[p4 + tc], x4d = arena[p4 + td],
    x4e = arena[p4 + te], x4f = arena[p4 + tf], x4g = arena[p4 + tg], x4h = arena[p4 + th];
  const x5a = arena[p5 + ta], x5b = arena[p5 + tb], x5c = arena[p5 + tc], x5d = arena[p5 + td],
    x5e = arena[p5 + te], x5f = arena[p5 + tf], x5g = arena[p5 + tg], x5h = arena[p5 + th];
  const x6a = arena[p6 + ta], x6b = arena[p6 + tb], x6c = arena[p6 + tc], x6d = arena[p6 + td],
    x6e = arena[p6 + te], x6f = arena[p6 + tf], x6g = arena[p6 + tg], x6h = arena[p6 + th];
  const x7a = arena[p7 + ta], x7b = arena[p7 + tb], x7c = arena[p7 + tc], x7d = arena[p7 + td],
    x7e = arena[p7 + te], x7f = arena[p7 + tf], x7g = arena[p7 + tg], x7h = arena[p7 + th];
  if (totals) {
    sums[TILE_SUMS] += x0a + x0b + x0c + x0d + x0e + x0f + x0g + x0h;
    sums[TILE_SUMS + 1] += x1a + x1b + x1c + x1d + x1e + x1f + x1g + x1h;
    sums[TILE_SUMS + 2] += x2a + x2b + x2c + x2d + x2e + x2f + x2g + x2h;
    sums[TILE_SUMS + 3] += x3a + x3b + x3c + x3d + x3e + x3f + x3g + x3h;
    sums[TILE_SUMS + 4] += x4a + x4b + x4c + x4d + x4e + x4f + x4g + x4h;
    sums[TILE_SUMS + 5] += x5a + x5b + x5c + x5d + x5e + x5f + x5g + x5h;
    sums[TILE_SUMS + 6] += x6a + x6b + x6c + x6d + x6e + x6f + x6g + x6h;
    sums[TILE_SUMS + 7] += x7a + x7b + x7c + x7d + x7e + x7f + x7g + x7h;
  }
  for (let j = 0, i = next; j < end; j += 8, i += 2) {
    const v = words[i], u = words[i + 1];
    const a = (v << 24) >> 24, b = (v << 16) >> 24, c = (v << 8) >> 24, d = v >> 24;
    const e = (u << 24) >> 24, f = (u << 16) >> 24, g = (u << 8) >> 24, h = u >> 24;
    sums[j] += x0a * a + x0b * b + x0c * c + x0d * d + x0e * e + x0f * f + x0g * g + x0h * h;
    sums[j + 1] += x1a * a + x1b * b + x1c * c + x1d * d + x1e * e + x1f * f + x1g * g + x1h * h;
    sums[j + 2] += x2a * a + x2b * b + x2c * c + x2d * d + x2e * e + x2f * f + x2g * g + x2h * h;
    sums[j + 3] += x3a * a + x3b * b + x3c * c + x3d * d + x3e * e + x3f * f + x3g * g + x3h * h;
    sums[j + 4] += x4a * a + x4b * b + x4c * c + x4d * d + x4e * e + x4f * f + x4g * g + x4h * h;
    sums[j + 5] += x5a * a + x5b * b + x5c * c + x5d * d + x5e * e + x5f * f + x5g * g + x5h * h;
    sums[j + 6] += x6a * a + x6b * b + x6c * c + x6d * d + x6e * e + x6f * f + x6g * g + x6h * h;
    sums[j + 7] += x7a * a + x7b * b + x7c * c + x7d * d + x7e * e + x7f * f + x7g * g + x7h * h;
  }
}
