/// <reference types="node" />
import { spawnSync } from 'node:child_process';

/** Seconds after which a script counts as one that never ends. */
const PATIENCE = 20;

/**
 * Runs a script in a process of its own, for what could hang or end the test's.
 * @param script the body of an async function; what it prints is returned
 * @throws Error when it fails or does not end by itself
 */
export function runScript(script: string, env: Record<string, string> = {}): string {
  // As a module by --input-type it would hand that option on to its threads, which do not take it.
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', `(async () => { ${script} })()`],
    {
      encoding: 'utf8',
      timeout: PATIENCE * 1000,
      env: { ...process.env, ...env },
    },
  );
  if (signal) throw new Error(`the script did not end within ${PATIENCE} s`);
  if (status) throw new Error(stderr);
  return stdout;
}
