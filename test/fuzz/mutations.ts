/** Changes to one file: of single words, and of several that belong together. */
import { Header, Operator, Tensor } from '../../src/format';
import { operators } from '../../src/operators';
import { Requantization } from '../../src/operators/requantize';
import type { Random } from '../support/random';
import {
  anyOperator,
  append,
  isOffset,
  recordWords,
  shapeAt,
  tensorAt,
  tensorRecords,
  type Draft,
} from './draft';
import { operatorShapes, tensorShape, window } from './shapes';

export type Mutation = (random: Random, draft: Draft) => void;

// prettier-ignore
const EXTREMES = [
  0, 1, -1, 2, 3, 4, 8, 16, 127, 128, 255, 256, -128, -129, 32767, 32768, 65535, 1 << 16, 1 << 20, 1 << 24,
  1 << 25, (1 << 25) + 1, 1 << 28, 1 << 29, 1 << 30, 0x3fffffff, 0x7fffffff, 0x7ffffffe, 0x7ffffffc, -4,
  -0x7fffffff, -0x80000000,
];

/** Another value for a word. */
export function otherValue(random: Random, { words }: Draft, value: number): number {
  switch (random.below(10)) {
    case 0:
      return random.pick(EXTREMES);
    case 1:
      return value + random.pick([1, -1, 2, -2, 4, -4, 8, 32]);
    case 2:
      return random.pick([-value, ~value, value * 2, value >> 1, value * 4, value << 8]);
    case 3:
      return value ^ (1 << random.below(32));
    case 4:
      return random.between(0, 16);
    case 5:
      return 4 * random.below(words.length);
    case 6:
      return words.byteLength - 4 * random.below(40);
    case 7:
      return value + random.pick([1, -1]);
    case 8:
      return random.pick([-1, 0, 1]);
    default:
      return random.pick(words as ArrayLike<number> as number[]);
  }
}

/** A word that means something, by its index; -1 where there is none. */
export function anyPlace(random: Random, draft: Draft): number {
  const { words } = draft,
    operator = anyOperator(random, draft),
    tensors = tensorRecords(draft),
    kind = random.below(12);
  if (kind === 0) return random.below(Header.words);
  if (kind === 1) return random.below(words.length);
  if (kind < 4 && tensors.length) return random.pick(tensors) + random.below(Tensor.words);
  if (!operator) return -1;
  const size = recordWords(draft, operator.at);
  if (kind < 6) {
    // What a record points at.
    const offset = words[operator.at + Operator.words + random.below(Math.max(1, size - Operator.words))];
    return isOffset(draft, offset) ? Math.min(words.length - 1, (offset >> 2) + random.below(12)) : -1;
  }
  if (kind < 8) return operator.at + random.below(size);
  return Math.min(
    words.length - 1,
    operator.at + Operator.words + random.below(Math.max(1, size - Operator.words)),
  );
}

const word: Mutation = (random, draft) => {
  const place = anyPlace(random, draft);
  if (place >= 0) draft.words[place] = otherValue(random, draft, draft.words[place]);
};

/** As much taken from one word as is added to another near by: their sum stays. */
const balance: Mutation = (random, draft) => {
  const { words } = draft,
    from = anyPlace(random, draft),
    to = from + random.between(1, 5),
    by = random.pick([1, 2, 4, -1, -2, -4, random.between(-40, 40)]);
  if (from < 0 || to >= words.length) return;
  words[from] -= by;
  words[to] += by;
};

const byte: Mutation = (random, { words }) => {
  new Uint8Array(words.buffer)[random.below(words.byteLength)] = random.pick([
    0, 1, 2, 127, 128, 255, 224, 225, 254, 8, 17, 136,
  ]);
};

const swap: Mutation = (random, draft) => {
  const { words } = draft,
    a = anyPlace(random, draft),
    b = random.below(2) ? anyPlace(random, draft) : Math.min(words.length - 1, a + 1);
  if (a >= 0 && b >= 0) [words[a], words[b]] = [words[b], words[a]];
};

/** Fresh parameters for every channel of an operator's output, the last of them at the file's end. */
const parameters: Mutation = (random, draft) => {
  const operator = anyOperator(random, draft);
  if (!operator || recordWords(draft, operator.at) < Requantization.words) return;
  const { at } = operator,
    output = tensorAt(draft, draft.words[at + Operator.output]);
  if (output === undefined) return;
  const channels = Math.max(1, Math.min(1024, shapeAt(draft, output).at(-1)!)),
    list = (n: number, make: () => number): number[] => Array.from({ length: n }, make),
    fourOf = (low: number, high: number) => (): number =>
      [0, 8, 16, 24].reduce((all, shift) => all | ((random.between(low, high) & 255) << shift), 0);
  const make: Record<number, () => ArrayLike<number>> = {
    [Requantization.bias]: () => list(channels, () => random.between(-5000, 5000)),
    [Requantization.multipliers]: () => list(channels, () => 0x40000000 + random.below(0x40000000)),
    [Requantization.shifts]: () => list((channels + 3) >> 2, fourOf(-12, -1)),
  };
  for (let field = Requantization.words; field < recordWords(draft, at); field++)
    if (isOffset(draft, draft.words[at + field]))
      make[field] = () => list(random.pick([channels, 64, 512, 4096]), fourOf(-128, 127));
  const fields = Object.keys(make).map(Number);
  for (let n = random.between(1, fields.length); n > 0; n--) {
    const [field] = fields.splice(random.below(fields.length), 1),
      data = make[field]();
    draft.words[at + field] = append(draft, data);
  }
};

/** The record of another operator, or a copy of its own, at the file's end. */
export const movedRecord =
  (donors: Map<number, Int32Array[]>): Mutation =>
  (random, draft) => {
    const operator = anyOperator(random, draft);
    if (!operator) return;
    const { at, index } = operator,
      own = draft.words.slice(at, at + recordWords(draft, at)),
      code = random.below(2) ? own[Operator.code] : random.below(operators.length),
      donor = code === own[Operator.code] ? own : random.pick(donors.get(code) ?? [own]),
      record = new Int32Array(operators[code]?.words ?? own.length);
    record.set(donor.subarray(0, record.length));
    record.set(own.subarray(0, Operator.words));
    record[Operator.code] = code;
    record[Operator.size] = record.length;
    const list = (draft.words[Header.operators] >> 2) + index,
      offset = append(draft, record);
    if (list < draft.words.length) draft.words[list] = offset;
  };

/** Two operators in each other's place, or one of them twice. */
const order: Mutation = (random, { words }) => {
  const list = words[Header.operators] >> 2,
    count = Math.max(1, words[Header.operatorCount]),
    [a, b] = [list + random.below(count), list + random.below(count)];
  if (a < words.length && b < words.length)
    [words[a], words[b]] = [words[b], random.pick([words[a], words[b]])];
};

/** The common ones more often. */
export const mutations = (donors: Map<number, Int32Array[]>): Mutation[] => [
  word,
  word,
  word,
  word,
  byte,
  swap,
  balance,
  tensorShape,
  operatorShapes,
  window,
  window,
  parameters,
  parameters,
  movedRecord(donors),
  order,
];
