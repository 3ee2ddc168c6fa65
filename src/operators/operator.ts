/** What an operator is on the device, and what the checks of all operators are made of. */
import { Header, Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { fits, tensorExists } from '../verify/common';

/** One operator of the device: its record's size, the check that makes running it safe, and its kernel. */
export interface DeviceOperator {
  name: string;
  /** Words of its record. */
  words: number;
  /** How many of the record's two operands there must be; an operator of more has a list of its own. */
  operands: 0 | 1 | 2;
  /** What is wrong with a record, in words for a person; empty when nothing is. */
  check(c: Checked): string;
  /** Steps of one run: multiply-adds, or values that windows look at; none worth counting when absent. */
  work?(c: Checked): number;
  /** Bytes of arena that it needs while it runs, besides its tensors; none when absent. */
  scratch?(c: Checked): number;
  /** Integers that it keeps in model.sums; none when absent. */
  sums?(c: Checked): number;
  /** Those that its compiled kernel keeps in model.taps, besides the interpreted one's; none when absent. */
  taps?(c: Checked): number;
  /** Output rows, which two cores may share; one core computes all when absent. */
  rows?(c: Checked): number;
  /** Runs the operator whose record begins at word `at`, which has passed the check. */
  run(model: Model, at: number): void;
}

/** One operator under check: the file and the word indices of its record and of its tensors' records. */
export interface Checked {
  words: Int32Array;
  /** Its place in the order of execution. */
  index: number;
  at: number;
  /** The first operand's tensor record; meaningless for an operator without. */
  input: number;
  /** The second operand's. */
  second: number;
  output: number;
}

/**
 * For checks of one operator after the other: one object serves all, so that loading leaves little garbage.
 */
export const checkedOf = (words: Int32Array): Checked => ({
  words,
  index: 0,
  at: 0,
  input: 0,
  second: 0,
  output: 0,
});

/** Turns to operator `index`, whose record lies in the file. */
export function turnTo(c: Checked, index: number): void {
  const { words } = c,
    tensors = words[Header.tensors] >> 2,
    at = words[(words[Header.operators] >> 2) + index] >> 2;
  c.index = index;
  c.at = at;
  c.input = tensors + words[at + Operator.input] * Tensor.words;
  c.second = tensors + words[at + Operator.input2] * Tensor.words;
  c.output = tensors + words[at + Operator.output] * Tensor.words;
}

/** Whether a tensor (by index) is written before the operator runs, and still there. */
export function isReadable(c: Checked, tensor: number): boolean {
  const { words, index } = c;
  if (!tensorExists(words, tensor)) return false;
  const base = tensorRecord(words, words[tensorRecord(words, tensor) + Tensor.base]);
  return words[base + Tensor.firstUse] < index && words[base + Tensor.lastUse] >= index;
}

/** Dimension i of a tensor, by the index of the tensor's record. */
export const dimension = (c: Checked, tensor: number, i: number): number =>
  c.words[tensor + Tensor.shape + i];
/** Number of dimensions. */
export const rank = (c: Checked, tensor: number): number => c.words[tensor + Tensor.rank];
/** The innermost dimension: channels of an image. */
export const lastDimension = (c: Checked, tensor: number): number =>
  dimension(c, tensor, rank(c, tensor) - 1);
/** Bytes of a tensor, one for each element. */
export const bytes = (c: Checked, tensor: number): number => c.words[tensor + Tensor.bytes];

/**
 * Dimension i of four, missing outer dimensions being 1.
 * @param tensor word index of its record
 * @noinline
 */
export function dimension4(words: Int32Array, tensor: number, i: number): number {
  const d = i - 4 + words[tensor + Tensor.rank];
  return d < 0 ? 1 : words[tensor + Tensor.shape + d];
}

/** Whether a tensor is an image: four dimensions, a batch of one. */
export const isImage = (c: Checked, tensor: number): boolean =>
  rank(c, tensor) === 4 && dimension(c, tensor, 0) === 1;

/** Whether `count` bytes from the offset in word `field` of the record lie in the file, aligned to words. */
export const inFile = (c: Checked, field: number, count: number): boolean =>
  fits(c.words, c.words[c.at + field], count);

/** Whether two tensors have one scale and zero point. */
export function sameQuantization(c: Checked, a: number, b: number): boolean {
  return (
    c.words[a + Tensor.scale] === c.words[b + Tensor.scale] &&
    c.words[a + Tensor.zeroPoint] === c.words[b + Tensor.zeroPoint]
  );
}

/** Whether words `field` and `field + 1` are a range of int8. */
export function clampIsInt8(c: Checked, field: number): boolean {
  const low = c.words[c.at + field],
    high = c.words[c.at + field + 1];
  return low >= -128 && low <= high && high <= 127;
}

/** The highest shift that scaleBy takes; the lowest is -31. */
export const HIGHEST_SHIFT = 30;

/** Whether the multiplier and shift in words `field` and `field + 1` can be applied. */
export function canScale(c: Checked, field: number, highestShift: number): boolean {
  const multiplier = c.words[c.at + field],
    shift = c.words[c.at + field + 1];
  return multiplier >= 0 && shift >= -31 && shift <= highestShift;
}

/** What is wrong with two operands, of which the second is repeated to fill the output. */
export function checkOperands(c: Checked): string {
  if (bytes(c, c.input) !== bytes(c, c.output)) return 'its input and output differ in size';
  return bytes(c, c.output) % bytes(c, c.second) === 0
    ? ''
    : 'its second input cannot be repeated to fill its output';
}

/** The int8 at an offset of the file. */
export const int8At = (words: Int32Array, offset: number): number =>
  (words[offset >> 2] << (24 - (offset & 3) * 8)) >> 24;
