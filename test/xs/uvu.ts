/**
 * uvu's `test` for XS, which has neither processes nor timers: tests are collected, and run one after the
 * other.
 */

interface Suite {
  /** The test file. */
  name: string;
  tests: { title: string; run: () => void | Promise<void> }[];
  skipped: number;
}

const suites: Suite[] = [];

/**
 * What `import { test } from 'uvu'` gives a test file. Whatever else uvu's has is missing here, so that using
 * it fails.
 */
export function suite(name: string) {
  const own: Suite = { name, tests: [], skipped: 0 };
  suites.push(own);
  const test = (title: string, run: Suite['tests'][number]['run']): void =>
    void own.tests.push({ title, run });
  return Object.assign(test, { skip: (): void => void own.skipped++, run: (): void => {} });
}

/**
 * Runs the suites whose names contain `only` and prints uvu's closing lines; they are missing when a test
 * never ends.
 * @returns whether every test passed
 */
export async function runAll(print: (line: string) => void, only = ''): Promise<boolean> {
  let total = 0,
    passed = 0,
    skipped = 0;
  for (const { name, tests, skipped: own } of suites.filter((suite) => suite.name.includes(only))) {
    total += tests.length;
    skipped += own;
    for (const { title, run } of tests) {
      try {
        await run();
        passed++;
      } catch (error) {
        print(`   FAIL  ${name} "${title}"\n${(error as Error).message}\n${(error as Error).stack}`);
      }
    }
  }
  print(`  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}`);
  return passed === total;
}
