/** Constants, which C gets as numbers: members of enums, literals, constants of modules, frozen objects. */
import ts from 'typescript';
import { Refused, declarationOf, memberOf, moduleConstant, tagOf, unwrap, type Source } from './source';

/** The value of a constant expression; undefined when it is none. */
export function constantOf(source: Source, expression: ts.Expression): number | undefined {
  const node = unwrap(expression);
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node)) return unary(source, node);
  if (ts.isBinaryExpression(node)) return binary(source, node);
  if (ts.isPropertyAccessExpression(node)) {
    const value = source.checker.getConstantValue(node);
    if (typeof value === 'number') return value;
    const object = ts.isIdentifier(node.expression)
      ? moduleConstant(declarationOf(source, node.expression))
      : undefined;
    const member = object && ts.isObjectLiteralExpression(object) && memberOf(source, object, node.name.text);
    return member && ts.isPropertyAssignment(member) ? constantOf(source, member.initializer) : undefined;
  }
  if (ts.isIdentifier(node)) {
    const declaration = declarationOf(source, node),
      value = moduleConstant(declaration);
    return value && tagOf(declaration!, 'c') === undefined ? constantOf(source, value) : undefined;
  }
  return undefined;
}

function unary(source: Source, node: ts.PrefixUnaryExpression): number | undefined {
  const value = constantOf(source, node.operand);
  if (value === undefined) return undefined;
  if (node.operator === ts.SyntaxKind.MinusToken) return -value;
  return node.operator === ts.SyntaxKind.TildeToken ? ~value : undefined;
}

function binary(source: Source, node: ts.BinaryExpression): number | undefined {
  const a = constantOf(source, node.left),
    b = a === undefined ? undefined : constantOf(source, node.right);
  if (a === undefined || b === undefined) return undefined;
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.PlusToken:
      return a + b;
    case ts.SyntaxKind.MinusToken:
      return a - b;
    case ts.SyntaxKind.AsteriskToken:
      return a * b;
    case ts.SyntaxKind.LessThanLessThanToken:
      return a << b;
    case ts.SyntaxKind.BarToken:
      return a | b;
    default:
      return undefined;
  }
}

/** A number as C writes it. @throws Refused when it is no 32-bit integer */
export function int32(source: Source, node: ts.Node, value: number): string {
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31)
    throw new Refused(source, node, `only 32-bit integers can be compiled, not ${value}`);
  return value === -(2 ** 31) ? 'INT32_MIN' : value < 0 ? `(${value})` : String(value);
}
