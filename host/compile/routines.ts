/** Functions: each that is reached is compiled once. */
import { basename } from 'node:path';
import ts from 'typescript';
import { Refused, declarationOf, type Source } from './source';
import { structOf, typeOf } from './types';

/** A function on its way to C. */
export interface Routine {
  node: ts.FunctionDeclaration | ts.ArrowFunction;
  name: string;
  /** How many parameters it has. */
  arity: number;
  calls: Routine[];
  /** Whether it, or what it calls, writes arrays; and whether it reads them. */
  writes: boolean;
  touches: boolean;
  head: string;
  text: string;
}

/** A compilation: the source, and what has become C so far. */
export interface Compilation extends Source {
  routines: Map<ts.Node, Routine>;
  /** Frozen lists of numbers, by their declaration, as C. */
  tables: Map<ts.Node, string>;
  /** Interfaces in use. */
  structs: Set<ts.InterfaceDeclaration>;
  /** Calls of a row's function, by their name. */
  dispatchers: Map<string, Dispatcher>;
  /** Whether + - * stop at the limits of int32, where JavaScript would go on beyond them. */
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

/** The name in C: that of its file, then its own. */
export function routineName(node: ts.Node, name: string): string {
  const file = basename(node.getSourceFile().fileName, '.ts').replace(/-(.)/g, (_, c: string) =>
    c.toUpperCase(),
  );
  return file === name ? name : `${file}_${name}`;
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
  arity: node.parameters.length,
  calls: [],
  writes: false,
  touches: false,
  head: '',
  text: '',
});

/** Notes that one function calls another. */
export function noteCall(caller: Routine, called: Routine): void {
  if (!caller.calls.includes(called)) caller.calls.push(called);
  if (called.writes) caller.writes = true;
  if (called.touches) caller.touches = true;
}

/** Notes the struct that a variable's type is. */
export function noteStruct(compilation: Compilation, node: ts.Node): void {
  const struct = structOf(compilation.checker.getTypeAtLocation(node));
  if (struct && typeOf(compilation, node).startsWith(struct.name.text)) compilation.structs.add(struct);
}

/** Notes what is refused, and goes on, so that all is told at once. @throws every other error */
export function refuse({ errors }: Compilation, error: unknown): void {
  if (!(error instanceof Refused)) throw error;
  if (!errors.includes(error.message)) errors.push(error.message);
}
