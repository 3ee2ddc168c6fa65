import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Header, Operator } from '../../src/format';
import { operators } from '../../src/operators';
import { Lookup } from '../../src/operators/lookup';
import { testIf } from '../support/skip';
import { buildHarness, sanitizersMissing } from './build-harness';
import { operatorRecords } from './draft';
import { describe } from './describe';
import { ROUND, fuzz, newTally } from './rounds';
import { judge, type Verdict } from './verdict';

const missing = sanitizersMissing(),
  fuzzed = testIf(!missing, missing ?? '');

/** Of one seed, of sound code; damage is looked for in a whole round. */
const CASES = 3000;

/** What is wrong with one case of a round; empty where nothing is. */
function found(program: string, check?: (words: Int32Array) => Verdict): string {
  const failure = fuzz(program, 1, ROUND, newTally(), check);
  return failure ? describe(failure) : '';
}

/** Exchanges a text of one generated source, which must be there once. */
const exchanged =
  (source: string, from: RegExp, to: string) =>
  (name: string, text: string): string => {
    if (name !== source) return text;
    assert.is(text.match(from)?.length, 1, `${from} in ${name}`);
    return text.replace(from, to);
  };

/** The checks but for that of a lookup's table: it is as if every table began behind the header. */
function withoutTableCheck(words: Int32Array): Verdict {
  const copy = words.slice();
  for (const { at } of operatorRecords({ words: copy }))
    if (operators[copy[at + Operator.code]]?.name === 'lookup' && at + Lookup.words <= copy.length)
      copy[at + Lookup.table] = Header.words * 4;
  return judge(copy);
}

fuzzed('no changed file makes the compiled code leave its memory, or differ from the interpreted', () => {
  const tally = newTally(),
    failure = fuzz(buildHarness(), 1, CASES, tally);
  assert.is(failure && describe(failure), undefined);
  assert.ok(tally.run > CASES / 4 && tally.accepted < CASES * 0.9, `${tally.run} run`);
  assert.is(tally.alone.size, operators.length, 'every kind of operator is run');
});

fuzzed('a kernel that writes one byte beyond its output is found', () => {
  const longer = exchanged(
    'kernels',
    /memset\(a \+ begin, v, end - begin\)/,
    'memset(a + begin, v, end - begin + 1)',
  );
  assert.match(found(buildHarness(longer)), /WRITE of size[^]*js_fill|writes arena\[\d+\]|the arena differs/);
});

fuzzed('a kernel that reads one byte beyond its table is found', () => {
  const beyond = exchanged(
    'kernels',
    /bytes\[zero \+ arena\[p\]\]/,
    '((void)*(volatile int8_t *)&bytes[zero + arena[p] + 1], bytes[zero + arena[p]])',
  );
  assert.match(found(buildHarness(beyond)), /AddressSanitizer[^]*READ of size 1[^]*lookup_run/);
});

fuzzed('a check that is missing is found', () => {
  const without = exchanged('checks', /operator_inFile\(c, 9, 256\) \? false : true/, 'false'),
    program = buildHarness(without);
  assert.match(found(program), /the checks answer \d+ compiled, -1 interpreted/);
  assert.match(found(program, withoutTableCheck), /AddressSanitizer[^]*lookup_run/);
});

test.run();
