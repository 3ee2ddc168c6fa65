/// <reference types="node" />
/**
 * Compiles the device's integer functions from TypeScript to C.
 *
 * A function whose comment says `@compiled kernels` is an entry: C has it as flint_NAME, with all that it calls,
 * in kernels.c. What else is computed for each image or model, `@compiled support`, is in support.c. Those of
 * `@compiled checks` look at models that may be wrong, so their numbers saturate, and run once, so checks.c is
 * compiled for size.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { fileText, headerText } from './file';
import { compileFunction } from './functions';
import { refuse, type Compilation } from './routines';
import { Refused, readSource, tagOf, type Source } from './source';

/** The C files, and what a function's tag calls them. */
const PARTS = ['kernels', 'support', 'checks'] as const;

/** What the C compiler gets. */
export interface CompiledKernels {
  kernels: string;
  support: string;
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
    structs: Compilation['structs'] = new Set(),
    parts = PARTS.map((part) => compileTagged(source, part, structs)),
    errors = [...parts.flatMap((part) => part.errors), ...sameNames(source, parts)];
  if (errors.length) throw new Error([...new Set(errors)].join('\n'));
  const [kernels, support, checks] = parts.map(fileText);
  return { kernels, support, checks, header: headerText(source, parts, version) };
}

/** Compiles the functions that are tagged so. */
function compileTagged(source: Source, tag: string, structs: Compilation['structs']): Compilation {
  const compilation: Compilation = {
    ...source,
    checks: tag === 'checks',
    saturates: tag === 'checks',
    entries: [],
    routines: new Map(),
    names: new Map(),
    tables: new Map(),
    structs,
    dispatchers: new Map(),
    errors: [],
    compileFunction: (node, name) => compileFunction(compilation, node, name),
  };
  for (const node of source.files.flatMap((file) => file.statements))
    try {
      const entry = entryOf(source, node, tag);
      if (entry) compilation.entries.push(compileFunction(compilation, entry, entry.name!.text));
    } catch (error) {
      refuse(compilation, error);
    }
  return compilation;
}

/** C has all entries under one prefix. */
function sameNames(source: Source, compilations: Compilation[]): string[] {
  const nodes = compilations.flatMap(({ entries }) => entries.map(({ node }) => node)),
    name = (node: ts.Node): string => (node as ts.FunctionDeclaration).name!.text;
  return nodes
    .filter((node, i) => nodes.findIndex((other) => name(other) === name(node)) < i)
    .map((node) => new Refused(source, node, 'give each entry a name of its own').message);
}

/** The function that is tagged so. @throws Refused when something is tagged that cannot be an entry */
function entryOf(source: Source, node: ts.Statement, tag: string): ts.FunctionDeclaration | undefined {
  const found = tagOf(node, 'compiled');
  if (found === undefined) return undefined;
  if (!ts.isFunctionDeclaration(node) || !node.name)
    throw new Refused(source, node, 'an entry is a function with a name: function NAME() {}');
  if (!PARTS.some((part) => part === found)) {
    const known = PARTS.map((part) => `@compiled ${part}`).join(' or ');
    throw new Refused(source, node, `write ${known}, last in the comment, not @compiled ${found}`);
  }
  return found === tag ? node : undefined;
}
