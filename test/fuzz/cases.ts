/** Cases: changed files, and what the interpreter makes of them. */
import { Header, Operator } from '../../src/format';
import { operators } from '../../src/operators';
import { Pixel } from '../../src/resample';
import { Random } from '../support/random';
import { singleOperators, wholeModels, type Base } from './bases';
import { recordWords, repair, type Draft } from './draft';
import { mutations, type Mutation } from './mutations';
import { squeeze } from './squeeze';
import { costOf, hashesOf, judge, records, seal, type Image, type Verdict } from './verdict';

export interface Case {
  base: Base;
  words: Int32Array<ArrayBuffer>;
  expected: Verdict;
  run: boolean;
  /** Of the arena's bytes. */
  seed: number;
  image?: Image;
}

/** Makes one case after the other from a seed. */
export type Source = () => Case;

/** Records of sound files, by code: what one is made from that becomes another operator's. */
function donorsOf(bases: Base[]): Map<number, Int32Array[]> {
  const donors = new Map<number, Int32Array[]>();
  for (const { words } of bases)
    for (const at of records(words)) {
      const code = words[at + Operator.code];
      donors.set(code, [...(donors.get(code) ?? []), words.slice(at, at + recordWords({ words }, at))]);
    }
  return donors;
}

let whole: Base[] | undefined;

/** Steps that most cases may take to run, some, and very few; what takes more is only checked. */
const COSTS = [100_000, 3_000_000, 100_000_000];

/** Files up to this size are searched for the last value that is accepted: many checks of each. */
const SMALL_FILE = 20_000;

function changed(random: Random, base: Base, all: Mutation[]): Draft {
  const draft: Draft = { words: base.words.slice() },
    repaired = random.below(4) > 0;
  for (let n = random.pick([0, 1, 1, 1, 2, 2, 3, 5]); n > 0; n--) random.pick(all)(random, draft);
  if (repaired) repair(draft);
  if (repaired && base.words.byteLength < SMALL_FILE && random.below(3) === 0) {
    for (let n = random.pick([1, 1, 2]); n > 0; n--) squeeze(random, draft);
    repair(draft);
  }
  seal(draft.words);
  return draft;
}

/** An image of any format, turned and mirrored in any way. */
function imageOf(random: Random): Image {
  const size = (): number => random.pick([1, 2, 3, random.between(1, 40)]),
    format = random.below(5),
    pairs = format === Pixel.yuv422 ? 2 : 1;
  return { width: size() * pairs, height: size(), format, orientation: random.below(8) };
}

/** What a case is expected to give, of a file. */
export function caseOf(base: Base, words: Int32Array<ArrayBuffer>, random: Random, check = judge): Case {
  const expected = check(words),
    seed = random.below(2 ** 31),
    limit = COSTS[random.below(100) ? 0 : random.below(50) ? 1 : 2],
    run = !expected.wrong && costOf(words) <= limit,
    image = run && words[Header.preprocessing] ? imageOf(random) : undefined;
  return { base, words, expected, run, seed, image };
}

/** The cases of a seed. @param check in place of the interpreted checks */
export function source(seed: number, check = judge): Source {
  const random = new Random(Math.imul(seed, 2654435761) | 1);
  whole ??= wholeModels();
  const single = singleOperators(random, 120),
    all = mutations(donorsOf([...single, ...whole]));
  return () => {
    const base = random.below(8) ? random.pick(single) : random.pick(whole!);
    return caseOf(base, changed(random, base, all).words, random, check);
  };
}

/** Runs what is to be run, interpreted. */
export function interpret(c: Case): void {
  if (c.run) c.expected.hashes = hashesOf(c.words, c.seed, c.image);
}

/** The kinds of an accepted file's operators. */
export const kindsOf = ({ words }: Case): string[] =>
  records(words).map((at) => operators[words[at + Operator.code]].name);

/** Whether the file has one operator. */
export const isSingle = ({ words }: Case): boolean => words[Header.operatorCount] === 1;
