/// <reference types="node" />
/** The compiled checks and kernels with sanitizers, as a program: see harness.c. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../host/system/version';
import { findCompiler } from '../../host/xs/build';
import { commandVersion } from '../../host/xs/compile';

const root = packageRoot(),
  native = join(root, 'dist/device/native'),
  cache = join(root, 'node_modules/.cache/flint');

/**
 * Integers are shifted to the left whatever they are: that wraps, like every sum and product of the kernels
 * (a pragma of theirs says so to the compiler).
 */
const SANITIZE = [
  '-fsanitize=address,undefined',
  '-fno-sanitize=shift-base',
  '-fno-sanitize-recover=all',
  '-fno-omit-frame-pointer',
];

/** Compiles one source, unless it was. @returns the path of the object */
function objectOf(compiler: string, name: string, text: string, flags: string[]): string {
  const hash = createHash('sha256').update([compiler, commandVersion(compiler), ...flags].join('\n'));
  hash.update(readFileSync(join(native, 'kernels.h'))).update(text);
  const object = join(cache, `${name}-${hash.digest('hex').slice(0, 16)}.o`);
  if (existsSync(object)) return object;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'flint-fuzz-')),
    source = join(folder, `${name}.c`);
  writeFileSync(source, text);
  const args = [...SANITIZE, ...flags, '-O1', '-g', `-I${native}`, '-c', source, '-o', join(folder, 'o')];
  execFileSync(compiler, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  execFileSync('mv', [join(folder, 'o'), object]);
  rmSync(folder, { recursive: true });
  return object;
}

/** Changes the text of one generated source, by its name: to damage it, and see that it is found. */
export type Change = (name: string, text: string) => string;

/**
 * Returns the program's path, building it the first time.
 * @throws NoCompilerError
 */
export function buildHarness(change: Change = (_, text) => text, flags: string[] = []): string {
  const compiler = findCompiler(),
    sources = {
      kernels: join(native, 'kernels.c'),
      support: join(native, 'support.c'),
      checks: join(native, 'checks.c'),
    },
    harness = join(root, 'test/fuzz/harness.c');
  const objects = Object.entries({ ...sources, harness }).map(([name, path]) =>
    objectOf(compiler, name, change(name, readFileSync(path, 'utf8')), flags),
  );
  const hash = createHash('sha256').update(objects.join('\n')).digest('hex').slice(0, 16),
    program = join(cache, `fuzz-${hash}`);
  if (existsSync(program)) return program;
  execFileSync(compiler, [...SANITIZE, ...flags, ...objects, '-o', `${program}.${process.pid}`]);
  renameSync(`${program}.${process.pid}`, program);
  return program;
}

/** Why there are no sanitizers here; undefined where there are. */
export function sanitizersMissing(
  flags = SANITIZE,
  names = 'AddressSanitizer and UBSan',
): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'flint-fuzz-'));
  try {
    const source = join(folder, 'a.c'),
      program = join(folder, 'a');
    writeFileSync(source, 'int main(void) { return 0; }\n');
    execFileSync(findCompiler(), [...flags, source, '-o', program], { stdio: 'ignore' });
    execFileSync(program, { stdio: 'ignore' });
    return undefined;
  } catch {
    return `no C compiler with ${names}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
