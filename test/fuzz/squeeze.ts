/**
 * The last value of a word that the checks accept: where a check allows one too many, the kernel that runs on
 * it leaves its memory.
 */
import { Header, Operator } from '../../src/format';
import type { Random } from '../support/random';
import {
  anyOperator,
  isOffset,
  recordWords,
  repair,
  reshape,
  shapeAt,
  tensorRecords,
  type Draft,
} from './draft';
import { otherValue } from './mutations';
import { judge, seal } from './verdict';

/** Changes a draft so that a word, or what depends on it, has a value. */
type Setting = (draft: Draft, value: number) => void;

/** Whether the checks accept a copy in which the value is another. */
function accepts(draft: Draft, set: Setting, value: number): boolean {
  const copy = { words: draft.words.slice() };
  set(copy, value);
  repair(copy);
  seal(copy.words);
  return judge(copy.words).wrong === '';
}

/** Looks for the last value between one that is accepted and another. @returns undefined where none is */
function lastAccepted(
  draft: Draft,
  set: Setting,
  from: number,
  to: number,
  unit: number,
): number | undefined {
  if (!accepts(draft, set, from)) return undefined;
  if (accepts(draft, set, to)) return to;
  let good = from,
    steps = Math.floor(Math.abs(to - from) / unit);
  const sign = Math.sign(to - from) * unit;
  // Between good and good + steps * sign all is accepted up to some place, if anything.
  while (steps > 1) {
    const half = steps >> 1;
    if (accepts(draft, set, good + half * sign)) {
      good += half * sign;
      steps -= half;
    } else steps = half;
  }
  return good;
}

/** A word of an operator's record, or one dimension of a tensor, at the last value that is accepted. */
export function squeeze(random: Random, draft: Draft): void {
  const operator = anyOperator(random, draft),
    tensors = tensorRecords(draft);
  if (random.below(3) && operator) {
    const size = recordWords(draft, operator.at),
      place = operator.at + (random.below(4) ? random.between(Operator.words, size - 1) : random.below(size)),
      value = draft.words[place];
    if (place >= draft.words.length) return;
    const unit = isOffset(draft, value) ? 4 : 1,
      far =
        unit === 4
          ? random.pick([draft.words.byteLength, Header.words * 4 - 4])
          : otherValue(random, draft, value) | 0,
      set: Setting = (d, v) => (d.words[place] = v),
      last = lastAccepted(draft, set, value, far, unit);
    if (last !== undefined) set(draft, last);
  } else if (tensors.length) {
    const tensor = random.pick(tensors),
      shape = shapeAt(draft, tensor),
      i = random.below(shape.length),
      set: Setting = (d, v) =>
        reshape(
          d,
          tensor,
          shape.map((n, k) => (k === i ? v : n)),
          false,
        ),
      last = lastAccepted(draft, set, shape[i], random.pick([1, 8, 100, 5000]), 1);
    if (last !== undefined) set(draft, last);
  }
}
