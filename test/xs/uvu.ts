/** uvu's `test` for an engine without processes or timers: collects tests and runs them when asked. */

interface Case {
  name: string;
  run: () => void;
}

const cases: Case[] = [];

export function test(name: string, run: () => void): void {
  cases.push({ name, run });
}

/** Called at the end of every test file; the suites run together, in runAll. */
test.run = (): void => {};
test.skip = (): void => {};

/** Runs what was collected and prints uvu's closing lines. */
export function runAll(print: (line: string) => void): boolean {
  let passed = 0;
  for (const { name, run } of cases) {
    try {
      run();
      passed++;
    } catch (error) {
      print(`   FAIL  "${name}"\n${(error as Error).message}\n${(error as Error).stack}`);
    }
  }
  print(`  Total:     ${cases.length}\n  Passed:    ${passed}\n  Skipped:   0`);
  return passed === cases.length;
}
