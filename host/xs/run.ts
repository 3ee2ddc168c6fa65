/// <reference types="node" />
/** Runs scripts on the XS engine, on this machine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildXS } from './build';

/** What a script runs with. */
export interface RunOptions {
  /** The script's global `args`: single lines, none empty. */
  args?: string[];
  /** Files in flash: names as in `new Resource(name)`, to paths. */
  resources?: Record<string, string>;
  /** Bytes of RAM for everything XS holds. */
  ram?: number;
  /** The XS stack, in slots. */
  stack?: number;
  /** Slots to begin with. */
  slots?: number;
  /** Bytes of chunk heap to begin with. */
  chunks?: number;
  /**
   * A script that has run while the ROM was made: what it defines is in flash, as Moddable's preloaded
   * modules are.
   */
  preload?: string;
  /** Without the compiled kernels. */
  interpreted?: boolean;
  /** Gets every line of output as it comes, without its end. */
  onLine?: (line: string) => void;
}

/** How a run ended. */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** What main.c wants to read, one argument a line. */
export function argumentFile(script: string, options: RunOptions): string {
  const sizes = (['ram', 'stack', 'slots', 'chunks'] as const).flatMap((name) =>
    options[name] ? ['--' + name, String(options[name])] : [],
  );
  const resources = Object.entries(options.resources ?? {}).flatMap(([name, path]) => [
    '--resource',
    `${name}=${path}`,
  ]);
  const preload = options.preload ? ['--preload', options.preload] : [],
    interpreted = options.interpreted ? ['--interpreted', '1'] : [];
  return (
    [...sizes, ...resources, ...preload, ...interpreted, script, ...(options.args ?? [])].join('\n') + '\n'
  );
}

/** Runs a command to its end, handing on its output line by line. */
export function collect(
  command: string,
  args: string[],
  cwd: string,
  onLine?: (line: string) => void,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '',
      stderr = '',
      told = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      for (let end = stdout.indexOf('\n', told); onLine && end >= 0; end = stdout.indexOf('\n', told)) {
        onLine(stdout.slice(told, end));
        told = end + 1;
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (onLine && told < stdout.length) onLine(stdout.slice(told));
      resolve({ code: code ?? 128, stdout, stderr: signal ? `${stderr}XS: ended by ${signal}\n` : stderr });
    });
  });
}

/** A folder for one run's files. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'flint-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a classic script, given as its text. */
export async function runXS(script: string, options: RunOptions = {}): Promise<RunResult> {
  const xs = await buildXS();
  return inTemporaryFolder((folder) => {
    const path = join(folder, 'script.js'),
      args = join(folder, 'arguments');
    writeFileSync(path, script);
    writeFileSync(args, argumentFile(path, options));
    return collect(xs, ['@' + args], process.cwd(), options.onLine);
  });
}
