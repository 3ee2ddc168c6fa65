/** Calls of functions, and of the few of JavaScript's own that C has too; what is given to them. */
import ts from 'typescript';
import { functionOf, noteCall, type Compilation, type Routine } from './routines';
import { dispatcherOf } from './tables';
import { Refused, declarationOf, moduleConstant, unwrap } from './source';
import { isArray, knownType, structOf, typeOf } from './types';

/** Functions of Math that the C file has as js_NAME, and how many arguments they take. */
const math: Record<string, number> = { imul: 2, clz32: 1, min: 2, max: 2, abs: 1 };

/** The function of ours that is called; undefined when it is one of JavaScript's. */
export function calledBy(compilation: Compilation, call: ts.CallExpression): Routine | undefined {
  const callee = call.expression;
  if (ts.isIdentifier(callee))
    return compilation.compileFunction(functionOf(compilation, callee), callee.text);
  return ts.isPropertyAccessExpression(callee) ? dispatcherOf(compilation, callee) : undefined;
}

/** A call as C. @param value compiles an argument */
export function compileCall(
  compilation: Compilation,
  current: Routine,
  call: ts.CallExpression,
  value: (node: ts.Expression) => string,
): string {
  const callee = call.expression,
    routine = calledBy(compilation, call);
  if (routine) {
    if (call.arguments.length !== routine.parameters.length)
      throw new Refused(compilation, call, 'give every argument: C has no defaults');
    const args = call.arguments.map((argument, i) =>
      passed(compilation, argument, routine.parameters[i], value),
    );
    noteCall(current, routine);
    if (!ts.isPropertyAccessExpression(callee)) return `${routine.name}(${args.join(', ')})`;
    const row = unwrap(callee.expression) as ts.ElementAccessExpression;
    return `${routine.name}(${[value(row.argumentExpression), ...args].join(', ')})`;
  }
  if (!ts.isPropertyAccessExpression(callee))
    throw new Refused(compilation, call, 'call functions by their names');
  const name = callee.name.text,
    args = (): string => call.arguments.map(value).join(', ');
  if (callee.expression.getText() === 'Math' && math[name] === call.arguments.length)
    return `js_${name}(${args()})`;
  const isArena =
    knownType(compilation, compilation.checker.getTypeAtLocation(callee.expression)) === 'int8_t *';
  if (isArena && (name === 'fill' || name === 'copyWithin') && call.arguments.length === 3) {
    current.writes = true;
    return `js_${name}(${arrayText(compilation, current, callee.expression, value)}, ${args()})`;
  }
  throw new Refused(
    compilation,
    call,
    `of methods only fill and copyWithin of an Int8Array, with three arguments, and ` +
      `${Object.entries(math)
        .map(([m, count]) => `Math.${m} of ${count}`)
        .join(', ')} can be compiled`,
  );
}

/** An argument: a struct that is a local variable goes by its address. */
function passed(
  compilation: Compilation,
  argument: ts.Expression,
  parameter: ts.ParameterDeclaration,
  value: (node: ts.Expression) => string,
): string {
  const node = unwrap(argument),
    wanted = typeOf(compilation, parameter).replace('const ', ''),
    given = typeOf(compilation, node).replace('const ', '');
  if (!wanted.endsWith('*')) return value(argument);
  if (given !== wanted)
    throw new Refused(compilation, argument, `to C this ${given} is no ${wanted}; declare one type for both`);
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node))
    throw new Refused(compilation, argument, 'give arrays and structs by their names');
  return isLocalStruct(compilation, node) ? '&' + value(node) : value(node);
}

/** An array of which elements are read or written: one that may be written is noted. */
export function arrayText(
  compilation: Compilation,
  current: Routine,
  array: ts.Expression,
  value: (node: ts.Expression) => string,
): string {
  const node = unwrap(array),
    type = knownType(compilation, compilation.checker.getTypeAtLocation(node));
  if (!isArray(type) || !(ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)))
    throw new Refused(compilation, node, 'this has no elements in C');
  if (!type!.startsWith('const ')) {
    current.touches = true;
    if (ts.isPropertyAccessExpression(node)) current.aliases = true;
  }
  return value(node);
}

/** Whether a name is that of a struct in the function itself, not of a pointer to one. */
export function isLocalStruct(compilation: Compilation, given: ts.Expression): boolean {
  const node = unwrap(given),
    declaration = ts.isIdentifier(node) ? declarationOf(compilation, node) : undefined;
  return (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    !moduleConstant(declaration) &&
    structOf(compilation.checker.getTypeAtLocation(node)) !== undefined
  );
}
