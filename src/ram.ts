/** What a model takes of a device's RAM, told before it is loaded. */
import { Header, Operator } from './format';
import { operators } from './operators';
import { checkedOf, turnTo, type Checked } from './operators/operator';
import { SHARED_WORK, TWO_CORES } from './operators/compiled';
import { CONV_TILE } from './operators/tile';
import type { Engine } from './state';

/**
 * Stack, slots and chunks of XS itself, with the library loaded: bytes on a 32-bit engine, measured on the
 * emulated core.
 */
const ENGINE_BYTES = 17_536;

/** Bytes of an element of a plain array on a 32-bit XS, where interpreted kernels sum; compiled ones have int32. */
const SLOT_BYTES = 16,
  INT_BYTES = 4;

/** Integers that one operator of a verified file keeps in model.sums. */
function sumsAt(c: Checked, index: number): number {
  turnTo(c, index);
  const code = c.words[c.at + Operator.code];
  return operators[code].sums?.(c) ?? 0;
}

/** Integers that the second core's strip takes, of an operator that two share; -1 of one that a core runs alone. */
function stripAt(c: Checked, index: number): number {
  if (!TWO_CORES) return -1;
  turnTo(c, index);
  const code = c.words[c.at + Operator.code],
    rows = operators[code].rows?.(c) ?? 0,
    work = operators[code].work?.(c) ?? 0;
  return rows < 2 || work < SHARED_WORK ? -1 : ((operators[code].scratch?.(c) ?? 0) + 3) >> 2;
}

/** Integers that its compiled kernel keeps in model.pointers, model.sums and model.taps; the second core's, too. */
function scratchAt(c: Checked, index: number): number {
  const sums = sumsAt(c, index),
    code = c.words[c.at + Operator.code],
    taps = operators[code].taps?.(c) ?? 0,
    own = CONV_TILE.pixels + sums + CONV_TILE.taps + taps,
    strip = stripAt(c, index);
  return strip < 0 ? own : strip + 2 * own;
}

/**
 * Sums of the operator at a place.
 *
 * @compiled checks
 */
export function sumsOf(words: Int32Array, index: number): number {
  const c = checkedOf(words);
  return sumsAt(c, index);
}

/**
 * What the compiled kernel of the operator at a place keeps: pointers, then sums, then taps. Where two cores share
 * it, the second one's strip comes first, then what each of them keeps.
 *
 * @compiled checks
 */
export function scratchOf(words: Int32Array, index: number): number {
  const c = checkedOf(words);
  return scratchAt(c, index);
}

/**
 * Integers of the second core's strip, of the operator at a place; -1 where a core runs it alone.
 *
 * @compiled checks
 */
export function stripOf(words: Int32Array, index: number): number {
  const c = checkedOf(words);
  return stripAt(c, index);
}

/**
 * The most that any operator's compiled kernel keeps.
 *
 * @compiled checks
 */
export function scratchNeeded(words: Int32Array): number {
  const c = checkedOf(words);
  let most = 0;
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    const scratch = scratchAt(c, i);
    if (scratch > most) most = scratch;
  }
  return most;
}

/**
 * The most sums that any operator of a verified file keeps: what interpreted kernels need.
 *
 * @compiled checks
 */
export function sumsNeeded(words: Int32Array): number {
  const c = checkedOf(words);
  let most = 0;
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    const sums = sumsAt(c, i);
    if (sums > most) most = sums;
  }
  return most;
}

/**
 * Bytes of the one block that compiled kernels work in: the arena, and their scratch behind it.
 * @param words of a verified file
 */
export const blockNeeded = (words: Int32Array, scratch = scratchNeeded(words)): number =>
  words[Header.arenaBytes] + scratch * INT_BYTES;

/**
 * Bytes of everything that a 32-bit XS holds while the model runs: stack, slots, chunks and the arena among
 * them; whole kilobytes.
 * @param words of a verified file
 * @param scratch integers that kernels keep, where they are known: scratchNeeded or sumsNeeded
 */
export function ramNeeded(
  words: Int32Array,
  engine: Engine = 'compiled',
  scratch = engine === 'compiled' ? scratchNeeded(words) : sumsNeeded(words),
): number {
  const memory =
      engine === 'compiled' ? blockNeeded(words, scratch) : words[Header.arenaBytes] + scratch * SLOT_BYTES,
    bytes = ENGINE_BYTES + memory;
  return Math.ceil(bytes / 1024) * 1024;
}
