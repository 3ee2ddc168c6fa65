/** XS has these two conversions built in; elsewhere (Node) they are made of hexadecimal text. */
interface XSBigInt {
  fromArrayBuffer?: (buffer: ArrayBuffer, signed?: boolean, littleEndian?: boolean) => bigint;
}

const { fromArrayBuffer } = BigInt as unknown as XSBigInt;

/** The number whose little-endian bytes are in the buffer, a multiple of 4. */
export const bigIntOf: (buffer: ArrayBuffer) => bigint = fromArrayBuffer
  ? (buffer) => fromArrayBuffer(buffer, false, true)
  : (buffer) => {
      const words = new Uint32Array(buffer);
      let text = '0x0';
      for (let i = words.length - 1; i >= 0; i--) text += words[i].toString(16).padStart(8, '0');
      return BigInt(text);
    };
