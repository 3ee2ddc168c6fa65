/**
 * The kernels as native code: the same TypeScript, compiled to C. Firmware has them through flint.c and memory.c
 * beside this file; where they are missing, everything is interpreted, with the same results.
 */

/** What flint.c exports, which checks the sizes of all buffers and allocates nothing; and memory.c, at the end. */
export interface Native {
  /** Of the sources that it was compiled from; see VERSION. */
  version(): number;
  /**
   * How many integers the kernels of a model keep (scratchNeeded of ram.ts), or -1 when something is wrong with
   * the file behind its header.
   */
  check(file: ArrayBufferLike): number;
  /** Runs operator `index` of a file that was checked. */
  run(file: ArrayBufferLike, arena: Int8Array, scratch: Int8Array, index: number): void;
  /** Writes the golden input of a file that was checked. */
  writeGolden(file: ArrayBufferLike, arena: Int8Array): void;
  /** crc32 of checksum.ts. */
  crc32(bytes: Int8Array, begin: number, end: number): number;
  /** resample of resample.ts; the recipe lies `offset` bytes into `file`. */
  resample(
    file: ArrayBufferLike,
    offset: number,
    pixels: Uint8Array,
    width: number,
    height: number,
    format: number,
    orientation: number,
    input: Int8Array,
  ): void;
  /**
   * A block of zeros outside the heaps of XS, which no collection moves; on boards that have PSRAM in internal
   * memory where it fits. Undefined where no free block is so large.
   */
  allocate(bytes: number): ArrayBufferLike | undefined;
  /** Bytes of the largest block that could be allocated. */
  largestBlock(): number;
  /** Writes to the serial port, where trace leads nowhere: in release builds for ESP32. */
  print(text: string): void;
}

/** Set by the host of tests and `npm start` before this module runs; a device has native.js instead. */
export const native = (globalThis as { flintNative?: Native }).flintNative;
