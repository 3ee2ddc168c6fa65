import type { FileBytes } from './state';

/** What four bits add to a CRC-32: the remainder of each under the polynomial 0xEDB88320. */
const CRC_STEPS = Object.freeze([
  0, 498536548, 997073096, 651767980, 1994146192, 1802195444, 1303535960, 1342533948, -306674912, -267414716,
  -690576408, -882789492, -1687895376, -2032938284, -1609899400, -1111625188,
]);

/**
 * The CRC-32 of bytes[begin] to bytes[end - 1], as zlib and PNG define it, as a signed 32-bit integer: of
 * tensors, to compare two machines by eye.
 *
 * @compiled
 */
export function crc32(bytes: FileBytes, begin: number, end: number): number {
  let c = -1;
  for (let i = begin; i < end; i++) {
    c ^= bytes[i] & 255;
    c = (c >>> 4) ^ CRC_STEPS[c & 15];
    c = (c >>> 4) ^ CRC_STEPS[c & 15];
  }
  return ~c;
}

/** Eight hexadecimal digits, as other tools print a CRC. */
export function hex(crc: number): string {
  return (crc >>> 0).toString(16).padStart(8, '0');
}

/** Words after which the sums below are cut, before they could leave 31 bits. */
const BLOCK = 32;

/**
 * The file's checksum: of words[begin] to words[end - 1]. Fletcher's two sums, of all half words and of the
 * sums so far, in 22 and 30 bits, joined: a change of a single half word always changes the first, what is
 * moved or exchanged the second. Only small integers are added, and none is shifted unsigned, so that XS
 * never turns to doubles.
 *
 * @compiled
 */
export function fileChecksum(words: Int32Array, begin: number, end: number): number {
  let a = 0,
    b = 0,
    i = begin;
  while (i + BLOCK <= end) {
    for (const stop = i + BLOCK; i < stop; i += 4) {
      let w = words[i];
      a += w & 65535;
      b += a;
      a += (w >> 16) & 65535;
      b += a;
      w = words[i + 1];
      a += w & 65535;
      b += a;
      a += (w >> 16) & 65535;
      b += a;
      w = words[i + 2];
      a += w & 65535;
      b += a;
      a += (w >> 16) & 65535;
      b += a;
      w = words[i + 3];
      a += w & 65535;
      b += a;
      a += (w >> 16) & 65535;
      b += a;
    }
    a &= 0x3fffff;
    b &= 0x3fffffff;
  }
  for (; i < end; i++) {
    const w = words[i];
    a += w & 65535;
    b += a;
    a += (w >> 16) & 65535;
    b += a;
  }
  return Math.imul(a, SPREAD) ^ b;
}

/**
 * An odd number whose bits look random: the golden ratio times 2^32. It lays the first sum over all bits of
 * the second.
 */
const SPREAD = -1640531535;
