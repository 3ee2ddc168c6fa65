/** A partition of flash as Moddable's module `flash` gives it; on the PC tests set a simulated one. */
import type { FileBuffer } from '../model';

/** NOR flash: a write clears bits and sets none, an erase sets all bits of a sector. Offsets are in bytes. */
export interface Partition {
  readonly byteLength: number;
  /** Bytes of a sector. */
  readonly blockSize: number;
  erase(sector: number): void;
  /** @param offset and byteLength, multiples of 4 */
  write(offset: number, byteLength: number, bytes: ArrayBuffer): void;
  read(offset: number, byteLength: number): ArrayBuffer;
  /** The bytes from `begin` to before `end` in place; a device maps them. */
  view(begin: number, end: number): FileBuffer;
}

type Open = (name: string) => Partition | undefined;

/** The partition of that name; undefined where there is none. A device has firmware.js instead of this. */
export const openPartition: Open =
  (globalThis as { flintPartition?: Open }).flintPartition ?? (() => undefined);
