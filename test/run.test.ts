/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countsOf, type Counts } from './support/counts';
import { runAll, suite } from './xs/uvu';

/** Runs a test file, given as its text. */
function counted(script: string): Counts {
  const all = `import { test } from 'uvu';\nimport * as assert from 'uvu/assert';\n${script}`,
    { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', all], {
      encoding: 'utf8',
    });
  return countsOf({ code: status ?? 1, text: stdout + stderr });
}

const good = "test('good', () => {});",
  failure = { passed: 0, failed: 1, skipped: 0 };

test('tests that pass, fail and are skipped are told apart', () => {
  const bad = "test('bad', () => assert.is(1, 2));",
    skipped = "test.skip('skipped', () => {});";
  assert.equal(counted(`${good} ${skipped} test.run();`), { passed: 1, failed: 0, skipped: 1 });
  assert.equal(counted(`${good} ${bad} ${skipped} test.run();`), { passed: 1, failed: 1, skipped: 1 });
  assert.equal(counted(`${skipped} test.run();`), { passed: 0, failed: 0, skipped: 1 });
});

test('a file that does not reach the end of its tests has failed', () => {
  for (const script of [
    good, // which nothing runs
    'throw new Error();',
    "test('leaves', () => process.exit(0)); test.run();",
    "test('never ends', () => new Promise(() => {})); test.run();",
    'test.run();',
  ])
    assert.equal(counted(script), failure, script);
});

test('what goes wrong behind the back of a test is a failure', () => {
  const unawaited = "test('does not wait', () => { Promise.reject(new Error('late')); });";
  assert.is(counted(`${good} ${unawaited} test.run();`).failed, 1);
});

/** What the runner for XS prints of a suite that `define` fills. */
async function onXS(name: string, define: (test: ReturnType<typeof suite>) => void): Promise<Counts> {
  define(suite(name));
  const lines: string[] = [],
    passed = await runAll((line) => lines.push(line), name);
  return countsOf({ code: passed ? 0 : 1, text: lines.join('\n') });
}

test('on XS, too, they are told apart, and promises are waited for', async () => {
  const counts = await onXS('some', (test) => {
    test('good', () => {});
    test('good later', () => Promise.resolve());
    test('bad', () => assert.is(1, 2));
    test('bad later', () => Promise.resolve().then(() => assert.is(1, 2)));
    test.skip();
  });
  assert.equal(counts, { passed: 2, failed: 2, skipped: 1 });
});

test('on XS, too, a suite without tests has failed', async () => {
  assert.equal(await onXS('none', () => {}), failure);
});

test.run();
