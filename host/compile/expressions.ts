/**
 * Expressions as C. Numbers are int32 and wrap where JavaScript would take them back with `| 0`; in functions
 * that saturate they stop at the limits, where JavaScript would go on beyond them.
 */
import ts from 'typescript';
import { columnOf, compileCall, isLocalStruct, rowsOf } from './calls';
import { constantOf, int32 } from './constants';
import { checkOrder, isAssignment, isUpdate } from './order';
import type { Compilation, Routine } from './routines';
import { Refused, declarationOf, moduleConstant, tagOf, unwrap } from './source';
import { cName, knownType, structOf } from './types';

/** Operators that are the same in both languages. */
const same = new Set(['+', '-', '*', '&', '|', '^', '<', '>', '<=', '>=']);
const saturating: Record<string, string> = { '+': 'js_add', '-': 'js_subtract', '*': 'js_multiply' };

/** A full expression: all of a statement, a condition, an initializer. Commas divide it. */
export function full(
  compilation: Compilation,
  routine: Routine,
  node: ts.Expression,
  condition = false,
): string {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken)
    return `${full(compilation, routine, node.left)}, ${full(compilation, routine, node.right)}`;
  if (isAssignment(node)) {
    const toVariable = ts.isIdentifier(node.left);
    checkOrder(compilation, toVariable ? node.right : node, toVariable);
    return assignment(compilation, routine, node);
  }
  checkOrder(compilation, node, true);
  return condition ? test(compilation, routine, node) : value(compilation, routine, node);
}

function assignment(compilation: Compilation, routine: Routine, node: ts.BinaryExpression): string {
  const operator = node.operatorToken.getText(),
    left = place(compilation, routine, node.left),
    right = value(compilation, routine, node.right),
    saturated = compilation.saturates && saturating[operator[0]];
  if (saturated && operator.length === 2) return `${left} = ${saturated}(${left}, ${right})`;
  return `${left} ${operator} ${shiftBy(compilation, node, right)}`;
}

/** JavaScript takes distances of shifts modulo 32. */
function shiftBy(compilation: Compilation, node: ts.BinaryExpression, right: string): string {
  if (!/<<|>>/.test(node.operatorToken.getText())) return right;
  const by = constantOf(compilation, node.right);
  return by === undefined ? `((${right}) & 31)` : String(by & 31);
}

/** What may stand on the left of an assignment. */
function place(compilation: Compilation, routine: Routine, node: ts.Expression): string {
  if (ts.isIdentifier(node)) return cName(node.text);
  if (ts.isPropertyAccessExpression(node)) {
    routine.writes = routine.touches = true;
    return member(compilation, routine, node);
  }
  if (!ts.isElementAccessExpression(node))
    throw new Refused(compilation, node, 'assign to variables, elements and members only');
  const type = knownType(compilation, compilation.checker.getTypeAtLocation(node.expression));
  if (type !== 'int8_t *' && type !== 'int32_t *')
    throw new Refused(compilation, node, 'of arrays only the arena and sums are written');
  routine.writes = routine.touches = true;
  return `${value(compilation, routine, node.expression)}[${index(compilation, routine, node)}]`;
}

/** An index, whose arithmetic wraps: it has been checked, or it is wrong in both languages. */
const index = (compilation: Compilation, routine: Routine, node: ts.ElementAccessExpression): string => {
  return value({ ...compilation, saturates: false }, routine, node.argumentExpression);
};

/** As a condition, where numbers are true unless 0. */
function test(compilation: Compilation, routine: Routine, node: ts.Expression): string {
  const inner = unwrap(node);
  if (ts.isBinaryExpression(inner) && /^(&&|\|\|)$/.test(inner.operatorToken.getText()))
    return `(${test(compilation, routine, inner.left)} ${inner.operatorToken.getText()} ${test(compilation, routine, inner.right)})`;
  return value(compilation, routine, node);
}

/** The value of an expression. */
export function value(compilation: Compilation, routine: Routine, node: ts.Expression): string {
  const constant = constantOf(compilation, node);
  if (constant !== undefined) return int32(compilation, node, constant);
  if (ts.isParenthesizedExpression(node)) return `(${value(compilation, routine, node.expression)})`;
  if (ts.isAsExpression(node)) return value(compilation, routine, node.expression);
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return node.getText();
  if (ts.isStringLiteralLike(node)) return node.text === '' ? 'false' : 'true';
  if (ts.isTemplateExpression(node)) return 'true';
  if (ts.isIdentifier(node)) return name(compilation, node);
  if (ts.isElementAccessExpression(node)) return element(compilation, routine, node);
  if (ts.isPropertyAccessExpression(node)) return member(compilation, routine, node);
  if (ts.isObjectLiteralExpression(node)) return object(compilation, routine, node);
  if (ts.isConditionalExpression(node)) {
    const [a, b] = [node.whenTrue, node.whenFalse].map((n) => value(compilation, routine, n));
    return `(${test(compilation, routine, node.condition)} ? ${a} : ${b})`;
  }
  if (isUpdate(node)) return update(compilation, node);
  if (ts.isPrefixUnaryExpression(node)) return unary(compilation, routine, node);
  if (ts.isBinaryExpression(node)) return binary(compilation, routine, node);
  if (ts.isCallExpression(node))
    return compileCall(compilation, routine, node, (argument) => value(compilation, routine, argument));
  throw new Refused(compilation, node, `a ${ts.SyntaxKind[node.kind]} cannot be compiled`);
}

/** A variable, a parameter, or a frozen list of numbers, which becomes a table in flash. */
function name(compilation: Compilation, node: ts.Identifier): string {
  const declaration = declarationOf(compilation, node);
  if (!declaration) throw new Refused(compilation, node, 'this name means nothing here');
  const own = tagOf(declaration, 'c');
  if (own !== undefined && ts.isVariableDeclaration(declaration)) return own;
  const list = moduleConstant(declaration);
  if (!list) return cName(node.text);
  if (!ts.isArrayLiteralExpression(list))
    throw new Refused(compilation, node, 'of a module only numbers and frozen lists of numbers are known');
  const numbers = list.elements.map((e) => int32(compilation, e, constantOf(compilation, e) ?? NaN));
  compilation.tables.set(declaration, `static const int32_t ${node.text}[] = { ${numbers.join(', ')} };\n`);
  return node.text;
}

function element(compilation: Compilation, routine: Routine, node: ts.ElementAccessExpression): string {
  const type = knownType(compilation, compilation.checker.getTypeAtLocation(node.expression)),
    isTable = ts.isIdentifier(node.expression) && moduleConstant(declarationOf(compilation, node.expression));
  if (!isTable && !type?.endsWith('*')) throw new Refused(compilation, node, 'this has no elements in C');
  if (!isTable && !type!.startsWith('const')) routine.touches = true;
  return `${value(compilation, routine, node.expression)}[${index(compilation, routine, node)}]`;
}

/** A member of a struct, or a number in a row of a table. */
function member(compilation: Compilation, routine: Routine, node: ts.PropertyAccessExpression): string {
  if (rowsOf(compilation, node.expression)) {
    const row = unwrap(node.expression) as ts.ElementAccessExpression;
    return `${columnOf(compilation, node)}[${value(compilation, routine, row.argumentExpression)}]`;
  }
  const list =
    ts.isIdentifier(node.expression) && moduleConstant(declarationOf(compilation, node.expression));
  if (list && ts.isArrayLiteralExpression(list) && node.name.text === 'length')
    return String(list.elements.length);
  if (!structOf(compilation.checker.getTypeAtLocation(node.expression)))
    throw new Refused(
      compilation,
      node,
      'only members of our own interfaces can be compiled (arrays have no length in C)',
    );
  if (!knownType(compilation, compilation.checker.getTypeAtLocation(node)))
    throw new Refused(compilation, node, 'this member has no type in C');
  const arrow = isLocalStruct(compilation, node.expression) ? '.' : '->';
  return `${value(compilation, routine, node.expression)}${arrow}${node.name.text}`;
}

function object(compilation: Compilation, routine: Routine, node: ts.ObjectLiteralExpression): string {
  const type = compilation.checker.getContextualType(node),
    struct = type && structOf(type);
  if (!struct) throw new Refused(compilation, node, 'an object must be one of our own interfaces');
  const fields = node.properties.map((property) => {
    if (ts.isShorthandPropertyAssignment(property))
      return `.${property.name.text} = ${cName(property.name.text)}`;
    if (!ts.isPropertyAssignment(property)) throw new Refused(compilation, property, 'write NAME: VALUE');
    return `.${property.name.getText()} = ${value(compilation, routine, property.initializer)}`;
  });
  return `(${struct.name.text}){ ${fields.join(', ')} }`;
}

function update(
  compilation: Compilation,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
): string {
  if (!ts.isIdentifier(node.operand))
    throw new Refused(compilation, node, 'only variables count up and down');
  const operator = node.operator === ts.SyntaxKind.PlusPlusToken ? '++' : '--',
    text = cName(node.operand.text);
  return ts.isPrefixUnaryExpression(node) ? operator + text : text + operator;
}

function unary(compilation: Compilation, routine: Routine, node: ts.PrefixUnaryExpression): string {
  const operator = ts.tokenToString(node.operator)!;
  if (operator === '!') return `!(${test(compilation, routine, node.operand)})`;
  const operand = value(compilation, routine, node.operand);
  if (operator === '-') return compilation.saturates ? `js_subtract(0, ${operand})` : `-(${operand})`;
  if (operator === '~') return `~(${operand})`;
  throw new Refused(compilation, node, `there is no operator ${operator} in C`);
}

/** `(a / b) | 0`: a quotient whose fraction a bitwise operator takes away. */
function truncated(compilation: Compilation, routine: Routine, node: ts.Expression): string | undefined {
  const inner = unwrap(node);
  if (!ts.isBinaryExpression(inner) || inner.operatorToken.kind !== ts.SyntaxKind.SlashToken)
    return undefined;
  return `js_divide(${value(compilation, routine, inner.left)}, ${value(compilation, routine, inner.right)})`;
}

const isNumber = ({ checker }: Compilation, node: ts.Expression): boolean =>
  (checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike) !== 0;

function binary(compilation: Compilation, routine: Routine, node: ts.BinaryExpression): string {
  const operator = node.operatorToken.getText(),
    operand = (n: ts.Expression): string => {
      const text = value(compilation, routine, n);
      return ts.isBinaryExpression(n) ? `(${text})` : text;
    },
    left = (): string => operand(node.left),
    right = (): string => operand(node.right);
  if (operator === '|' && constantOf(compilation, node.right) === 0)
    return truncated(compilation, routine, node.left) ?? `(${left()})`;
  if (operator === '===' || operator === '!==') return `${left()} ${operator.slice(0, 2)} ${right()}`;
  if (operator === '<<' || operator === '>>')
    return `${truncated(compilation, routine, node.left) ?? left()} ${operator} ${shiftBy(compilation, node, right())}`;
  if (operator === '>>>') {
    const by = constantOf(compilation, node.right) ?? 0;
    if (by < 1 || by > 31)
      throw new Refused(compilation, node, 'shift by a number from 1 to 31: the result may leave 32 bits');
    return `(int32_t)((uint32_t)(${left()}) >> ${by})`;
  }
  if (operator === '%') return `js_remainder(${left()}, ${right()})`;
  if (operator === '??') return optional(compilation, routine, node);
  if (operator === '&&' || operator === '||') {
    if (!isNumber(compilation, node.left) && !isNumber(compilation, node.right))
      return `(${test(compilation, routine, node.left)} ${operator} ${test(compilation, routine, node.right)})`;
    if (operator === '&&' || !ts.isIdentifier(node.left))
      throw new Refused(compilation, node, 'of numbers only NAME || VALUE can be compiled');
    return `(${left()} ? ${left()} : ${right()})`;
  }
  if (operator === '/') throw new Refused(compilation, node, 'write a division as (a / b) | 0');
  if (!same.has(operator)) throw new Refused(compilation, node, `there is no operator ${operator} in C`);
  if (compilation.saturates && saturating[operator])
    return `${saturating[operator]}(${value(compilation, routine, node.left)}, ${value(compilation, routine, node.right)})`;
  return `${left()} ${operator} ${right()}`;
}

/** `list[i].member?.(x) ?? 0`: a function that not every row has. */
function optional(compilation: Compilation, routine: Routine, node: ts.BinaryExpression): string {
  const call = unwrap(node.left);
  if (!ts.isCallExpression(call) || constantOf(compilation, node.right) !== 0)
    throw new Refused(compilation, node, 'only TABLE[i].MEMBER?.(...) ?? 0 can be compiled');
  return value(compilation, routine, call);
}
