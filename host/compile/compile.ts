/// <reference types="node" />
/**
 * Compiles the device's integer functions from TypeScript to C.
 *
 * A function whose comment says `@compiled` is an entry: C has it as flint_NAME, with all that it calls. Those
 * of `@compiled checks` go to a file of their own: they look at models that may be wrong, so their numbers
 * saturate, and run once, so they are compiled for size.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { fileText, headerText } from './file';
import { compileFunction } from './functions';
import type { Compilation } from './routines';
import { readSource, tagOf, type Source } from './source';

/** What the C compiler gets. */
export interface CompiledKernels {
  kernels: string;
  checks: string;
  header: string;
}

/**
 * @param root the folder that file names are relative to
 * @param entries TypeScript files, relative to it; what they import belongs to the program
 * @param version of the sources; the C and the JavaScript compare it
 * @throws Error that lists everything that cannot be compiled, by file and line
 */
export function compileKernels(root: string, entries: string[], version: number): CompiledKernels {
  const source = readSource(
      root,
      entries.map((file) => join(root, file)),
    ),
    kernels = compileTagged(source, ''),
    checks = compileTagged(source, 'checks'),
    errors = [...kernels.errors, ...checks.errors];
  if (errors.length) throw new Error(errors.join('\n'));
  return {
    kernels: fileText(kernels),
    checks: fileText(checks),
    header: headerText(source, [kernels, checks], version),
  };
}

/** Compiles the functions that are tagged so. */
function compileTagged(source: Source, tag: string): Compilation {
  const compilation: Compilation = {
    ...source,
    saturates: tag === 'checks',
    entries: [],
    routines: new Map(),
    tables: new Map(),
    structs: new Set(),
    dispatchers: new Map(),
    errors: [],
    compileFunction: (node, name) => compileFunction(compilation, node, name),
  };
  for (const node of source.files.flatMap((file) => file.statements.filter(ts.isFunctionDeclaration)))
    if (tagOf(node, 'compiled') === tag)
      compilation.entries.push(compileFunction(compilation, node, node.name!.text));
  return compilation;
}
