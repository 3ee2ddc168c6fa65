/// <reference types="node" />
/**
 * npm run fuzz [-- --cases N] [--seed S]: changed files through the checks, interpreted and compiled, and
 * those that are accepted through the kernels, compiled with AddressSanitizer and UBSan. Cases are made in
 * rounds, each of a seed of its own; a failure names its round's. Kernels are those of large processors and of
 * small ones by turns.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SMALL_PROCESSOR } from '../../host/xs/build';
import { operators } from '../../src/operators';
import { Random } from '../support/random';
import { buildHarness, sanitizersMissing } from './build-harness';
import { describe, smallest } from './describe';
import { fuzz, newTally, ROUND, type Tally } from './rounds';

const { values } = parseArgs({
    options: { cases: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
  }),
  cases = Number(values.cases),
  seed = Number(values.seed),
  count = (n: number): string => n.toLocaleString('en');

function table({ kinds, alone }: Tally): string {
  const line = (name: string, ...cells: (string | number)[]): string =>
    '  ' + name.padEnd(22) + cells.map((cell) => cell.toLocaleString('en').padStart(12)).join('');
  return [
    line('operator', 'runs', 'alone'),
    ...operators.map(({ name }) => line(name, kinds.get(name) ?? 0, alone.get(name) ?? 0)),
  ].join('\n');
}

function main(): void {
  const missing = sanitizersMissing();
  if (missing) {
    console.log(`SKIPPED: fuzzing: ${missing}`);
    return;
  }
  const programs = [buildHarness(), buildHarness(undefined, [...SMALL_PROCESSOR])],
    begin = Date.now(),
    tally = newTally();
  let failure;
  for (let round = 0; round * ROUND < cases && !failure; round++) {
    const program = programs[(seed + round) & 1];
    failure = fuzz(program, seed + round, Math.min(ROUND, cases - round * ROUND), tally);
    if (failure) {
      const file = join(tmpdir(), `fuzz-${seed + round}.flint`),
        best = smallest(program, failure, new Random(1));
      writeFileSync(file, best.failed.words);
      console.log(`FAILED: ${describe(best)}\nthe file: ${file}`);
      console.log(`again: npm run fuzz -- --seed ${seed + round} --cases ${ROUND}`);
      process.exitCode = 1;
    } else if (process.stdout.isTTY) process.stdout.write(`\r${count(tally.cases)} cases\r`);
  }
  const seconds = (Date.now() - begin) / 1000,
    speed = `${seconds.toFixed(0)} s, ${count(Math.round(tally.cases / seconds))} a second`;
  console.log(
    `${count(tally.cases)} changed files from seed ${seed}: ${count(tally.accepted)} accepted, ` +
      `${count(tally.run)} of them run; ${speed}`,
  );
  console.log(table(tally));
}

main();
