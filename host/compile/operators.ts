/** Operators: those of both languages, and what takes the place of others, of texts too. */
import ts from 'typescript';
import { constantOf } from './constants';
import { isAssignment, isUpdate } from './order';
import type { Compilation } from './routines';
import { Refused, unwrap } from './source';
import { isText, typeOf } from './types';

/** Compiles an operand. */
export type Value = (compilation: Compilation, node: ts.Expression) => string;

/** Operators that are the same in both languages. */
const same = new Set(['+', '-', '*', '&', '|', '^', '<', '>', '<=', '>=']);
export const saturating: Record<string, string> = { '+': 'js_add', '-': 'js_subtract', '*': 'js_multiply' };

/** Where JavaScript takes a value back to 32 bits, so that sums and products in it wrap. */
export const wrapping = (compilation: Compilation): Compilation =>
  compilation.saturates ? { ...compilation, saturates: false } : compilation;

/** Where the value itself matters: what is compared, or given to a function. */
export const exact = (compilation: Compilation): Compilation =>
  compilation.saturates === compilation.checks
    ? compilation
    : { ...compilation, saturates: compilation.checks };

/** JavaScript takes distances of shifts modulo 32. */
export function shiftBy(compilation: Compilation, node: ts.BinaryExpression, right: string): string {
  if (!/<<|>>/.test(node.operatorToken.getText())) return right;
  const by = constantOf(compilation, node.right);
  return by === undefined ? `((${right}) & 31)` : String(by & 31);
}

/** As a condition, where numbers are true unless 0. */
export function test(given: Compilation, value: Value, node: ts.Expression): string {
  const inner = unwrap(node),
    compilation = exact(given);
  if (ts.isBinaryExpression(inner) && /^(&&|\|\|)$/.test(inner.operatorToken.getText()))
    return `(${test(compilation, value, inner.left)} ${inner.operatorToken.getText()} ${test(compilation, value, inner.right)})`;
  if (typeOf(compilation, inner).endsWith('*'))
    throw new Refused(compilation, node, 'a condition is a boolean, a number or a text');
  return value(compilation, node);
}

export function unary(compilation: Compilation, value: Value, node: ts.PrefixUnaryExpression): string {
  const operator = ts.tokenToString(node.operator)!;
  if (operator === '!') return `!(${test(compilation, value, node.operand)})`;
  const operand = value(compilation, node.operand);
  if (operator === '-') return compilation.saturates ? `js_subtract(0, ${operand})` : `-(${operand})`;
  if (operator === '~') return `~(${value(wrapping(compilation), node.operand)})`;
  throw new Refused(compilation, node, `there is no operator ${operator} in C`);
}

/** `(a / b) | 0`: a quotient whose fraction a bitwise operator takes away. */
function truncated(given: Compilation, value: Value, node: ts.Expression): string | undefined {
  const inner = unwrap(node),
    compilation = exact(given);
  if (!ts.isBinaryExpression(inner) || inner.operatorToken.kind !== ts.SyntaxKind.SlashToken)
    return undefined;
  return `js_divide(${value(compilation, inner.left)}, ${value(compilation, inner.right)})`;
}

/** Operators that take their operands back to 32 bits; those that need the values themselves. */
const bitwise = new Set(['&', '|', '^', '<<', '>>', '>>>']),
  exacting = new Set(['<', '>', '<=', '>=', '===', '!==', '%']);

export function binary(given: Compilation, value: Value, node: ts.BinaryExpression): string {
  const operator = node.operatorToken.getText(),
    compilation = bitwise.has(operator) ? wrapping(given) : exacting.has(operator) ? exact(given) : given,
    operand = (n: ts.Expression): string => {
      const text = value(compilation, n);
      return ts.isBinaryExpression(n) ? `(${text})` : text;
    },
    left = (): string => operand(node.left),
    right = (): string => operand(node.right);
  if (operator === '|' && constantOf(compilation, node.right) === 0)
    return truncated(compilation, value, node.left) ?? `(${left()})`;
  if (exacting.has(operator) || operator === '+') checkOperands(compilation, node);
  if (operator === '===' || operator === '!==') return `${left()} ${operator.slice(0, 2)} ${right()}`;
  if (operator === '<<' || operator === '>>')
    return `${truncated(compilation, value, node.left) ?? left()} ${operator} ${shiftBy(compilation, node, right())}`;
  if (operator === '>>>') {
    const by = constantOf(compilation, node.right) ?? 0;
    if (by < 1 || by > 31)
      throw new Refused(compilation, node, 'shift by a number from 1 to 31: the result may leave 32 bits');
    return `(int32_t)((uint32_t)(${left()}) >> ${by})`;
  }
  if (operator === '%') return `js_remainder(${left()}, ${right()})`;
  if (operator === '??') return optional(compilation, value, node);
  if (operator === '&&' || operator === '||') {
    if ([node.left, node.right].every((n) => typeOf(compilation, n) === 'bool'))
      return `(${test(compilation, value, node.left)} ${operator} ${test(compilation, value, node.right)})`;
    if (operator === '&&' || !ts.isIdentifier(node.left))
      throw new Refused(compilation, node, 'of numbers only NAME || VALUE can be compiled');
    return `(${left()} ? ${left()} : ${right()})`;
  }
  if (operator === '/') throw new Refused(compilation, node, 'write a division as (a / b) | 0');
  if (!same.has(operator)) throw new Refused(compilation, node, `there is no operator ${operator} in C`);
  if (compilation.saturates && saturating[operator])
    return `${saturating[operator]}(${value(compilation, node.left)}, ${value(compilation, node.right)})`;
  return `${left()} ${operator} ${right()}`;
}

/** Of texts only `=== ''` can be asked, and nothing of arrays and structs. */
function checkOperands(compilation: Compilation, { left, right, operatorToken }: ts.BinaryExpression): void {
  const { checker } = compilation,
    isEmpty = (n: ts.Expression): boolean => ts.isStringLiteralLike(n) && n.text === '',
    equal = /^[!=]==$/.test(operatorToken.getText());
  for (const node of [left, right]) {
    if (typeOf(compilation, node).endsWith('*'))
      throw new Refused(compilation, node, 'compare numbers, not arrays and structs');
    const asked = equal && (isEmpty(unwrap(left)) || isEmpty(unwrap(right)));
    if (isText(compilation, checker.getTypeAtLocation(node)) && !asked)
      throw new Refused(
        compilation,
        node,
        "of texts only === '' can be asked; put them together by a template",
      );
  }
}

/** `list[i].member?.(x) ?? 0`: a function that not every row has. */
function optional(compilation: Compilation, value: Value, node: ts.BinaryExpression): string {
  const call = unwrap(node.left);
  if (!ts.isCallExpression(call) || constantOf(compilation, node.right) !== 0)
    throw new Refused(compilation, node, 'only TABLE[i].MEMBER?.(...) ?? 0 can be compiled');
  return value(compilation, call);
}

/** A text that is not empty, whatever stands in it: C does not make it. */
export function template(compilation: Compilation, node: ts.TemplateExpression): string {
  if (!node.head.text && node.templateSpans.every((span) => !span.literal.text))
    throw new Refused(compilation, node, 'give a template words of its own: it might be empty');
  const visit = (n: ts.Node): void => {
    if (isUpdate(n) || isAssignment(n))
      throw new Refused(compilation, n, 'change nothing in a template, which C does not make');
    n.forEachChild(visit);
  };
  visit(node);
  return 'true';
}
