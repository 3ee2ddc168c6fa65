/** Functions: each that is reached is compiled once. */
import { basename } from 'node:path';
import ts from 'typescript';
import { Refused, declarationOf, type Source } from './source';
import { structOf } from './types';

/** A function on its way to C. */
export interface Routine {
  node: ts.FunctionDeclaration | ts.ArrowFunction;
  name: string;
  parameters: readonly ts.ParameterDeclaration[];
  calls: Routine[];
  /** Whether it, or what it calls, writes arrays; and whether it reads them. */
  writes: boolean;
  touches: boolean;
  /** Arrays that it has taken out of structs; and whether it may reach one by another name too. */
  members: Set<string>;
  aliases: boolean;
  head: string;
  text: string;
}

/** A compilation: the source, and what has become C so far. */
export interface Compilation extends Source {
  routines: Map<ts.Node, Routine>;
  /** What the names of functions and tables in C stand for. */
  names: Map<string, ts.Node>;
  /** Frozen lists of numbers, by their name in C. */
  tables: Map<string, string>;
  /** Interfaces in use. */
  structs: Set<ts.InterfaceDeclaration>;
  /** Calls of a row's function, by their name. */
  dispatchers: Map<string, Dispatcher>;
  /** Whether + - * stop at the limits of int32, where JavaScript would go on beyond them. */
  checks: boolean;
  /** The same of the expression at hand: not where a bitwise operator takes the value back to 32 bits. */
  saturates: boolean;
  /** Functions that C has by name. */
  entries: Routine[];
  errors: string[];
  /** Compiles a function that is called, unless it is already. */
  compileFunction(node: Routine['node'], name: string): Routine;
}

/** `table[row].member(...)` as a function: each row's own. */
export interface Dispatcher extends Routine {
  cases: { row: number; routine: Routine }[];
}

/** Prefixes of names that C has already: operations of JavaScript's, and entries. */
const taken = /^(js|flint)_/;

/**
 * The name in C of a function or table: that of its file, then its own. The line between them keeps it apart
 * from variables and from what C's headers declare; a number, from what another file of that name has.
 */
export function nameOf({ names }: Compilation, node: ts.Node, name: string): string {
  const file = basename(node.getSourceFile().fileName, '.ts')
    .replace(/\W+(.?)/g, (_, c: string) => c.toUpperCase())
    .replace(/^\d/, 'n$&');
  for (let i = 1; ; i++) {
    const tried = `${file}${i > 1 ? i : ''}_${name}`;
    if (taken.test(tried) || (names.get(tried) ?? node) !== node) continue;
    names.set(tried, node);
    return tried;
  }
}

/** The function that a name means. @throws Refused when it is none of ours */
export function functionOf(source: Source, name: ts.Node): ts.FunctionDeclaration | ts.ArrowFunction {
  const found: ts.Node | undefined = declarationOf(source, name),
    node = found && ts.isVariableDeclaration(found) ? found.initializer : found;
  const ours = node && (ts.isFunctionDeclaration(node) || ts.isArrowFunction(node));
  if (!ours || !node.body) throw new Refused(source, name, 'only functions of the device can be called');
  return node;
}

export const newRoutine = (node: Routine['node'], name: string): Routine => ({
  node,
  name,
  parameters: node.parameters,
  calls: [],
  writes: false,
  touches: false,
  members: new Set(),
  aliases: false,
  head: '',
  text: '',
});

/** Notes that one function calls another. */
export function noteCall(caller: Routine, called: Routine): void {
  if (!caller.calls.includes(called)) caller.calls.push(called);
  if (called.writes) caller.writes = true;
  if (called.touches) caller.touches = true;
}

/** Notes the struct that a type is. */
export function noteStruct(
  compilation: Compilation,
  node: ts.Node,
  type = compilation.checker.getTypeAtLocation(node),
): void {
  const struct = structOf(type);
  if (!struct) return;
  for (const other of compilation.structs)
    if (other !== struct && other.name.text === struct.name.text)
      throw new Refused(compilation, node, 'give each interface a name of its own');
  compilation.structs.add(struct);
}

/** Notes what is refused, and goes on, so that all is told at once. @throws every other error */
export function refuse({ errors }: Compilation, error: unknown): void {
  if (!(error instanceof Refused)) throw error;
  if (!errors.includes(error.message)) errors.push(error.message);
}
