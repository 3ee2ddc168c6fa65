/// <reference types="node" />
/** Builds the compiled kernels into an addon for Node. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { findCompiler } from '../../host/xs/build';
import { commandVersion } from '../../host/xs/compile';
import { packageRoot } from '../../host/system/version';

const root = packageRoot(),
  native = join(root, 'dist/device/native'),
  sources = ['kernels.c', 'support.c', 'checks.c']
    .map((name) => join(native, name))
    .concat(join(root, 'test/compiled/addon.c')),
  include = join(root, 'node_modules/node-api-headers/include');

/**
 * Returns the addon's path, building it the first time.
 * @throws NoCompilerError
 */
export function buildAddon(flags = ['-O2']): string {
  const compiler = findCompiler(),
    settings = [compiler, commandVersion(compiler) ?? '', ...flags],
    hash = createHash('sha256').update(settings.join('\n'));
  for (const file of [...sources, join(native, 'kernels.h')]) hash.update(readFileSync(file));
  const cache = join(root, 'node_modules/.cache/flint'),
    addon = join(cache, `addon-${hash.digest('hex').slice(0, 16)}.node`),
    temporary = `${addon}.${process.pid}`;
  if (existsSync(addon)) return addon;
  mkdirSync(cache, { recursive: true });
  const warnings = ['-Wall', '-Wextra', '-Werror', '-fwrapv'],
    link = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  execFileSync(
    compiler,
    [
      ...warnings,
      ...flags,
      '-g',
      '-fPIC',
      ...link,
      '-I' + native,
      '-I' + include,
      ...sources,
      '-o',
      temporary,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  renameSync(temporary, addon);
  return addon;
}
