import { STRING_LIMIT } from '../../src/format';

/** A character's UTF-8, as RFC 3629 defines it; half a character becomes U+FFFD. */
function encoded(character: string): number[] {
  const given = character.codePointAt(0)!,
    code = given >= 0xd800 && given <= 0xdfff ? 0xfffd : given,
    sixBits = (shift: number): number => 0x80 | ((code >> shift) & 63);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), sixBits(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), sixBits(6), sixBits(0)];
  return [0xf0 | (code >> 18), sixBits(12), sixBits(6), sixBits(0)];
}

/** UTF-8 of at most so many bytes, of whole characters. Tests pack on XS too, which has no TextEncoder. */
function utf8Of(text: string, limit: number): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const next = encoded(character);
    if (bytes.length + next.length > limit) break;
    bytes.push(...next);
  }
  return Uint8Array.from(bytes);
}

/** A growing little-endian buffer of 32-bit words, and the places in it. */
export class Writer {
  private bytes = new Uint8Array(1 << 16);
  /** Bytes written so far. */
  length = 0;

  private room(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  /** Fills up to a multiple of `size` with zeros; returns the offset reached. */
  align(size = 4): number {
    const end = Math.ceil(this.length / size) * size;
    this.room(end - this.length);
    this.length = end;
    return end;
  }

  /** Appends words, aligned; returns their offset. */
  words(values: ArrayLike<number>): number {
    const offset = this.align();
    this.room(values.length * 4);
    const view = new DataView(this.bytes.buffer);
    for (let i = 0; i < values.length; i++) view.setInt32(offset + i * 4, values[i], true);
    this.length += values.length * 4;
    return offset;
  }

  /** Appends bytes, beginning aligned; returns their offset. */
  data(values: Int8Array | Uint8Array): number {
    const offset = this.align();
    this.room(values.length);
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.length), offset);
    this.length += values.length;
    return offset;
  }

  /**
   * Appends a string, UTF-8 and a zero byte, cut where it is too long for a file; strings follow each other
   * without gaps.
   */
  string(text: string): number {
    const offset = this.length,
      utf8 = utf8Of(text.replaceAll('\0', ''), STRING_LIMIT);
    this.room(utf8.length + 1);
    this.bytes.set(utf8, offset);
    this.length += utf8.length;
    this.bytes[this.length++] = 0;
    return offset;
  }

  /** Overwrites one word. */
  patch(offset: number, value: number): void {
    new DataView(this.bytes.buffer).setInt32(offset, value, true);
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.align();
    return this.bytes.slice(0, this.length);
  }
}
