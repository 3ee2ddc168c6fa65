/** Rounds of cases, and what they have reached. */
import { interpret, isSingle, kindsOf, source, type Case } from './cases';
import { compare, type Failure } from './harness';
import { judge } from './verdict';

/** Cases of one seed: those behind them come from the next. */
export const ROUND = 10_000;

/** Cases that one process of the harness takes. */
const BATCH = 500;

export interface Tally {
  cases: number;
  accepted: number;
  run: number;
  /** How often an operator of each kind was run. */
  kinds: Map<string, number>;
  /** And in how many files of no other. */
  alone: Map<string, number>;
}

export const newTally = (): Tally => ({
  cases: 0,
  accepted: 0,
  run: 0,
  kinds: new Map(),
  alone: new Map(),
});

function note(tally: Tally, c: Case): void {
  tally.cases++;
  if (!c.expected.wrong) tally.accepted++;
  if (!c.run) return;
  tally.run++;
  for (const kind of kindsOf(c)) {
    tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1);
    if (isSingle(c)) tally.alone.set(kind, (tally.alone.get(kind) ?? 0) + 1);
  }
}

/**
 * Runs a round.
 * @param check in place of the interpreted checks
 * @returns the first failure
 */
export function fuzz(
  program: string,
  seed: number,
  cases: number,
  tally = newTally(),
  check = judge,
): Failure | undefined {
  const next = source(seed, check);
  for (let done = 0; done < cases; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, cases - done) }, next);
    for (const c of batch) {
      interpret(c);
      note(tally, c);
    }
    const failure = compare(program, batch);
    if (failure) return failure;
  }
  return undefined;
}
