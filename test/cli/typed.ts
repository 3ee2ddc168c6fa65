/// <reference types="node" />
/** The flint command at a terminal, and somebody who types: by util-linux's script. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whether there is such a program here. */
export const hasTerminal = existsSync('/usr/bin/script');

/** What Ctrl-C and Ctrl-D send. */
export const CTRL_C = '\x03',
  CTRL_D = '\x04';

/** A question at the end of what was printed, the cursor behind it. */
const question = /\(--[a-z-]+\): (\x1b\[\d+G)?$/;

/**
 * Runs flint at a terminal of 80 columns.
 * @param answers typed one after the other, when a question is there; a control character without Return
 * @returns what stood on the screen, escape sequences and all, and the exit code
 */
export function atTerminal(
  args: string[],
  answers: string[] = [],
  env: Record<string, string> = {},
): Promise<{ screen: string; status: number | null }> {
  const line = [process.execPath, 'host/flint.cjs', ...args].map((word) => `'${word}'`).join(' '),
    child = spawn('script', ['-qec', `stty cols 80; ${line}`, '/dev/null'], {
      env: { ...process.env, NO_COLOR: '', ...env },
    }),
    left = [...answers];
  let screen = '',
    seen = 0;
  child.stdout.on('data', (data: Buffer) => {
    screen += data.toString();
    if (!left.length || !question.test(screen.slice(seen))) return;
    seen = screen.length;
    const answer = left.shift()!;
    child.stdin.write(answer < ' ' ? answer : `${answer}\r`);
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ screen, status })));
}
