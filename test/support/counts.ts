/** What a process left that ran tests: its exit code, 0 when all was well, and all it printed. */
export interface Ended {
  code: number;
  text: string;
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * What uvu's closing lines say. Without them, with a bad end, or without any test there was a failure.
 * @param selected whether only some tests were asked for, of which there may be none
 */
export function countsOf({ code, text }: Ended, selected = false): Counts {
  const last = (what: string): number =>
      Number([...text.matchAll(new RegExp(`${what}: +(\\d+)`, 'g'))].at(-1)?.[1]),
    [total, passed, skipped] = ['Total', 'Passed', 'Skipped'].map(last);
  if (Number.isNaN(total + passed + skipped) || (total + skipped === 0 && !selected))
    return { passed: 0, failed: 1, skipped: 0 };
  return { passed, failed: total - passed || (code === 0 ? 0 : 1), skipped };
}
