/// <reference types="node" />
/** Two cores that share the rows of operators, here two threads, against one. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SMALL_PROCESSOR } from '../../host/xs/build';
import { inTemporaryFolder } from '../../host/xs/run';
import { Header, Operator } from '../../src/format';
import type { Native } from '../../src/native/native';
import { singleOperators, wholeModels, type Base } from '../fuzz/bases';
import { sanitizersMissing } from '../fuzz/build-harness';
import { records } from '../fuzz/verdict';
import { Random } from '../support/random';
import { testIf } from '../support/skip';
import { xsMissing } from '../support/xs';
import { buildAddon, buildAddonForTwo, buildRace } from './build-addon';

/** Every operator that has two rows is shared, however small. */
const SHARE_ALL = '-DFLINT_SHARED_WORK=0',
  SANITIZE = '-fsanitize=thread';

const compiled = testIf(!xsMissing, xsMissing),
  noThreads = xsMissing || sanitizersMissing([SANITIZE], 'ThreadSanitizer'),
  sanitized = testIf(!noThreads, noThreads ?? '');

/** An addon; that of two cores tells how many operators were run that both share. */
const open = (path: string): Native & { shared(): number } => createRequire(import.meta.url)(path);

let bases: Base[] | undefined;
const models = (): Base[] => (bases ??= [...wholeModels(), ...singleOperators(new Random(16), 1500)]);

/** An arena of random bytes, and the kernels' own memory behind it, which holds noise. */
function memoryOf(words: Int32Array, scratch: number): { arena: Int8Array; scratch: Int8Array } {
  const size = words[Header.arenaBytes],
    block = new ArrayBuffer(size + scratch * 4),
    arena = new Int8Array(block, 0, size);
  arena.set(new Random(size).bytes(size));
  return { arena, scratch: new Int8Array(block, size).fill(0x5a) };
}

/** Runs each operator on one core and on two; all bytes but those of its scratch must be equal. */
function sameBytes({ title, words }: Base, one: Native, two: Native): void {
  const file = words.buffer,
    a = memoryOf(words, one.check(file)),
    b = memoryOf(words, two.check(file));
  records(words).forEach((at, i) => {
    one.run(file, a.arena, a.scratch, i);
    two.run(file, b.arena, b.scratch, i);
    const begin = words[at + Operator.scratch],
      end = begin + words[at + Operator.scratchBytes];
    b.arena.set(a.arena.subarray(begin, end), begin);
    assert.ok(Buffer.compare(Buffer.from(a.arena), Buffer.from(b.arena)) === 0, `${title}, operator ${i}`);
  });
}

for (const [processor, flags] of [
  ['many registers', []],
  ['few registers', SMALL_PROCESSOR],
] as const)
  compiled(`two cores give the bytes of one, with ${processor}`, () => {
    const one = open(buildAddon()),
      two = open(buildAddonForTwo([SHARE_ALL, ...flags]));
    for (const model of models()) sameBytes(model, one, two);
    assert.ok(two.shared() > 300, `${two.shared()} operators were shared`);
  });

compiled('what is too little work for two cores is not shared, and takes no more memory', () => {
  const one = open(buildAddon()),
    two = open(buildAddonForTwo(['-DFLINT_SHARED_WORK=0x7fffffff']));
  for (const { title, words } of models()) assert.is(two.check(words.buffer), one.check(words.buffer), title);
});

sanitized('no byte that a thread writes is touched by the other', () =>
  inTemporaryFolder((folder) => {
    const files = models().map(({ words }, i) => {
      const path = join(folder, `${i}.flint`);
      writeFileSync(path, words);
      return path;
    });
    const { status, stdout, stderr } = spawnSync(buildRace([SANITIZE, SHARE_ALL]), files, {
      encoding: 'utf8',
    });
    assert.is(status, 0, stderr.slice(0, 4000));
    assert.ok(Number(stdout) > 300, `${stdout} operators were shared`);
    return Promise.resolve();
  }),
);

test.run();
