/** Calls: of functions, of the functions in a table's rows, and the few of JavaScript's own that C has too. */
import ts from 'typescript';
import { constantOf } from './constants';
import {
  functionOf,
  newRoutine,
  noteCall,
  type Compilation,
  type Dispatcher,
  type Routine,
} from './routines';
import { Refused, declarationOf, memberOf, moduleConstant, unwrap } from './source';
import { cName, knownType, spaced, typeOf } from './types';

/** Functions of Math, and what they are in the header. */
const math: Record<string, string> = {
  imul: 'js_imul',
  clz32: 'js_clz32',
  min: 'js_min',
  max: 'js_max',
  abs: 'js_abs',
};

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
    args = call.arguments.map((argument) => passed(compilation, argument, value));
  const routine = calledBy(compilation, call);
  if (routine) {
    if (call.arguments.length !== routine.arity)
      throw new Refused(compilation, call, 'give every argument: C has no defaults');
    noteCall(current, routine);
    if (!ts.isPropertyAccessExpression(callee)) return `${routine.name}(${args.join(', ')})`;
    const row = unwrap(callee.expression) as ts.ElementAccessExpression;
    return `${routine.name}(${[value(row.argumentExpression), ...args].join(', ')})`;
  }
  if (!ts.isPropertyAccessExpression(callee))
    throw new Refused(compilation, call, 'call functions by their names');
  const name = callee.name.text;
  if (callee.expression.getText() === 'Math' && math[name]) return `${math[name]}(${args.join(', ')})`;
  const isArena =
    knownType(compilation, compilation.checker.getTypeAtLocation(callee.expression)) === 'int8_t *';
  if (isArena && (name === 'fill' || name === 'copyWithin') && args.length === 3) {
    current.writes = current.touches = true;
    return `js_${name}(${[value(callee.expression), ...args].join(', ')})`;
  }
  throw new Refused(
    compilation,
    call,
    `of methods only fill and copyWithin of an Int8Array, with three arguments, and ` +
      `${Object.keys(math)
        .map((m) => 'Math.' + m)
        .join(', ')} can be compiled`,
  );
}

/** An argument: a struct that is a local variable goes by its address. */
function passed(
  compilation: Compilation,
  argument: ts.Expression,
  value: (node: ts.Expression) => string,
): string {
  const text = value(argument);
  return isLocalStruct(compilation, argument) ? '&' + text : text;
}

/** Whether a name is that of a struct in the function itself, not of a pointer to one. */
export function isLocalStruct(compilation: Compilation, node: ts.Expression): boolean {
  if (!ts.isIdentifier(node)) return false;
  const declaration = declarationOf(compilation, node);
  return (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    !moduleConstant(declaration) &&
    /^[A-Z]\w* \*$/.test(knownType(compilation, compilation.checker.getTypeAtLocation(node)) ?? '')
  );
}

/** The objects in a frozen list, when that is what an expression `list[i]` looks into. */
export function rowsOf(
  compilation: Compilation,
  node: ts.Expression,
): ts.ObjectLiteralExpression[] | undefined {
  const element = unwrap(node);
  if (!ts.isElementAccessExpression(element) || !ts.isIdentifier(element.expression)) return undefined;
  const list = moduleConstant(declarationOf(compilation, element.expression));
  if (!list || !ts.isArrayLiteralExpression(list)) return undefined;
  const rows = list.elements.map((e) =>
    ts.isIdentifier(e) ? moduleConstant(declarationOf(compilation, e)) : e,
  );
  const objects = rows.filter((row) => row !== undefined && ts.isObjectLiteralExpression(row));
  return objects.length && objects.length === rows.length
    ? (objects as ts.ObjectLiteralExpression[])
    : undefined;
}

/** `list[i].member` of numbers, as a table in flash. */
export function columnOf(compilation: Compilation, node: ts.PropertyAccessExpression): string | undefined {
  const rows = rowsOf(compilation, node.expression);
  if (!rows) return undefined;
  const numbers = rows.map((row) => {
    const member = memberOf(compilation, row, node.name.text);
    const value =
      member && ts.isPropertyAssignment(member) ? constantOf(compilation, member.initializer) : undefined;
    if (value === undefined) throw new Refused(compilation, node, 'a column of a table must be numbers');
    return value;
  });
  const list = (unwrap(node.expression) as ts.ElementAccessExpression).expression.getText(),
    name = `${list}_${node.name.text}`;
  compilation.tables.set(
    memberSymbol(compilation, node),
    `static const int32_t ${name}[] = { ${numbers.join(', ')} };\n`,
  );
  return name;
}

const memberSymbol = (compilation: Compilation, node: ts.PropertyAccessExpression): ts.Node =>
  declarationOf(compilation, node.name) ?? node;

/** `list[i].member(...)` as a function that asks which row it is. Rows without that member give 0. */
function dispatcherOf(compilation: Compilation, callee: ts.PropertyAccessExpression): Dispatcher | undefined {
  const rows = rowsOf(compilation, callee.expression);
  if (!rows) return undefined;
  const list = (unwrap(callee.expression) as ts.ElementAccessExpression).expression.getText(),
    name = `${list}_${callee.name.text}`,
    known = compilation.dispatchers.get(name);
  if (known) return known;
  const cases = rows.flatMap((object, row) => {
    const member = memberOf(compilation, object, callee.name.text);
    if (!member) return [];
    const given = ts.isPropertyAssignment(member) ? unwrap(member.initializer) : member.name!,
      node = ts.isArrowFunction(given) ? given : functionOf(compilation, given);
    return [{ row, routine: compilation.compileFunction(node, callee.name.text) }];
  });
  const declared = declarationOf(compilation, callee.name);
  if (!declared || !(ts.isMethodSignature(declared) || ts.isPropertyAssignment(declared)) || !cases.length)
    throw new Refused(compilation, callee, 'the functions of a table must be declared in an interface');
  const dispatcher: Dispatcher = { ...newRoutine(cases[0].routine.node, name), cases },
    type = typeOf(compilation, cases[0].routine.node, resultOf(compilation, cases[0].routine.node)),
    parameters = ts.isMethodSignature(declared)
      ? [...declared.parameters]
      : [...cases[0].routine.node.parameters],
    names = parameters.map((p) => cName(p.name.getText())),
    typed = parameters.map((p, i) => spaced(typeOf(compilation, p)) + names[i]);
  dispatcher.arity = parameters.length;
  for (const { routine } of cases) noteCall(dispatcher, routine);
  dispatcher.head = `static ${spaced(type)}${name}(${['int32_t row', ...typed].join(', ')})`;
  const lines = cases.map(({ row, routine }) => {
    const called = `${routine.name}(${names.slice(0, routine.arity).join(', ')})`;
    return type === 'void' ? `\tcase ${row}: ${called}; break;\n` : `\tcase ${row}: return ${called};\n`;
  });
  dispatcher.text =
    `${dispatcher.head}\n{\n\tswitch (row) {\n${lines.join('')}\t}\n` +
    `${type === 'void' ? '' : '\treturn 0;\n'}}\n\n`;
  compilation.dispatchers.set(name, dispatcher);
  return dispatcher;
}

/** The type that a function returns. */
export const resultOf = ({ checker }: Compilation, node: Routine['node']): ts.Type =>
  checker.getReturnTypeOfSignature(checker.getSignatureFromDeclaration(node)!);
