/**
 * Requantization of lanes, fitted when the model was packed: the int8 output is a step function of the sum, and the packer has
 * proved for each channel that the multiply-add below takes every one of its 255 steps where MultiplyByQuantizedMultiplier, the
 * zero point and the clamp take it; see host/lanes/fit.ts.
 */
import { LanesOutput } from '../format';
import type { Model } from '../model';
import { repeat } from '../bigint';
import { LANE, lanes } from './planes';

/** What all channels share, for `count` lanes. */
export interface Requantizer {
  even: bigint;
  odd: bigint;
  /** 1 in every lane but the lowest. */
  one: bigint;
  /** Bit 23 of the same lanes. */
  high: bigint;
  /** 255 in each kept lane, at its first, second and third byte. */
  keep: bigint[];
}

/** @param kept 1 in each of `count` lanes whose result is wanted */
export function requantizer(count: number, kept: bigint): Requantizer {
  const one = lanes(1, count) << 24n, keep = kept * 255n;
  return {
    even: repeat(0xffffffn, 2 * LANE, (count + 2) >> 1),
    odd: repeat(0xffffffn, 2 * LANE, (count + 1) >> 1) << 24n,
    one, high: one << 23n, keep: [keep, keep << 8n, keep << 16n],
  };
}

/**
 * The bytes of one channel, q + 128 at byte `place` of each lane.
 *
 * floor(z * m / 2^24) lands one lane higher: even and odd lanes are multiplied apart, so that products have two lanes of room.
 * Below zero it has bit 23 clear and above 255 set after the constant, which the two clamps use.
 *
 * @param z sums plus the channel's offset, in count lanes
 * @param at word index of the channel's LanesOutput record
 */
export function requantize({ words }: Model, z: bigint, at: number, place: number, r: Requantizer): bigint {
  const { even, odd, one, high } = r, shifts = words[at + LanesOutput.shift], f = shifts & 255, step = words[at + LanesOutput.step];
  let m = BigInt(words[at + LanesOutput.multiplier] >>> 0);
  if (shifts > 255) m = m << BigInt(shifts >> 8);
  let d = (((z & even) * m) & odd) | (((z & odd) * m) & even);
  let h = d & high;
  if (step) {
    // Double rounding of a signed output: values on the far side of zero lie 2^(24 + f - s) further; see fit.ts.
    d = d + (h >> BigInt(step)) + one * BigInt(words[at + LanesOutput.constant]);
    h = d & high;
    d = (d & (h - (h >> 23n))) + one * BigInt(8388608 - (256 << f));
  } else d = (d & (h - (h >> 23n))) + one * BigInt(words[at + LanesOutput.constant]);
  h = d & high;
  return ((d | (h - (h >> 23n))) >> BigInt(24 + f - 8 * place)) & r.keep[place];
}

