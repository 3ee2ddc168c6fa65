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

/** An odd number whose bits look random: the golden ratio times 2^32. */
const SPREAD = -1640531535;

/**
 * The file's checksum: of words[begin] to words[end - 1]. Each word is mixed into the state by steps that can be undone, so that
 * no change of a single word goes unnoticed; the rotation keeps high bits, which multiplication only shifts out, in play.
 * A word at a time costs a device a quarter of what a CRC does.
 */
export function fileChecksum(words: Int32Array, begin: number, end: number): number {
  const multiply = Math.imul;
  let h = end - begin;
  for (let i = begin; i < end; i++) h = multiply(((h << 13) | (h >>> 19)) ^ words[i], SPREAD);
  return h;
}
