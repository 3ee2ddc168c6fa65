import { Header, Operator, Tensor } from '../format';
import { tensorRecord } from '../state';
import { checkStrings } from '../strings';
import { ARENA_LIMIT, fits, tensorExists } from './common';

/**
 * Shapes, places in the arena, lifetimes: no two tensors overlap while both are needed. And the arena is as
 * large as tensors and scratch take, for which the beginnings of all operator records must lie in the file.
 */
export function verifyTensors(words: Int32Array): string {
  let end = 0;
  for (let i = 0; i < words[Header.tensorCount]; i++) {
    const at = tensorRecord(words, i),
      wrong = verifyTensor(words, i, at);
    if (wrong) return wrong;
    end = Math.max(end, words[at + Tensor.address] + words[at + Tensor.bytes]);
    if (words[at + Tensor.base] !== i) continue;
    for (let k = 0; k < i; k++) {
      const other = tensorRecord(words, k);
      if (words[other + Tensor.base] === k && overlap(words, at, other))
        return `tensors ${k} and ${i} overlap while both are needed`;
    }
  }
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++) {
    if (!fits(words, words[list + i], Operator.words * 4)) return `operator ${i} lies outside the file`;
    const at = words[list + i] >> 2;
    if (words[at + Operator.scratchBytes] > 0)
      end = Math.max(end, words[at + Operator.scratch] + words[at + Operator.scratchBytes]);
  }
  const arena = words[Header.arenaBytes];
  // The end is rounded up last: until then it may be beyond int32.
  if (arena > ARENA_LIMIT || end > arena || arena !== ((end + 3) & ~3))
    return `it states an arena of ${arena} bytes, its tensors take ${end}; ${ARENA_LIMIT} can be had`;
  return '';
}

function verifyTensor(words: Int32Array, i: number, at: number): string {
  const address = words[at + Tensor.address],
    bytes = words[at + Tensor.bytes],
    rank = words[at + Tensor.rank],
    base = words[at + Tensor.base];
  if (rank < 1 || rank > 4) return `tensor ${i} has rank ${rank}`;
  let elements = 1;
  for (let k = 0; k < 4; k++) {
    const size = words[at + Tensor.shape + k];
    if (size < 1 || size > ARENA_LIMIT || (k >= rank && size !== 1))
      return `tensor ${i} has a dimension of ${size}`;
    elements *= size;
  }
  // A product that has stopped at the limit of int32, in C, is none that an arena can hold.
  if (elements !== bytes) return `tensor ${i} has ${bytes} bytes, its shape needs ${elements}`;
  if (address < 0 || (address & 3) !== 0 || address + bytes > words[Header.arenaBytes])
    return `tensor ${i} lies outside the arena`;
  const zeroPoint = words[at + Tensor.zeroPoint];
  if (zeroPoint < -128 || zeroPoint > 127) return `tensor ${i} has a zero point outside int8`;
  const first = words[at + Tensor.firstUse],
    last = words[at + Tensor.lastUse];
  if (first < -1 || last < first || last > words[Header.operatorCount])
    return `tensor ${i} has an impossible lifetime`;
  const wrong = checkStrings(words, words[at + Tensor.name], 1);
  if (wrong) return wrong;
  if (!tensorExists(words, base)) return `tensor ${base} does not exist`;
  const b = tensorRecord(words, base);
  if (
    words[b + Tensor.base] !== base ||
    words[b + Tensor.address] !== address ||
    words[b + Tensor.bytes] !== bytes
  )
    return `tensor ${i} is no view of tensor ${base}`;
  return '';
}

/** Whether two tensors, by their records, share memory at some time. */
function overlap(words: Int32Array, a: number, b: number): boolean {
  const apart =
    words[a + Tensor.address] + words[a + Tensor.bytes] <= words[b + Tensor.address] ||
    words[b + Tensor.address] + words[b + Tensor.bytes] <= words[a + Tensor.address];
  const past =
    words[a + Tensor.lastUse] < words[b + Tensor.firstUse] ||
    words[b + Tensor.lastUse] < words[a + Tensor.firstUse];
  return !apart && !past;
}
