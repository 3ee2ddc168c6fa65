/** Strings of a model file: UTF-8, ended by a zero byte. */
import { Header, STRING_LIMIT } from './format';
import { fileSize } from './verify/common';

function byteAt(words: Int32Array, offset: number): number {
  return (words[offset >> 2] >> ((offset & 3) * 8)) & 255;
}

/** In place of the offset behind strings: one of them begins outside the file, or has no end. */
const OUTSIDE = -1,
  ENDLESS = -2;

/**
 * The offset behind `count` strings that begin at `offset`; negative when they leave the file, or one is
 * longer than STRING_LIMIT.
 */
export function skipStrings(words: Int32Array, offset: number, count: number): number {
  const end = fileSize(words);
  let next = offset;
  for (let i = 0; i < count; i++) {
    const begin = next;
    if (begin < Header.words * 4 || begin >= end) return OUTSIDE;
    while (next < end && byteAt(words, next) !== 0) next++;
    if (next >= end || next - begin > STRING_LIMIT) return ENDLESS;
    next++;
  }
  return next;
}

/** What is wrong with `count` strings that begin at `offset`. */
export function checkStrings(words: Int32Array, offset: number, count: number): string {
  const after = skipStrings(words, offset, count);
  if (after === OUTSIDE) return 'a string lies outside the file';
  return after === ENDLESS ? 'a string has no end' : '';
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
