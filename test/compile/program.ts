/// <reference types="node" />
/**
 * Programs that are run twice: compiled to C, by the machine's compiler, and by V8 as the very same
 * TypeScript without its types.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { compileKernels, type CompiledKernels } from '../../host/compile/compile';
import { findCompiler } from '../../host/xs/build';
import { Random } from '../support/random';

/** Why there is nothing to build programs with; empty when there is. */
export const compilerMissing = ((): string => {
  try {
    findCompiler();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
})();

/** What entries of a program get where they ask for arrays: the same before every call. */
export const bytes = new Random(7).bytes(256),
  part = (begin: number, end: number): ArrayBuffer => bytes.slice(begin, end).buffer as ArrayBuffer;

/** The arrays, by their types in C: what C's main calls them, and V8's own copy. */
export const arrays: Record<string, { name: string; copy(): unknown }> = {
  'int8_t *': { name: 'arena', copy: () => new Int8Array(part(0, 64)) },
  'const int8_t *': { name: 'bytes', copy: () => new Int8Array(part(64, 128)) },
  'const uint8_t *': { name: 'pixels', copy: () => new Uint8Array(part(64, 128)) },
  'const int32_t *': { name: 'words', copy: () => new Int32Array(part(128, 192)) },
  'int32_t *': {
    name: 'sums',
    copy: () => [...new Int32Array(part(192, 256))],
  },
};

export interface Entry {
  name: string;
  isVoid: boolean;
  /** Types of its parameters in C. */
  types: string[];
}

export type Call = (...args: unknown[]) => unknown;

export interface Program {
  entries: Entry[];
  /** V8's functions. */
  js: Record<string, Call>;
  /** The C program. */
  path: string;
}

/** Files in a folder of their own, until `use` is through with it. */
export function inFolder<T>(files: Record<string, string>, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'flint-compile-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Strict about what C warns of, and stopping where C has no answer: wrapping, it has one for overflow. */
const strict = ['-Wall', '-Wextra', '-Werror'];
export const sanitized = ['-fwrapv', '-fsanitize=undefined', '-fsanitize-undefined-trap-on-error'];

interface Options {
  flags?: string[];
  /** Changes the C. */
  edit?(c: string): string;
}

/**
 * Compiles TypeScript to C and builds it, for the time of `use`.
 * @param files by their names; all but those in folders are entries
 */
export function withProgram(
  files: Record<string, string>,
  use: (program: Program) => void,
  { flags = sanitized, edit = (c) => c }: Options = {},
): void {
  inFolder(files, (folder) => {
    const compiled = compileKernels(
        folder,
        Object.keys(files).filter((name) => !name.includes('/')),
        1,
      ),
      entries = entriesOf(compiled),
      inC = {
        'kernels.c': edit(compiled.kernels),
        'support.c': edit(compiled.support),
        'checks.c': edit(compiled.checks),
      },
      all = { ...inC, 'kernels.h': compiled.header, 'main.c': mainText(entries) };
    for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
    const path = join(folder, 'program'),
      sources = [...Object.keys(inC), 'main.c'].map((name) => join(folder, name));
    execFileSync(findCompiler(), [...strict, ...flags, ...sources, '-o', path], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    use({ entries, js: loadScripts(folder, files), path });
  });
}

const entriesOf = ({ header }: CompiledKernels): Entry[] =>
  [...header.matchAll(/^(\w+) flint_(\w+)\((.*)\);$/gm)].map(([, result, name, parameters]) => ({
    name,
    isVoid: result === 'void',
    types: parameters === 'void' ? [] : parameters.split(', ').map((p) => p.replace(/\w+$/, '').trim()),
  }));

/** V8's: every module as CommonJS, which finds files without endings. */
function loadScripts(folder: string, files: Record<string, string>): Record<string, Call> {
  const { ES2022: target } = ts.ScriptTarget,
    { CommonJS: module } = ts.ModuleKind,
    require = createRequire(join(folder, 'main.js')),
    all: Record<string, Call> = {};
  for (const [name, text] of Object.entries(files))
    writeFileSync(
      join(folder, name.replace(/ts$/, 'js')),
      ts.transpileModule(text, { compilerOptions: { target, module } }).outputText,
    );
  for (const name of Object.keys(files)) Object.assign(all, require(join(folder, name.replace(/ts$/, 'js'))));
  return all;
}

/** C's main: reads the memory, then calls: the entry, how many numbers, whether to tell what arrays hold. */
const mainText = (entries: Entry[]): string => `#include "kernels.h"
#include <stdio.h>
#include <string.h>
static union { uint8_t all[256]; struct { int8_t arena[64], bytes[64]; int32_t words[16], sums[16]; } in; } given, now;
int main(void)
{
	const uint8_t *pixels = (const uint8_t *)now.in.bytes;
	int8_t *arena = now.in.arena, *bytes = now.in.bytes;
	int32_t *words = now.in.words, *sums = now.in.sums, head[3], a[16];
	if (!fread(given.all, 256, 1, stdin)) return 1;
	while (fread(head, 12, 1, stdin)) {
		int32_t result = 0;
		if (head[1] && !fread(a, head[1] * 4, 1, stdin)) return 1;
		now = given;
		switch (head[0]) {
${entries.map(callText).join('')}
		}
		(void)pixels, (void)bytes, (void)words;
		fwrite(&result, 4, 1, stdout);
		if (head[2]) fwrite(arena, 64, 1, stdout), fwrite(sums, 64, 1, stdout);
	}
	return 0;
}
`;

function callText({ name, isVoid, types }: Entry, index: number): string {
  let numbers = 0;
  const args = types.map((type) => arrays[type]?.name ?? `a[${numbers++}]${type === 'bool' ? ' != 0' : ''}`);
  return `\t\tcase ${index}: ${isVoid ? '' : 'result = '}flint_${name}(${args.join(', ')}); break;\n`;
}

/** What is refused in a program. */
export function errorsOf(files: Record<string, string>): string[] {
  try {
    inFolder(files, (folder) => compileKernels(folder, Object.keys(files), 1));
    return [];
  } catch (error) {
    return (error as Error).message.trim().split('\n');
  }
}
