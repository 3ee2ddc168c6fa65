import { bigIntOf } from './bigint';

/** CRC-32 as zlib and PNG define it: of tensors, to compare two machines by eye. */
let table: Int32Array | undefined;

function makeTable(): Int32Array {
  const table = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ -306674912 /* 0xEDB88320 */ : c >>> 1;
    table[i] = c;
  }
  return table;
}

/** The CRC-32 of bytes[begin] to bytes[end - 1], as a signed 32-bit integer. */
export function crc32(bytes: Int8Array | Uint8Array, begin = 0, end = bytes.length): number {
  const t = (table ??= makeTable());
  let c = -1;
  for (let i = begin; i < end; i++) c = (c >>> 8) ^ t[(c ^ bytes[i]) & 255];
  return ~c;
}

/** Eight hexadecimal digits, as other tools print a CRC. */
export function hex(crc: number): string {
  return (crc >>> 0).toString(16).padStart(8, '0');
}

/** Bytes the file's checksum takes at a time. */
const BLOCK = 1024;
const MASK = (1n << 8192n) - 1n;
/** The largest prime below 2^32. */
const PRIME = 4294967291n;

/**
 * The file's checksum: blocks of 1024 bytes as numbers b, summed as s = (3 s + b) mod 2^8192, the result modulo the largest 32-bit prime.
 * Three is odd, so that no change within one block can vanish from s. BigInt does this in C loops: a CRC would cost the device thirty
 * times as much at every start.
 * @param begin, end multiples of 4
 */
export function fileChecksum(file: ArrayBufferLike, begin: number, end: number): number {
  let sum = 0n;
  for (let p = begin; p < end; p += BLOCK) {
    const block = (file as ArrayBuffer).slice(p, p + BLOCK < end ? p + BLOCK : end);
    sum = (sum * 3n + bigIntOf(block)) & MASK;
  }
  return Number(sum % PRIME) | 0;
}
