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

/**
 * The file's checksum: two running sums modulo 2^32 (Fletcher's) over 32-bit words, folded into one. A CRC would
 * cost the device three times as much at every start.
 * @param words the file; words[begin] and on are summed
 */
export function wordSum(words: Int32Array, begin: number): number {
  let a = 1, b = 0;
  for (let i = begin; i < words.length; i++) {
    a = (a + words[i]) | 0;
    b = (b + a) | 0;
  }
  return (a ^ ((b << 16) | (b >>> 16))) | 0;
}
