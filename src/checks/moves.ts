/** Checks of operators that only move bytes. */
import { Concatenation, Constant, Header, Pad, ResizeNearest, Slice, Tensor, Transpose } from '../format';
import { bytes, dimension, dimension4, inFile, rank, sameQuantization, type Checked } from './common';

export function checkConcatenation(c: Checked): string {
  const { words, at, output } = c, outer = words[at + Concatenation.outer], count = words[at + Concatenation.inputCount];
  if (count < 1 || count > words[Header.tensorCount] || !inFile(c, Concatenation.inputs, count * 4)) return 'its inputs lie outside the file';
  if (outer < 1 || bytes(c, output) % outer) return 'its output cannot be divided so';
  let sum = 0;
  for (let i = 0, list = words[at + Concatenation.inputs] >> 2; i < count; i++) {
    if (!c.readable(words[list + i])) return `its input ${i} is not there`;
    const tensor = (words[Header.tensors] >> 2) + words[list + i] * Tensor.words;
    if (words[tensor + Tensor.pitch]) return `its input ${i} is planes`;
    if (bytes(c, tensor) % outer) return `its input ${i} cannot be divided so`;
    if (!sameQuantization(c, tensor, output)) return `its input ${i} has another scale than its output`;
    sum += bytes(c, tensor);
  }
  return sum === bytes(c, output) ? '' : 'its inputs do not fill its output';
}

export function checkPad(c: Checked): string {
  const { words, at, input, output } = c;
  if (rank(c, input) !== rank(c, output)) return 'its tensors differ in rank';
  if (!sameQuantization(c, input, output)) return 'its output has another scale than its input';
  for (let i = 0; i < 4; i++) {
    const before = words[at + Pad.before + i], after = words[at + Pad.after + i], d = i - 4 + rank(c, input);
    if (before < 0 || after < 0 || (d < 0 ? before + after !== 0 : dimension(c, input, d) + before + after !== dimension(c, output, d)))
      return 'its shapes do not match its padding';
  }
  return words[at + Pad.value] >= -128 && words[at + Pad.value] <= 127 ? '' : 'its value is no int8';
}

export function checkTranspose(c: Checked): string {
  let seen = 0;
  for (let i = 0; i < 4; i++) {
    const p = c.words[c.at + Transpose.permutation + i];
    if (p < 0 || p > 3) return 'its permutation names a dimension that does not exist';
    if (i < 4 - rank(c, c.input) && p !== i) return 'its permutation moves a dimension that does not exist';
    seen |= 1 << p;
  }
  if (seen !== 15) return 'its permutation names a dimension twice';
  return bytes(c, c.input) === bytes(c, c.output) && sameQuantization(c, c.input, c.output) ? '' : 'its input and output differ';
}

export function checkSlice(c: Checked): string {
  let size = 1;
  for (let i = 0; i < 4; i++) {
    const begin = c.words[c.at + Slice.begin + i], stride = c.words[c.at + Slice.stride + i], count = c.words[c.at + Slice.count + i];
    const last = begin + (count - 1) * stride, limit = dimension4(c, c.input, i);
    if (count < 1 || begin < 0 || begin >= limit || last < 0 || last >= limit) return 'it leaves its input';
    size *= count;
  }
  return size === bytes(c, c.output) && sameQuantization(c, c.input, c.output) ? '' : 'its input and output do not match';
}

export function checkResizeNearest(c: Checked): string {
  const { words, at, input, output } = c;
  if (rank(c, input) !== 4 || rank(c, output) !== 4 || dimension(c, input, 0) !== 1 || dimension(c, output, 0) !== 1) return 'its tensors are no images';
  if (dimension(c, input, 3) !== dimension(c, output, 3) || !sameQuantization(c, input, output)) return 'its input and output do not match';
  for (let axis = 0; axis < 2; axis++) {
    const count = dimension(c, output, 1 + axis), list = words[at + ResizeNearest.rows + axis] >> 2;
    if (!inFile(c, ResizeNearest.rows + axis, count * 4)) return 'its lists lie outside the file';
    for (let i = 0; i < count; i++) if (words[list + i] < 0 || words[list + i] >= dimension(c, input, 1 + axis)) return 'it leaves its input';
  }
  return '';
}

export function checkConstant(c: Checked): string {
  return inFile(c, Constant.data, bytes(c, c.output)) ? '' : 'its data lie outside the file';
}
