/** XS has these two conversions built in; elsewhere (Node) they are made of hexadecimal text. */
interface XSBigInt {
  fromArrayBuffer?: (buffer: ArrayBuffer, signed?: boolean, littleEndian?: boolean) => bigint;
}
interface XSArrayBuffer {
  fromBigInt?: (value: bigint, minimumBytes: number, signed?: boolean, littleEndian?: boolean) => ArrayBuffer;
}

/** Called as methods: the XS of the current SDK makes the result with `new this` (fxBigintToArrayBuffer, xsBigInt.c). */
const xsBigInt = BigInt as unknown as Required<XSBigInt>, xsArrayBuffer = ArrayBuffer as unknown as Required<XSArrayBuffer>;

/** The number whose little-endian bytes are in the buffer. */
export const bigIntOf: (buffer: ArrayBuffer) => bigint = xsBigInt.fromArrayBuffer
  ? (buffer) => (buffer.byteLength ? xsBigInt.fromArrayBuffer(buffer, false, true) : 0n)
  : (buffer) => {
      const rest = buffer.byteLength & 3, words = new Uint32Array(buffer, 0, buffer.byteLength >> 2);
      let text = '0x0';
      for (const byte of new Uint8Array(buffer.slice(buffer.byteLength - rest)).reverse()) text += byte.toString(16).padStart(2, '0');
      for (let i = words.length - 1; i >= 0; i--) text += words[i].toString(16).padStart(8, '0');
      return BigInt(text);
    };

/** The number's little-endian bytes, `length` of them or a few more. It is not negative and fits. */
export const bytesOf: (value: bigint, length: number) => ArrayBuffer = xsArrayBuffer.fromBigInt
  ? (value, length) => xsArrayBuffer.fromBigInt(value, length, false, true)
  : (value, length) => {
      const words = new Uint32Array((length + 3) >> 2), text = value.toString(16).padStart(words.length * 8, '0');
      for (let i = 0, end = text.length; i < words.length; i++, end -= 8) words[i] = parseInt(text.slice(end - 8, end), 16);
      return words.buffer;
    };

/** `pattern`, which fits `bits`, `count` times side by side, by doubling: about 40 instructions per 32 bits of the result. */
export function repeat(pattern: bigint, bits: number, count: number): bigint {
  if (count < 1) return 0n;
  let result = pattern, done = 1;
  while (done * 2 <= count) {
    result |= result << BigInt(bits * done);
    done *= 2;
  }
  return done < count ? result | (repeat(pattern, bits, count - done) << BigInt(bits * done)) : result;
}

/**
 * Numbers make(0) to make(count - 1): reading a list costs less than making a number. Each operator makes its own, for a list in a preloaded
 * module would stay in flash only if Moddable's linker (xsl) counted the BigInts in arrays, which it does not: it crashes.
 */
export function listOf(count: number, make: (n: number) => bigint): bigint[] {
  const list: bigint[] = [];
  for (let n = 0; n < count; n += 1) list.push(make(n));
  return list;
}
