/** What a model takes of a device's RAM, told before it is loaded. */
import { Header, Operator } from './format';
import { operators } from './operators';
import { checkedOf, turnTo, type Checked } from './operators/operator';
import type { Engine } from './state';

/**
 * Stack, slots and chunks of XS itself, with the library loaded: bytes on a 32-bit engine, measured on the
 * emulated core.
 */
const ENGINE_BYTES = 20 * 1024;

/** Bytes of an element of a plain array on a 32-bit XS, where interpreted kernels sum; compiled ones have int32. */
const SLOT_BYTES = 16,
  INT_BYTES = 4;

/** Integers that one operator of a verified file keeps in model.sums. */
function sumsAt(c: Checked, index: number): number {
  turnTo(c, index);
  const code = c.words[c.at + Operator.code];
  return operators[code].sums?.(c) ?? 0;
}

/**
 * The same, by the operator's place.
 *
 * @compiled checks
 */
export function sumsOf(words: Int32Array, index: number): number {
  const c = checkedOf(words);
  return sumsAt(c, index);
}

/**
 * The most sums that any operator of a verified file keeps.
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
 * Bytes of everything that a 32-bit XS holds while the model runs: stack, slots, chunks and the arena among
 * them; whole kilobytes.
 * @param words of a verified file
 * @param sums sumsNeeded, where it is known
 */
export function ramNeeded(words: Int32Array, engine: Engine = 'compiled', sums = sumsNeeded(words)): number {
  const bytes =
    ENGINE_BYTES + words[Header.arenaBytes] + sums * (engine === 'compiled' ? INT_BYTES : SLOT_BYTES);
  return Math.ceil(bytes / 1024) * 1024;
}
