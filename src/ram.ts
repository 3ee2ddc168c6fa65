/** What a model takes of a device's RAM, told before it is loaded. */
import { Header, Operator } from './format';
import { operators } from './operators';
import { checkedOf, turnTo } from './operators/operator';

/**
 * Stack, slots and chunks of XS itself, with the library loaded: bytes on a 32-bit engine, measured on the
 * emulated core.
 */
const ENGINE_BYTES = 20 * 1024;

/** Bytes of an element of a plain array on a 32-bit XS. */
const SLOT_BYTES = 16;

/** The most sums that any operator of the model keeps. */
export function sumsNeeded(words: Int32Array): number {
  const c = checkedOf(words);
  let most = 0;
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    turnTo(c, i);
    const { sums } = operators[words[c.at + Operator.code]];
    if (sums) most = Math.max(most, sums(c));
  }
  return most;
}

/**
 * Bytes of everything that a 32-bit XS holds while the model runs: stack, slots, chunks and the arena among
 * them; whole kilobytes.
 * @param words of a verified file
 */
export function ramNeeded(words: Int32Array): number {
  const bytes = ENGINE_BYTES + words[Header.arenaBytes] + sumsNeeded(words) * SLOT_BYTES;
  return Math.ceil(bytes / 1024) * 1024;
}
