/** What the checks of a file's parts are made of. */
import { FlintError } from '../error';
import { Header, Tensor } from '../format';

/** Above these a figure is a mistake or an attack: no microcontroller's arena, no network of one. */
export const ARENA_LIMIT = 1 << 25,
  COUNT_LIMIT = 4096;

/** Refuses the file. @throws FlintError */
export function fail(what: string): never {
  throw new FlintError('the model is inconsistent: ' + what);
}

/** Whether `bytes` bytes lie within the file from `offset` on, aligned. */
export function fits(words: Int32Array, offset: number, bytes: number): boolean {
  return offset >= Header.words * 4 && (offset & 3) === 0 && offset + bytes <= words.length * 4;
}

/** Word index of a tensor's record. @throws FlintError when there is no such tensor */
export function tensorAt(words: Int32Array, index: number): number {
  if (index < 0 || index >= words[Header.tensorCount]) fail(`tensor ${index} does not exist`);
  return (words[Header.tensors] >> 2) + index * Tensor.words;
}
