/**
 * The layout the lane kernels work in: bytes q + 128 of three channels interleaved. Byte 3 * (y * pitch + x) + c % 3 of block
 * c / 3 is channel c of pixel (y, x). A row has pitch - width pixels of zeros behind it, which stand for the padding on both sides.
 * So (bytes >> 8 * (c % 3)) & MASK is a whole channel with a lane of 24 bits for each pixel: no conversion at all.
 */
import type { Model } from '../model';
import { bigIntOf, bytesOf, repeat } from '../bigint';

export const LANE = 24;

/** Bytes of one block of three channels. */
export const blockBytes = (height: number, pitch: number): number => (3 * height * pitch + 3) & ~3;

export const planesBytes = (height: number, pitch: number, channels: number): number => blockBytes(height, pitch) * Math.ceil(channels / 3);

/** A number with `value` in each of `count` lanes. */
export const lanes = (value: number, count: number): bigint => repeat(BigInt(value), LANE, count);

/**
 * `count` rows of a block, every `step`-th from row `first` on, one behind the other.
 * @param address of the block in the arena
 */
export function rowsOf(model: Model, address: number, pitch: number, first: number, step: number, count: number): bigint {
  const size = 3 * pitch, begin = address + first * size;
  if (step === 1) return bigIntOf((model.arena.buffer as ArrayBuffer).slice(begin, begin + count * size));
  const copy = (model.arena.buffer as ArrayBuffer).slice(begin, begin + ((count - 1) * step + 1) * size), bytes = new Uint8Array(copy);
  for (let i = 1; i < count; i++) bytes.copyWithin(i * size, i * step * size, (i * step + 1) * size);
  return bigIntOf(copy.slice(0, count * size));
}

/** Moves rows of `width` lanes from one pitch to another, either way. */
export function repitch(value: bigint, from: number, to: number, width: number, count: number): bigint {
  return bigIntOf(moveRows(bytesOf(value, 3 * count * (from > to ? from : to)), from, to, width, count).slice(0, 3 * count * to));
}

/** In place; lanes between the rows become zero when they move apart, and must have been when they move together. */
function moveRows(buffer: ArrayBuffer, from: number, to: number, width: number, count: number): ArrayBuffer {
  const bytes = new Uint8Array(buffer);
  if (from > to) for (let i = 1; i < count; i++) bytes.copyWithin(3 * i * to, 3 * i * from, 3 * (i * from + to));
  else if (from < to) {
    for (let i = count - 1; i >= 0; i--) {
      if (i) bytes.copyWithin(3 * i * to, 3 * i * from, 3 * (i * from + width));
      bytes.fill(0, 3 * (i * to + width), 3 * (i + 1) * to);
    }
  }
  return buffer;
}

/**
 * Writes rows of a block, whose bytes have the pitch `from`, at the pitch `to`. Where that is larger, the buffer has room for it.
 * @param address of the first row in the arena
 * @param width lanes of a row that are no zeros
 */
export function putRows(model: Model, buffer: ArrayBuffer, from: number, to: number, count: number, address: number, width = to): void {
  model.arena.set(new Int8Array(moveRows(buffer, from, to, width, count), 0, 3 * count * to), address);
}

/** Masks for halve: lanes x in [2w, 3w) of every 4w, for w = 1, 2, 4..., in rows of `pitch` lanes. */
export function halvingMasks(width: number, pitch: number, rows: number): bigint[] {
  const masks: bigint[] = [], row = (1n << BigInt(LANE * pitch)) - 1n;
  for (let w = 1; w < width; w *= 2) {
    const pattern = ((1n << BigInt(LANE * w)) - 1n) << BigInt(LANE * 2 * w);
    masks.push(repeat(repeat(pattern, LANE * 4 * w, Math.ceil(pitch / (4 * w))) & row, LANE * pitch, rows));
  }
  return masks;
}

/** Moves the lanes at even places of each row together; those at odd ones must be zero. */
export function halve(value: bigint, masks: bigint[]): bigint {
  for (let i = 0; i < masks.length; i++) {
    const moving = value & masks[i];
    value = (value ^ moving) | (moving >> BigInt(LANE << i));
  }
  return value;
}
