/**
 * Two slots for models in a partition of NOR flash. Each takes half of the partition, in whole sectors, and
 * begins with a record of 64 bytes, 16 words of 32 bits, little-endian; the model follows at once, so that it
 * lies at a multiple of 4.
 *
 * The slot whose record has the greater number is the newer one. A model is written into a slot without a
 * record, and checked there; writing the record is the switch. A write that is cut leaves bits set that it
 * should have cleared, and then a word and its inverse do not agree: the record is void, as before. A void
 * record is the first thing that is made of a slot which is to be erased, for an erase that is cut may leave
 * anything.
 *
 * After that a flag is a word that is cleared: each by one write of 4 bytes, without an erase. One that was cut
 * is not set, and is written again.
 */
import type { FileBuffer } from '../model';
import type { Partition } from './partition';

/** A slot's first words. */
export const enum Slot {
  magic,
  number, // the greater one is the newer model
  numberInverted,
  bytes, // of the model
  bytesInverted,
  tried, // three flags: the model was begun to be opened; see find.ts
  proven = tried + 3, // flag: it was opened, and its self-test passed
  givenUp, // flag: it was found to be no good
  words = 16,
}

const SLOT_MAGIC = 0x544f4c53; // the bytes "SLOT"
export const RECORD_BYTES = Slot.words * 4;
export const SLOTS = 2;
/** How often a model that was never proven is opened: each time it may have stopped the device. */
export const MOST_TRIES = 3;

/** A slot that holds a model. */
export interface StoredModel {
  slot: number;
  number: number;
  bytes: number;
  tries: number;
  proven: boolean;
  givenUp: boolean;
}

/** Bytes of one slot. */
function slotBytes(partition: Partition): number {
  const half = Math.floor(partition.byteLength / SLOTS);
  return half - (half % partition.blockSize);
}

/** Bytes of the largest model that a slot holds; none in a partition of less than two sectors. */
export const slotCapacity = (partition: Partition): number =>
  Math.max(0, slotBytes(partition) - RECORD_BYTES);

/** Where a slot begins in the partition. */
export const slotBegin = (partition: Partition, slot: number): number => slot * slotBytes(partition);

/** A record's words. @param number from 0 to 2^32 - 1 */
export function slotRecord(number: number, bytes: number): Int32Array<ArrayBuffer> {
  const words = new Int32Array(Slot.words).fill(-1);
  words[Slot.magic] = SLOT_MAGIC;
  words[Slot.number] = number;
  words[Slot.numberInverted] = ~number;
  words[Slot.bytes] = bytes;
  words[Slot.bytesInverted] = ~bytes;
  return words;
}

/** What a slot holds; undefined when its record is void. */
export function readSlot(partition: Partition, slot: number): StoredModel | undefined {
  if (slotCapacity(partition) === 0) return undefined;
  const words = new Int32Array(partition.read(slotBegin(partition, slot), RECORD_BYTES)),
    number = words[Slot.number],
    bytes = words[Slot.bytes];
  if (words[Slot.magic] !== SLOT_MAGIC || words[Slot.numberInverted] !== ~number) return undefined;
  if (words[Slot.bytesInverted] !== ~bytes || bytes < 1 || bytes > slotCapacity(partition)) return undefined;
  let tries = 0;
  while (tries < MOST_TRIES && words[Slot.tried + tries] === 0) tries++;
  const proven = words[Slot.proven] === 0,
    givenUp = words[Slot.givenUp] === 0;
  return { slot, number: number >>> 0, bytes, tries, proven, givenUp };
}

/** What both slots hold, the newer model first. */
export function storedModels(partition: Partition): StoredModel[] {
  const found: StoredModel[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const stored = readSlot(partition, slot);
    if (stored) found.push(stored);
  }
  return found.sort((a, b) => b.number - a.number);
}

/** A stored model's file, in place. */
export function storedFile(partition: Partition, { slot, bytes }: StoredModel): FileBuffer {
  const begin = slotBegin(partition, slot) + RECORD_BYTES;
  return partition.view(begin, begin + bytes);
}

/** Clears a word of a slot's record. */
export function setFlag(partition: Partition, slot: number, word: number): void {
  partition.write(slotBegin(partition, slot) + word * 4, 4, new Int32Array(1).buffer);
}

/**
 * Makes a slot void, so that it can be written. Without the first write an erase that is cut could take away
 * a flag alone, and bring back a model that was given up.
 */
export function clearSlot(partition: Partition, slot: number): void {
  if (readSlot(partition, slot)) setFlag(partition, slot, Slot.magic);
  partition.erase(slotBegin(partition, slot) / partition.blockSize);
}
