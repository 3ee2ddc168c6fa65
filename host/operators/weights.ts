/** How a layer's weights lie in flash: how wide they are, and in which order the kernels read them. */
import { FC_GROUP } from '../../src/operators/fully-connected';
import { CONV_TILE } from '../../src/operators/tile';

/** How a layer's weights are stored. */
export interface Storage {
  bits: 2 | 4 | 8;
  /** By output channel: weights are what is stored minus this. Undefined where they are what is stored. */
  zeroPoints?: Int8Array;
}

/** Bits that hold all of these integers: 2 (-2..1), 4 (-8..7) or 8. */
export function weightBits(weights: Int8Array): 2 | 4 | 8 {
  let low = 0,
    high = 0;
  for (const w of weights) ((low = Math.min(low, w)), (high = Math.max(high, w)));
  return low >= -2 && high <= 1 ? 2 : low >= -8 && high <= 7 ? 4 : 8;
}

/**
 * Taps of a channel from which on a zero point's own byte, and its part of the sums, are worth narrower
 * weights.
 */
const WORTH_ZERO_POINTS = 16;

/**
 * The narrowest storage: weights whose range is not symmetric fit fewer bits with a zero point for each
 * output channel.
 * @param weights [output][tap]
 */
export function weightStorage(weights: Int8Array, outputs: number): Storage {
  const bits = weightBits(weights),
    taps = weights.length / outputs,
    low = new Int8Array(outputs),
    high = new Int8Array(outputs);
  weights.forEach((w, i) => {
    const o = Math.floor(i / taps);
    if (w < low[o]) low[o] = w;
    if (w > high[o]) high[o] = w;
  });
  const range = Math.max(...low.map((l, o) => Math.min(127, high[o] - l))),
    narrow = range < 4 ? 2 : range < 16 ? 4 : 8;
  if (narrow >= bits || taps < WORTH_ZERO_POINTS) return { bits };
  return { bits: narrow, zeroPoints: low.map((l) => -l - 2 ** (narrow - 1)) };
}

/** Bytes up to a whole word, at which the next part of a file begins. */
export const inWords = (bytes: number): number => (bytes + 3) & ~3;

/** Bytes in the file of weights that are stored so. */
export const storedBytes = (data: Uint8Array, { zeroPoints }: Storage): number =>
  inWords(data.length) + (zeroPoints ? inWords(zeroPoints.length) : 0);

/** What is stored. @param weights [output][tap] */
export const stored = (weights: Int8Array, { zeroPoints }: Storage): Int8Array =>
  zeroPoints
    ? weights.map((w, i) => w + zeroPoints[Math.floor((i * zeroPoints.length) / weights.length)])
    : weights;

/** Integers of so many bits, the first in the lowest bits of the first byte; filled up to whole words. */
export function packBits(values: ArrayLike<number>, bits: number): Uint8Array {
  const each = 8 / bits,
    bytes = new Uint8Array(inWords(Math.ceil(values.length / each))),
    mask = 2 ** bits - 1;
  for (let i = 0; i < values.length; i++)
    bytes[Math.floor(i / each)] |= (values[i] & mask) << (bits * (i % each));
  return bytes;
}

/** A convolution's weights as the kernel reads them; see CONV_TILE. @param weights [output][tap] */
export function tiled(weights: Int8Array, outputs: number, storage: Storage): Uint8Array {
  const { bits, zeroPoints } = storage,
    narrow = stored(weights, storage),
    taps = weights.length / outputs,
    chunks = Math.ceil(taps / CONV_TILE.taps);
  const result = new Int8Array(chunks * CONV_TILE.taps * outputs);
  let i = 0;
  for (let group = 0; group < outputs; group += CONV_TILE.outputs)
    for (let chunk = 0; chunk < chunks; chunk++)
      for (let o = group; o < Math.min(outputs, group + CONV_TILE.outputs); o++)
        for (let tap = chunk * CONV_TILE.taps, k = 0; k < CONV_TILE.taps; k++, tap++, i++)
          result[i] = tap < taps ? narrow[o * taps + tap] : (zeroPoints?.[o] ?? 0);
  return packBits(result, bits);
}

/**
 * A fully connected layer's weights as the kernel reads them; see FC_GROUP. @param weights [output][input]
 */
export function grouped(weights: Int8Array, outputs: number, storage: Storage): Uint8Array {
  const { bits } = storage,
    narrow = stored(weights, storage),
    inputs = weights.length / outputs,
    whole = outputs - (outputs % FC_GROUP);
  const groups = new Int8Array(whole * inputs),
    rest = new Int8Array(Math.ceil((outputs - whole) / 4) * 4 * inputs);
  for (let o = 0; o < whole; o++)
    for (let i = 0; i < inputs; i++)
      groups[(o - (o % FC_GROUP)) * inputs + i * FC_GROUP + (o % FC_GROUP)] = narrow[o * inputs + i];
  // Outputs beyond the last whole group are few, and stay as they are.
  for (let o = whole, k = 0; o < outputs; o++, k++)
    for (let i = 0; i < inputs; i++) rest[(k - (k % 4)) * inputs + i * 4 + (k % 4)] = weights[o * inputs + i];
  const packed = packBits(groups, bits).subarray(0, (groups.length * bits) / 8),
    result = new Uint8Array(packed.length + rest.length);
  result.set(packed);
  result.set(new Uint8Array(rest.buffer), packed.length);
  return result;
}
