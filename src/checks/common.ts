/** What the checks of all operators are made of. */
import { Header, Operator, Tensor } from '../format';

/** One operator under check: the file and the word indices of its record and of its first input's and its output's. */
export interface Checked {
  words: Int32Array;
  at: number;
  input: number;
  output: number;
  /** Whether a tensor (by index) is there to be read when the operator runs. */
  readable: (tensor: number) => boolean;
}

export const dimension = (c: Checked, tensor: number, i: number): number => c.words[tensor + Tensor.shape + i];
export const rank = (c: Checked, tensor: number): number => c.words[tensor + Tensor.rank];
export const lastDimension = (c: Checked, tensor: number): number => dimension(c, tensor, rank(c, tensor) - 1);
export const bytes = (c: Checked, tensor: number): number => c.words[tensor + Tensor.bytes];

/** Dimension i of four, missing outer dimensions being 1. */
export function dimension4(c: Checked, tensor: number, i: number): number {
  const d = i - 4 + rank(c, tensor);
  return d < 0 ? 1 : dimension(c, tensor, d);
}

/** Whether `count` bytes from the offset in word `field` of the record lie in the file, aligned to words. */
export function inFile(c: Checked, field: number, count: number): boolean {
  const offset = c.words[c.at + field];
  return offset >= Header.words * 4 && (offset & 3) === 0 && offset + count <= c.words.length * 4;
}

export function sameQuantization(c: Checked, a: number, b: number): boolean {
  return c.words[a + Tensor.scale] === c.words[b + Tensor.scale] && c.words[a + Tensor.zeroPoint] === c.words[b + Tensor.zeroPoint];
}

export function clampIsInt8(c: Checked, minimum: number): boolean {
  const { words, at } = c;
  return words[at + minimum] >= -128 && words[at + minimum] <= words[at + minimum + 1] && words[at + minimum + 1] <= 127;
}

/** Whether the multiplier and shift in words `field` and `field + 1` can be applied. */
export function canScale(c: Checked, field: number, highestShift = 30): boolean {
  const multiplier = c.words[c.at + field], shift = c.words[c.at + field + 1];
  return multiplier >= 0 && shift >= -31 && shift <= highestShift;
}

/** The second operand's record; 0 when it is not there to be read or cannot be repeated to fill the output. */
export function secondOperand(c: Checked): number {
  const second = c.words[c.at + Operator.input2];
  if (second < 0 || !c.readable(second)) return 0;
  const tensor = (c.words[Header.tensors] >> 2) + second * Tensor.words;
  return bytes(c, c.output) % bytes(c, tensor) === 0 && c.words[tensor + Tensor.pitch] === c.words[c.input + Tensor.pitch] ? tensor : 0;
}
