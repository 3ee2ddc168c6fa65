/** A file that is being changed: its words, to which more can be appended, and what keeps them consistent. */
import { Header, Operator, Tensor } from '../../src/format';
import { operators } from '../../src/operators';
import { checkedOf, turnTo } from '../../src/operators/operator';
import type { Random } from '../support/random';

/** The words can be exchanged for more. */
export interface Draft {
  words: Int32Array<ArrayBuffer>;
}

/** No loop over what a damaged header states goes beyond these. */
const MOST = 200;

const int32 = (x: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, x)) | 0;

/** Appends words. @returns their offset */
export function append(draft: Draft, added: ArrayLike<number>): number {
  const offset = draft.words.byteLength,
    words = new Int32Array(draft.words.length + added.length);
  words.set(draft.words);
  words.set(added, draft.words.length);
  draft.words = words;
  return offset;
}

/** Word indices of the tensors' records that lie in the file. */
export function tensorRecords({ words }: Draft): number[] {
  const first = words[Header.tensors] >> 2,
    all = Array.from(
      { length: Math.min(MOST, Math.max(0, words[Header.tensorCount])) },
      (_, i) => first + i * Tensor.words,
    );
  return all.filter((at) => at >= 0 && at + Tensor.words <= words.length);
}

/** The same of operators. A hole in the list of operators leaves one out: `index` tells its place. */
export function operatorRecords({ words }: Draft): { at: number; index: number }[] {
  const list = words[Header.operators] >> 2,
    all = Array.from({ length: Math.min(MOST, Math.max(0, words[Header.operatorCount])) }, (_, index) => ({
      at: words[list + index] >> 2,
      index,
    }));
  return all.filter(({ at }) => at >= 0 && at + Operator.words <= words.length);
}

/** Where the arena's last tensor or scratch ends, a multiple of four. */
export function arenaEnd(draft: Draft): number {
  const { words } = draft;
  let end = 0;
  for (const at of tensorRecords(draft))
    end = Math.max(end, words[at + Tensor.address] + words[at + Tensor.bytes]);
  for (const { at } of operatorRecords(draft))
    if (words[at + Operator.scratchBytes] > 0)
      end = Math.max(end, words[at + Operator.scratch] + words[at + Operator.scratchBytes]);
  return int32(end + 3) & ~3;
}

/**
 * States the work and the arena that the operators take, and gives those that need more scratch, or are said
 * to have more than they need, just what they need: at the arena's end where what they have is too little.
 */
export function repair(draft: Draft): void {
  const { words } = draft,
    c = checkedOf(words);
  let work = 0;
  for (const { at, index } of operatorRecords(draft)) {
    const operator = operators[words[at + Operator.code]];
    if (!operator) continue;
    turnTo(c, index);
    work += operator.work?.(c) ?? 0;
    const need = int32(operator.scratch?.(c) ?? 0);
    if (need > words[at + Operator.scratchBytes]) words[at + Operator.scratch] = arenaEnd(draft);
    words[at + Operator.scratchBytes] = need;
  }
  words[Header.work] = int32(work);
  words[Header.arenaBytes] = arenaEnd(draft);
}

/**
 * Gives a tensor, and what views it, another shape; in place where it fits, or else at the arena's end.
 * @param tensor word index of its record
 */
export function reshape(draft: Draft, tensor: number, shape: number[], inPlace: boolean): void {
  const { words } = draft,
    bytes = int32(shape.reduce((a, b) => a * b, 1)),
    stays = inPlace && bytes <= words[tensor + Tensor.bytes],
    address = stays ? words[tensor + Tensor.address] : arenaEnd(draft),
    base = words[tensor + Tensor.base];
  for (const at of tensorRecords(draft)) {
    if (at !== tensor && words[at + Tensor.base] !== base) continue;
    words[at + Tensor.address] = address;
    words[at + Tensor.bytes] = bytes;
    words[at + Tensor.rank] = shape.length;
    for (let i = 0; i < 4; i++) words[at + Tensor.shape + i] = shape[i] ?? 1;
  }
}

/** The dimensions of a tensor. */
export function shapeAt({ words }: Draft, tensor: number): number[] {
  const rank = Math.max(1, Math.min(4, words[tensor + Tensor.rank]));
  return Array.from(words.subarray(tensor + Tensor.shape, tensor + Tensor.shape + rank));
}

/** Word index of a tensor's record, which lies in the file; undefined where there is no such tensor. */
export function tensorAt({ words }: Draft, index: number): number | undefined {
  const at = (words[Header.tensors] >> 2) + index * Tensor.words;
  return index >= 0 && at >= 0 && at + Tensor.words <= words.length ? at : undefined;
}

/** A random operator's record. */
export function anyOperator(random: Random, draft: Draft): { at: number; index: number } | undefined {
  const all = operatorRecords(draft);
  return all.length ? random.pick(all) : undefined;
}

/** How many words a record says it has; no more than there are. */
export const recordWords = ({ words }: Draft, at: number): number =>
  Math.max(Operator.words, Math.min(words.length - at, 64, words[at + Operator.size]));

/** Whether a word could be the offset of data in the file. */
export const isOffset = ({ words }: Draft, value: number): boolean =>
  value >= Header.words * 4 && value % 4 === 0 && value <= words.byteLength;
