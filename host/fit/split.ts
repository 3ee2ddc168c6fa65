/** How the RAM of a machine is divided: what a manifest's `creation` asks for, and what the bench gives to XS. */
import type { Engine } from '../../src/model';

/** What XS is told of a machine's memory: bytes, slots, slots, bytes. */
export interface Split {
  ram: number;
  stack: number;
  slots: number;
  chunks: number;
}

const STACK = 400,
  SLOTS = 220,
  CHUNKS = 1024,
  SLOT_BYTES = 16;

/** What XS keeps outside its heaps: the machine itself, and its tables, of four bytes for each name in the library. */
const OWN = 6592;

/**
 * Compiled kernels work in a block of their own, so that XS needs the same for every model; interpreted ones
 * in the chunk heap, which gets all that is left.
 */
export const split = (bytes: number, engine: Engine): Split => ({
  ram: bytes,
  stack: STACK,
  slots: SLOTS,
  chunks: engine === 'compiled' ? CHUNKS : bytes - (STACK + SLOTS) * SLOT_BYTES - OWN,
});

/** `creation` of a manifest, for a model that needs so many bytes; XS's heaps grow where an app needs more. */
export function creationOf(bytes: number, engine: Engine) {
  const { stack, slots, chunks } = split(bytes, engine);
  return {
    static: 0,
    stack,
    heap: { initial: slots, incremental: 64 },
    chunk: { initial: chunks, incremental: CHUNKS },
  };
}
export type Creation = ReturnType<typeof creationOf>;
