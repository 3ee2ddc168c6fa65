/// <reference types="node" />
/**
 * Compiles the XS engine where npm put it, together with our host, for any C compiler; each result is made
 * once.
 */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../system/version';

/** A C compiler and its settings. */
export interface Toolchain {
  /** Folder name in the cache. */
  name: string;
  compiler: string;
  /** For every compilation. */
  flags: string[];
  /** For linking only. */
  linkFlags: string[];
}

export type Log = (line: string) => void;

const run = promisify(execFile);

/** Snapshots and marshalling are for other hosts; xsMemory.c is compiled within heap.c. */
const leftOut = ['xsSnapshot.c', 'xsMarshall.c', 'xsMemory.c'];

const defines = [
  'INCLUDE_XSPLATFORM',
  'XSPLATFORM="platform.h"',
  'mxParse=1',
  'mxRun=1',
  'mxSloppy=1',
  'mxNoConsole=1',
];

function xsFolder(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    const xs = join(folder, 'node_modules/@agoric/xsnap/moddable/xs');
    if (existsSync(xs)) return xs;
    if (folder === dirname(folder))
      throw new Error('@agoric/xsnap, which carries the XS sources, is not installed: npm install');
  }
}

const foldersOf = (xs: string): string[] =>
  ['includes', 'platforms', 'sources'].map((folder) => join(xs, folder));

/** What compiling any file takes that includes XS's headers, or the compiled kernels'. */
export function includeXS(): string[] {
  const root = packageRoot();
  return [
    ...defines.map((define) => '-D' + define),
    '-I' + join(root, 'host/xs'),
    '-I' + join(root, 'dist/device/native'),
    ...foldersOf(xsFolder(root)).flatMap((folder) => ['-isystem', folder]),
  ];
}

/** What a command says it is, or undefined when there is none. */
export function commandVersion(command: string, flags: string[] = []): string | undefined {
  const { status, stdout } = spawnSync(command, [...flags, '--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

const listed = (folder: string, ...endings: string[]): string[] =>
  readdirSync(folder)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .sort()
    .map((name) => join(folder, name));

function digest(settings: string[], files: string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Runs the jobs, at most one per core. */
async function inParallel(jobs: (() => Promise<unknown>)[]): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let job = jobs.pop(); job; job = jobs.pop()) await job();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** Returns the path of the executable, building what the cache does not hold. */
export async function compile(
  { name, compiler, flags, linkFlags }: Toolchain,
  log: Log = () => {},
): Promise<string> {
  const root = packageRoot(),
    xs = xsFolder(root),
    host = join(root, 'host/xs');
  const folders = foldersOf(xs);
  const xsFlags = [...flags, ...includeXS()];
  const settings = [commandVersion(compiler) ?? '', ...flags, ...defines];
  const sources = listed(folders[2], '.c').filter((file) => !leftOut.some((left) => file.endsWith(left)));
  // The compiled kernels and their binding, as the build made them for firmware.
  const native = join(root, 'dist/device/native'),
    hostSources = [...listed(host, '.c'), ...listed(native, '.c')];

  const xsHash = digest(settings, [
    join(host, 'platform.h'),
    ...folders.flatMap((folder) => listed(folder, '.c', '.h')),
  ]);
  const cache = join(root, 'node_modules/.cache/flint', `${name}-${xsHash}`);
  const executable = join(
    cache,
    'xs-' + digest(linkFlags, [...hostSources, join(host, 'host.h'), ...listed(native, '.h')]),
  );
  if (existsSync(executable)) return executable;

  /**
   * Under a temporary name first: a build that is cut off, or runs twice at once, leaves nothing half
   * written.
   */
  const make = async (output: string, args: string[]): Promise<void> => {
    const temporary = `${output}.${process.pid}`;
    await run(compiler, [...args, '-o', temporary], { maxBuffer: 1 << 26 });
    renameSync(temporary, output);
  };
  mkdirSync(cache, { recursive: true });
  const objects = sources.map((source) => join(cache, source.slice(folders[2].length + 1, -2) + '.o'));
  const missing = sources.filter((_, i) => !existsSync(objects[i]));
  log(`compiling the XS engine with ${compiler} (${missing.length} files)`);
  // XS is not ours to change: its warnings are switched off.
  await inParallel(
    missing.map((source) => () => make(objects[sources.indexOf(source)], ['-w', ...xsFlags, '-c', source])),
  );
  await make(executable, ['-Wall', '-Wextra', ...xsFlags, ...hostSources, ...objects, ...linkFlags]);
  return executable;
}
