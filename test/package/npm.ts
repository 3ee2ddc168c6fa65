/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

/** npm run hands settings of this repository on to what it runs; a folder of somebody else has its own. */
const { npm_config_ignore_scripts, npm_config_local_prefix, ...env } = process.env;

/** Runs a program in a folder. @returns what it prints on standard output */
export function runIn(cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  assert.is(status, 0, `${[program, ...args].join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`);
  return stdout;
}

/** Whether the npm registry answers. */
export function registryAnswers(): boolean {
  const patience = ['--fetch-retries=0', '--fetch-timeout=10000'];
  return spawnSync('npm', ['view', 'uvu', 'version', ...patience], { env }).status === 0;
}

/**
 * Packs this package into a folder. What has been built is packed as it is: to build it again would take the
 * files away from tests that run beside this one.
 * @returns the tarball
 */
export function packInto(folder: string): string {
  runIn('.', 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  );
}
