/**
 * Expressions as C. Numbers are int32 and wrap where JavaScript would take them back with `| 0`; in functions
 * that saturate they stop at the limits, where JavaScript would go on beyond them.
 */
import ts from 'typescript';
import { arrayText, compileCall, isLocalStruct } from './calls';
import { constantOf, int32 } from './constants';
import { binary, exact, saturating, shiftBy, template, test, unary, wrapping, type Value } from './operators';
import { checkOrder, isAssignment, isUpdate } from './order';
import { nameOf, type Compilation, type Routine } from './routines';
import { Refused, declarationOf, moduleConstant, tagOf, unwrap } from './source';
import { columnOf, rowsOf } from './tables';
import { cName, isText, knownType, memberType, structOf, typeOf } from './types';

const isComma = (node: ts.Expression): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken;

/** An expression of which only the effect matters: all of a statement, or of a loop's head between semicolons. */
export function effect(compilation: Compilation, routine: Routine, node: ts.Expression): string {
  if (isComma(node))
    return `${effect(compilation, routine, node.left)}, ${effect(compilation, routine, node.right)}`;
  if (!isAssignment(node)) return full(compilation, routine, node);
  checkOrder(compilation, node, ts.isIdentifier(node.left) ? node.right : undefined);
  return assignment(compilation, routine, node);
}

/** A full expression: all of a condition, an initializer, what is returned. Commas divide it. */
export function full(
  compilation: Compilation,
  routine: Routine,
  node: ts.Expression,
  condition = false,
): string {
  if (isComma(node))
    return `${effect(compilation, routine, node.left)}, ${full(compilation, routine, node.right, condition)}`;
  checkOrder(compilation, node, node);
  return condition ? test(compilation, valueIn(routine), node) : value(compilation, routine, node);
}

function assignment(compilation: Compilation, routine: Routine, node: ts.BinaryExpression): string {
  const operator = node.operatorToken.getText(),
    left = place(compilation, routine, node.left),
    right = value(compilation, routine, node.right),
    saturated = compilation.saturates && saturating[operator[0]];
  if (isText(compilation, compilation.checker.getTypeAtLocation(node.left)) && operator !== '=')
    throw new Refused(compilation, node, 'put texts together by a template');
  if (saturated && operator.length === 2) {
    if (/\+\+|--/.test(left))
      throw new Refused(compilation, node.left, 'count up or down in a statement of its own');
    return `${left} = ${saturated}(${left}, ${right})`;
  }
  return `${left} ${operator} ${shiftBy(compilation, node, right)}`;
}

/** What may stand on the left of an assignment. */
function place(compilation: Compilation, routine: Routine, node: ts.Expression): string {
  if (ts.isIdentifier(node)) {
    if (typeOf(compilation, node).endsWith('*'))
      throw new Refused(compilation, node, 'an array or a struct keeps its name');
    return name(compilation, routine, node);
  }
  if (ts.isPropertyAccessExpression(node)) {
    routine.writes = routine.touches = true;
    return member(compilation, routine, node);
  }
  if (!ts.isElementAccessExpression(node))
    throw new Refused(compilation, node, 'assign to variables, elements and members only');
  const type = knownType(compilation, compilation.checker.getTypeAtLocation(node.expression));
  if ((type !== 'int8_t *' && type !== 'int32_t *') || isTable(compilation, node.expression))
    throw new Refused(compilation, node, 'of arrays only the arena and sums are written');
  routine.writes = true;
  return element(compilation, routine, node);
}

/** An index, whose arithmetic wraps: it has been checked, or it is wrong in both languages. */
function index(compilation: Compilation, routine: Routine, node: ts.Expression): string {
  if (typeOf(compilation, unwrap(node)) !== 'int32_t')
    throw new Refused(compilation, node, 'an index is a number');
  return value(wrapping(compilation), routine, node);
}

const valueIn =
  (routine: Routine): Value =>
  (compilation, node) =>
    value(compilation, routine, node);

/** The value of an expression. */
export function value(compilation: Compilation, routine: Routine, node: ts.Expression): string {
  const constant = constantOf(compilation, node);
  if (constant !== undefined) return int32(compilation, node, constant);
  if (ts.isParenthesizedExpression(node)) return `(${value(compilation, routine, node.expression)})`;
  if (ts.isAsExpression(node)) return value(compilation, routine, node.expression);
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return node.getText();
  if (ts.isStringLiteralLike(node)) return node.text === '' ? 'false' : 'true';
  if (ts.isTemplateExpression(node)) return template(compilation, node);
  if (ts.isIdentifier(node)) return name(compilation, routine, node);
  if (ts.isElementAccessExpression(node)) return element(compilation, routine, node);
  if (ts.isPropertyAccessExpression(node)) return member(compilation, routine, node);
  if (ts.isObjectLiteralExpression(node)) return object(compilation, routine, node);
  if (ts.isConditionalExpression(node)) {
    if (typeOf(compilation, node).endsWith('*'))
      throw new Refused(compilation, node, 'choose among numbers and booleans only; arrays keep their names');
    const [a, b] = [node.whenTrue, node.whenFalse].map((n) => value(compilation, routine, n));
    return `(${test(compilation, valueIn(routine), node.condition)} ? ${a} : ${b})`;
  }
  if (isUpdate(node)) return update(compilation, routine, node);
  if (ts.isPrefixUnaryExpression(node)) return unary(compilation, valueIn(routine), node);
  if (ts.isBinaryExpression(node)) return binary(compilation, valueIn(routine), node);
  if (ts.isCallExpression(node))
    return compileCall(compilation, routine, node, (n) => value(exact(compilation), routine, n));
  throw new Refused(compilation, node, `a ${ts.SyntaxKind[node.kind]} cannot be compiled`);
}

/** Whether a name is a list of a module. */
const isTable = (compilation: Compilation, node: ts.Expression): boolean =>
  ts.isIdentifier(node) && moduleConstant(declarationOf(compilation, node)) !== undefined;

/** A variable, a parameter, or a frozen list of numbers, which becomes a table in flash. */
function name(compilation: Compilation, routine: Routine, node: ts.Identifier): string {
  const declaration = declarationOf(compilation, node);
  if (!declaration) throw new Refused(compilation, node, 'this name means nothing here');
  const own = tagOf(declaration, 'c');
  if (own !== undefined && ts.isVariableDeclaration(declaration)) return `(${own})`;
  if (ts.findAncestor(declaration, (n) => n === routine.node)) return cName(node.text);
  const list = moduleConstant(declaration);
  if (!list)
    throw new Refused(
      compilation,
      node,
      'only constants of a module are known, and variables of the function',
    );
  if (!ts.isArrayLiteralExpression(list))
    throw new Refused(compilation, node, 'of a module only numbers and frozen lists of numbers are known');
  const numbers = list.elements.map((e) => int32(compilation, e, constantOf(compilation, e) ?? NaN));
  const table = nameOf(compilation, declaration, (declaration as ts.VariableDeclaration).name.getText());
  compilation.tables.set(table, `static const int32_t ${table}[] = { ${numbers.join(', ')} };\n`);
  return table;
}

function element(compilation: Compilation, routine: Routine, node: ts.ElementAccessExpression): string {
  const array = unwrap(node.expression),
    text = isTable(compilation, array)
      ? value(compilation, routine, array)
      : arrayText(compilation, routine, array, (n) => value(compilation, routine, n));
  return `${text}[${index(compilation, routine, node.argumentExpression)}]`;
}

/** A member of a struct, or a number in a row of a table. */
function member(compilation: Compilation, routine: Routine, node: ts.PropertyAccessExpression): string {
  if (rowsOf(compilation, node.expression)) {
    const row = unwrap(node.expression) as ts.ElementAccessExpression;
    return `${columnOf(compilation, node)}[${index(compilation, routine, row.argumentExpression)}]`;
  }
  const list =
    ts.isIdentifier(node.expression) && moduleConstant(declarationOf(compilation, node.expression));
  if (list && ts.isArrayLiteralExpression(list) && node.name.text === 'length')
    return String(list.elements.length);
  const object = unwrap(node.expression);
  if (!structOf(compilation.checker.getTypeAtLocation(object)) || !ts.isIdentifier(object))
    throw new Refused(
      compilation,
      node,
      'only members of variables of our own interfaces can be compiled (arrays have no length in C)',
    );
  if (!memberType(compilation, declarationOf(compilation, node.name)))
    throw new Refused(compilation, node, 'this member has no type in C');
  const arrow = isLocalStruct(compilation, object) ? '.' : '->';
  return `${value(compilation, routine, object)}${arrow}${cName(node.name.text)}`;
}

function object(compilation: Compilation, routine: Routine, node: ts.ObjectLiteralExpression): string {
  const type = compilation.checker.getContextualType(node),
    struct = type && structOf(type);
  if (!struct) throw new Refused(compilation, node, 'an object must be one of our own interfaces');
  const fields = node.properties.map((property) => {
    const shorthand = ts.isShorthandPropertyAssignment(property);
    if (!shorthand && !ts.isPropertyAssignment(property))
      throw new Refused(compilation, property, 'write NAME: VALUE');
    const field = property.name.getText(),
      member = struct.members.find((m) => m.name?.getText() === field);
    if (!memberType(compilation, member))
      throw new Refused(compilation, property, 'this member has no type in C');
    const given = shorthand ? property.name : property.initializer;
    return `.${cName(field)} = ${value(exact(compilation), routine, given)}`;
  });
  return `(${struct.name.text}){ ${fields.join(', ')} }`;
}

function update(
  compilation: Compilation,
  routine: Routine,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
): string {
  if (!ts.isIdentifier(node.operand))
    throw new Refused(compilation, node, 'only variables count up and down');
  const operator = node.operator === ts.SyntaxKind.PlusPlusToken ? '++' : '--',
    text = place(compilation, routine, node.operand);
  return ts.isPrefixUnaryExpression(node) ? operator + text : text + operator;
}
