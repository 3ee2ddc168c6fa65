/** Random functions give in C what they give in V8, and leave the same in memory. */
import { test } from 'uvu';
import { Random } from '../support/random';
import { testIf } from '../support/skip';
import { agrees, edges } from './agrees';
import { compilerMissing, sanitized, withProgram } from './program';
import { Programs, around } from './random-programs';

const testC = testIf(!compilerMissing, compilerMissing),
  FUNCTIONS = 400;

/** Compiling takes four times as long as running when C optimizes. Of what chance writes it warns: a < a. */
const unhurried = (c: string): string => c.replace(/^#pragma GCC optimize.*$/m, '');

testC(`${FUNCTIONS} random functions`, () => {
  const random = new Random(12345),
    programs = new Programs(random),
    texts = Array.from({ length: FUNCTIONS }, (_, i) => programs.function(`f${i}`)),
    rows = Array.from({ length: 12 }, () => [
      random.pick(edges),
      random.below(2) ? random.pick(edges) : random.below(2 ** 31) | 0,
    ]);
  withProgram(
    { 'random.ts': around + texts.join('') },
    (program) =>
      agrees(
        program,
        program.entries.map(({ name }) => name),
        rows,
      ),
    { flags: [...sanitized, '-w'], edit: unhurried },
  );
});

test.run();
