/** How the RAM of a machine is divided: as src/README.md advises for a manifest, and as the bench gives it to XS. */

/** What XS is told of a machine's memory: bytes, slots, slots, bytes. */
export interface Split {
  ram: number;
  stack: number;
  slots: number;
  chunks: number;
}

const STACK = 400,
  SLOTS = 220,
  SLOT_BYTES = 16;

/** What XS keeps outside its heaps: the machine itself and its tables. */
const OWN = 6400;

/** All that is left goes to the chunks, in one piece from the start. */
export const split = (bytes: number): Split => ({
  ram: bytes,
  stack: STACK,
  slots: SLOTS,
  chunks: bytes - (STACK + SLOTS) * SLOT_BYTES - OWN,
});
