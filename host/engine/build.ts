/// <reference types="node" />
/** The XS engine on this machine: built once from the sources in @agoric/xsnap with the C compiler at hand, then kept. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export class NoCompilerError extends Error {}

/** The repository's folder, from wherever this is bundled to. */
export function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export interface Toolchain {
  name: string;
  compiler: string;
  /** For compiling and linking. */
  flags: string[];
  link: string[];
}

/** XS without a debugger, metering or a console; bounds checked, as Moddable's release builds are. */
const DEFINES = ['INCLUDE_XSPLATFORM', 'XSPLATFORM="platform.h"', 'mxParse=1', 'mxRun=1', 'mxSloppy=1', 'mxNoConsole=1', 'mxBoundsCheck=1'];
/** Parts of XS that need an operating system or are not used. */
const LEFT_OUT = ['xsSnapshot.c', 'xsMarshall.c'];

/**
 * Compiles and links XS and our host for one target; a later call finds the result.
 * @returns the path of the executable
 */
export async function build(tools: Toolchain, log: (line: string) => void = () => {}): Promise<string> {
  const root = repository(), xs = join(root, 'node_modules/@agoric/xsnap/moddable/xs'), own = join(root, 'host/engine');
  const ours = readdirSync(own).filter((file) => /\.[ch]$/.test(file)).map((file) => join(own, file));
  const theirs = readdirSync(join(xs, 'sources')).filter((file) => file.endsWith('.c') && !LEFT_OUT.includes(file)).map((file) => join(xs, 'sources', file));
  const flags = [...tools.flags, '-fno-common', ...DEFINES.map((d) => `-D${d}`), `-I${own}`, ...['includes', 'platforms', 'sources'].map((folder) => `-I${join(xs, folder)}`)];

  const hash = createHash('sha256').update(JSON.stringify([tools, flags, spawnSync(tools.compiler, ['--version'], { encoding: 'utf8' }).stdout]));
  for (const file of ours) hash.update(readFileSync(file));
  const cache = join(root, 'node_modules/.cache/flint'), target = join(cache, `${tools.name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(target)) return target;

  log(`building XS for ${tools.name} with ${tools.compiler}, once`);
  const work = `${target}.${process.pid}`, jobs = [...theirs, ...ours.filter((file) => file.endsWith('.c'))], objects: string[] = [], run = promisify(execFile);
  mkdirSync(work, { recursive: true });
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, async () => {
      for (let file = jobs.shift(); file; file = jobs.shift()) {
        const object = join(work, basename(file) + '.o'), warnings = file.startsWith(xs) ? ['-w'] : ['-Wall', '-Wextra', '-Wno-clobbered'];
        await run(tools.compiler, [...flags, ...warnings, '-c', file, '-o', object]);
        objects.push(object);
      }
    }));
    await run(tools.compiler, [...tools.flags, ...objects.sort(), ...tools.link, '-o', join(work, 'out')]);
    renameSync(join(work, 'out'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

/** XS for this machine. @throws NoCompilerError */
export async function buildXS(log?: (line: string) => void): Promise<string> {
  const compiler = [process.env.CC, 'cc', 'gcc', 'clang'].find((name) => name && spawnSync(name, ['--version']).status === 0);
  if (!compiler) throw new NoCompilerError('no C compiler was found (cc, gcc or clang, or one named by CC), so the XS engine cannot be built');
  return build({ name: 'xs', compiler, flags: ['-O2'], link: ['-lm'] }, log);
}
