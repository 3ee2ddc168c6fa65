/// <reference types="node" />
/** The flint command, run as people run it. */
import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs flint with these arguments. @param env what is different in its environment */
export function flint(args: string[], env: Record<string, string> = {}): Ended {
  const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
  return spawnSync(process.execPath, ['host/flint.cjs', ...args], options);
}

/** It does what it is asked for. @returns what it prints */
export function succeeds(args: string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = flint(args, env);
  assert.is(status, 0, `flint ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** It was asked for something that it cannot do, and says so in lines that begin with its name: no stack. */
export function fails(args: string[], pattern: RegExp, status = 1): void {
  const { stderr, ...ended } = flint(args);
  assert.is(ended.status, status, `flint ${args.join(' ')}\n${ended.stdout}${stderr}`);
  assert.match(stderr, /^flint: /);
  assert.match(stderr, pattern);
  assert.not.match(stderr, /\n {4}at /);
}

/** It is used wrongly, and says so before any work: nothing else is printed. */
export function misused(args: string[], pattern: RegExp): void {
  const { status, stdout, stderr } = flint(args);
  assert.is(status, 2, `flint ${args.join(' ')}\n${stdout}${stderr}`);
  assert.is(stdout, '');
  assert.match(stderr, pattern);
}
