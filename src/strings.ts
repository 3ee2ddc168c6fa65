/** Strings of a model file: UTF-8, ended by a zero byte. */
import { FlintError } from './error';
import { Header, STRING_LIMIT } from './format';

function byteAt(words: Int32Array, offset: number): number {
  return (words[offset >> 2] >> ((offset & 3) * 8)) & 255;
}

/**
 * The offset behind `count` strings that begin at `offset`.
 * @throws FlintError when they leave the file, or one is longer than STRING_LIMIT
 */
export function skipStrings(words: Int32Array, offset: number, count: number): number {
  const end = words.length * 4;
  for (let i = 0; i < count; i++) {
    const begin = offset;
    if (begin < Header.words * 4 || begin >= end)
      throw new FlintError('the model is inconsistent: a string lies outside the file');
    while (offset < end && byteAt(words, offset) !== 0) offset++;
    if (offset >= end || offset - begin > STRING_LIMIT)
      throw new FlintError('the model is inconsistent: a string has no end');
    offset++;
  }
  return offset;
}

/** The string at `offset`. Bytes that are no UTF-8 give some other text, and never an error. */
export function readString(words: Int32Array, offset: number): string {
  let text = '';
  for (let c = byteAt(words, offset++); c; c = byteAt(words, offset++)) {
    // Sequences of two to four bytes: the first one's leading ones tell how many follow with six bits each.
    let code = c < 128 ? c : c < 224 ? c & 31 : c < 240 ? c & 15 : c & 7;
    for (let more = c < 192 ? 0 : c < 224 ? 1 : c < 240 ? 2 : 3; more > 0 && byteAt(words, offset); more--)
      code = (code << 6) | (byteAt(words, offset++) & 63);
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}
