import { test } from 'uvu';

type Test = (name: string, run: () => void | Promise<void>) => void;

/**
 * `test`, where the condition holds; else what registers a skipped test and says why, so that no run counts
 * it as passed.
 * @param reason what is missing on this machine
 */
export function testIf(condition: unknown, reason: string): Test {
  if (condition) return test;
  return (name, run) => {
    console.log(`SKIPPED: ${name}: ${reason}`);
    test.skip(`${name} (${reason})`, run);
  };
}
