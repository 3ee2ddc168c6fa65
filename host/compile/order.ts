/**
 * The order of evaluation: JavaScript goes from left to right, C in any order. Two rules keep that from
 * mattering. A variable that is changed within an expression stands there once, and a call that writes arrays
 * stands alone, or alone behind `=`.
 */
import ts from 'typescript';
import { calledBy } from './calls';
import type { Compilation } from './routines';
import { Refused } from './source';

const assignments = new Set([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.PlusEqualsToken,
  ts.SyntaxKind.MinusEqualsToken,
  ts.SyntaxKind.AsteriskEqualsToken,
  ts.SyntaxKind.AmpersandEqualsToken,
  ts.SyntaxKind.BarEqualsToken,
  ts.SyntaxKind.CaretEqualsToken,
  ts.SyntaxKind.LessThanLessThanEqualsToken,
  ts.SyntaxKind.GreaterThanGreaterThanEqualsToken,
]);

/** `a = b` and the like, of the operators that C has too. */
export const isAssignment = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && assignments.has(node.operatorToken.kind);

/** `a++` and the like. */
export const isUpdate = (node: ts.Node): node is ts.PrefixUnaryExpression | ts.PostfixUnaryExpression =>
  ts.isPostfixUnaryExpression(node) ||
  (ts.isPrefixUnaryExpression(node) &&
    (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken));

/**
 * Refuses an expression whose value depends on the order.
 * @param alone what may be a call that writes arrays
 */
export function checkOrder(compilation: Compilation, root: ts.Expression, alone?: ts.Expression): void {
  const { checker } = compilation,
    changed: ts.Symbol[] = [],
    seen = new Map<ts.Symbol, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node)) return; // a message, which C does not make; it changes nothing
    if (isUpdate(node) && node !== root) {
      const symbol = checker.getSymbolAtLocation(node.operand);
      if (symbol) changed.push(symbol);
    }
    if (isAssignment(node) && (node !== root || node === alone))
      throw new Refused(compilation, node, 'write an assignment as a statement of its own');
    if (ts.isIdentifier(node)) {
      const shorthand = ts.isShorthandPropertyAssignment(node.parent),
        symbol = shorthand
          ? checker.getShorthandAssignmentValueSymbol(node.parent)
          : checker.getSymbolAtLocation(node);
      if (symbol) seen.set(symbol, (seen.get(symbol) ?? 0) + 1);
    }
    if (ts.isCallExpression(node) && node !== alone && calledBy(compilation, node)?.writes)
      throw new Refused(compilation, node, 'write a call that changes arrays as a statement of its own');
    node.forEachChild(visit);
  };
  visit(root);
  for (const symbol of changed)
    if ((seen.get(symbol) ?? 0) > 1)
      throw new Refused(
        compilation,
        root,
        `change ${symbol.name} in a statement of its own, for it is used twice here`,
      );
}
