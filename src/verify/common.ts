/**
 * What the checks of a file's parts are made of. They are compiled to C, where a word behind the file is no
 * `undefined`: each reads only what one before it has found to lie in the file.
 */
import { Header } from '../format';

/** Above these a figure is a mistake or an attack: no microcontroller's arena, no network of one. */
export const ARENA_LIMIT = 1 << 25,
  COUNT_LIMIT = 4096;

/** Bytes of a file whose header has been checked. */
export const fileSize = (words: Int32Array): number => words[Header.fileBytes];

/** Whether `bytes` bytes, 0 or more, lie within the file from `offset` on, aligned. */
export function fits(words: Int32Array, offset: number, bytes: number): boolean {
  return offset >= Header.words * 4 && (offset & 3) === 0 && offset + bytes <= fileSize(words);
}

/** Whether there is a tensor `index`. */
export const tensorExists = (words: Int32Array, index: number): boolean =>
  index >= 0 && index < words[Header.tensorCount];
