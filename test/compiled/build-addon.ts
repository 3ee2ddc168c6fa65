/// <reference types="node" />
/** Builds the compiled kernels for this machine: into an addon for Node, or a program. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { findCompiler } from '../../host/xs/build';
import { commandVersion } from '../../host/xs/compile';
import { packageRoot } from '../../host/system/version';

const root = packageRoot(),
  native = join(root, 'dist/device/native'),
  kernels = ['kernels.c', 'support.c', 'checks.c'].map((name) => join(native, name)),
  include = join(root, 'node_modules/node-api-headers/include'),
  twoCores = join(root, 'dist/device/two-cores'),
  headers = [join(native, 'kernels.h'), join(twoCores, 'cores.h')];

/** What makes the kernels those of two cores, with cores.c. */
const TWO_CORES = ['-DFLINT_TWO_CORES=1', '-pthread', '-I' + twoCores],
  cores = join(twoCores, 'cores.c');

/** Builds kernels and other sources, unless that was done. @returns the path */
function build(name: string, others: string[], flags: string[], extension = ''): string {
  const compiler = findCompiler(),
    sources = [...kernels, ...others],
    hash = createHash('sha256').update([compiler, commandVersion(compiler) ?? '', ...flags].join('\n'));
  for (const file of [...sources, ...headers]) hash.update(readFileSync(file));
  const cache = join(root, 'node_modules/.cache/flint'),
    built = join(cache, `${name}-${hash.digest('hex').slice(0, 16)}${extension}`),
    temporary = `${built}.${process.pid}`;
  if (existsSync(built)) return built;
  mkdirSync(cache, { recursive: true });
  const warnings = ['-Wall', '-Wextra', '-Werror', '-fwrapv'];
  execFileSync(compiler, [...warnings, ...flags, '-g', '-I' + native, ...sources, '-o', temporary], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  renameSync(temporary, built);
  return built;
}

/**
 * Returns the addon's path, building it the first time.
 * @throws NoCompilerError
 */
export function buildAddon(flags = ['-O2'], others: string[] = []): string {
  const link = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'],
    sources = [join(root, 'test/compiled/addon.c'), ...others];
  return build('addon', sources, [...flags, '-fPIC', ...link, '-I' + include], '.node');
}

/** The same, of kernels that two cores share. */
export const buildAddonForTwo = (flags: readonly string[]): string =>
  buildAddon(['-O2', ...TWO_CORES, ...flags], [cores]);

/** The program of race.c. */
export const buildRace = (flags: string[]): string =>
  build('race', [join(root, 'test/compiled/race.c'), cores], ['-O1', ...TWO_CORES, ...flags]);
