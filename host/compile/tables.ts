/** Tables: frozen lists of objects, whose numbers become columns in flash, and whose functions one that asks. */
import ts from 'typescript';
import { constantOf, int32 } from './constants';
import { functionOf, nameOf, newRoutine, noteCall, type Compilation, type Dispatcher } from './routines';
import { Refused, declarationOf, memberOf, moduleConstant, unwrap } from './source';
import { cName, resultOf, spaced, typeOf } from './types';

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
  const name = memberName(compilation, node),
    texts = numbers.map((number) => int32(compilation, node, number));
  compilation.tables.set(name, `static const int32_t ${name}[] = { ${texts.join(', ')} };\n`);
  return name;
}

/** The name in C of a column: that of the list, then the member's. */
function memberName(compilation: Compilation, { expression, name }: ts.PropertyAccessExpression): string {
  const list = declarationOf(compilation, (unwrap(expression) as ts.ElementAccessExpression).expression)!;
  return nameOf(compilation, list, `${(list as ts.VariableDeclaration).name.getText()}_${name.text}`);
}

/** `list[i].member(...)` as a function that asks which row it is. Rows without that member give 0. */
export function dispatcherOf(
  compilation: Compilation,
  callee: ts.PropertyAccessExpression,
): Dispatcher | undefined {
  const rows = rowsOf(compilation, callee.expression);
  if (!rows) return undefined;
  const name = memberName(compilation, callee),
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
    type = typeOf(
      compilation,
      callee,
      resultOf(compilation, ts.isMethodSignature(declared) ? declared : cases[0].routine.node),
    ),
    parameters = ts.isMethodSignature(declared)
      ? [...declared.parameters]
      : [...cases[0].routine.node.parameters],
    names = parameters.map((p) => cName(p.name.getText())),
    types = parameters.map((p) => typeOf(compilation, p)),
    typed = types.map((t, i) => spaced(t) + names[i]);
  dispatcher.parameters = parameters;
  for (const { routine } of cases)
    if (
      typeOf(compilation, routine.node, resultOf(compilation, routine.node)) !== type ||
      routine.parameters.some((p, i) => typeOf(compilation, p) !== types[i])
    )
      throw new Refused(compilation, routine.node, 'declare it as the interface of the table does');
  for (const { routine } of cases) noteCall(dispatcher, routine);
  dispatcher.head = `static ${spaced(type)}${name}(${['int32_t js_row', ...typed].join(', ')})`;
  const lines = cases.map(({ row, routine }) => {
    const called = `${routine.name}(${names.slice(0, routine.parameters.length).join(', ')})`;
    return type === 'void' ? `\tcase ${row}: ${called}; break;\n` : `\tcase ${row}: return ${called};\n`;
  });
  dispatcher.text =
    `${dispatcher.head}\n{\n\tswitch (js_row) {\n${lines.join('')}\t}\n` +
    `${type === 'void' ? '' : '\treturn 0;\n'}}\n\n`;
  compilation.dispatchers.set(name, dispatcher);
  return dispatcher;
}
