/// <reference types="node" />
/** The TypeScript that is compiled to C: its program, what its names mean, and how it is refused. */
import { relative } from 'node:path';
import ts from 'typescript';

/** What one compilation knows. */
export interface Source {
  /** The folder that file names in messages and #line are relative to. */
  root: string;
  files: readonly ts.SourceFile[];
  checker: ts.TypeChecker;
}

/** What the subset does not have: which file and line, and what to write instead. */
export class Refused extends Error {
  constructor({ root }: Source, node: ts.Node, message: string) {
    const file = node.getSourceFile(),
      { line, character } = file.getLineAndCharacterOfPosition(node.getStart()),
      text = node.getText().split('\n')[0].slice(0, 80);
    super(`${relative(root, file.fileName)}:${line + 1}:${character + 1}: ${message}: ${text}`);
  }
}

/**
 * Reads the program that begins with some files.
 * @throws Error with TypeScript's own messages when a type is wrong
 */
export function readSource(root: string, entries: string[]): Source {
  const program = ts.createProgram(entries, {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    skipLibCheck: true,
    noEmit: true,
  });
  const wrong = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
  if (wrong.length) {
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => root,
      getNewLine: () => '\n',
    };
    throw new Error(ts.formatDiagnostics(wrong, host));
  }
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile);
  return { root, files, checker: program.getTypeChecker() };
}

/** Where a name was declared, through imports. */
export function declarationOf({ checker }: Source, name: ts.Node): ts.Declaration | undefined {
  let symbol = checker.getSymbolAtLocation(name);
  const shorthand = name.parent && ts.isShorthandPropertyAssignment(name.parent);
  if (shorthand) symbol = checker.getShorthandAssignmentValueSymbol(name.parent);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.valueDeclaration ?? symbol?.declarations?.[0];
}

/** The expression without parentheses and assertions of its type. */
export function unwrap(node: ts.Expression): ts.Expression {
  while (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    node = node.expression;
  return node;
}

/** What a declaration's comment says behind `@tag`; undefined when it has no such tag. */
export function tagOf(declaration: ts.Node, tag: string): string | undefined {
  const owner = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration,
    found = ts.getJSDocTags(owner).find((t) => t.tagName.text === tag);
  return found && (ts.getTextOfJSDocComment(found.comment) ?? '').trim();
}

/** The value of `const NAME = value` of a module, `Object.freeze` around it taken away. */
export function moduleConstant(declaration: ts.Declaration | undefined): ts.Expression | undefined {
  if (!declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer) return undefined;
  const list = declaration.parent;
  if (!(list.flags & ts.NodeFlags.Const) || !ts.isSourceFile(list.parent.parent)) return undefined;
  const value = unwrap(declaration.initializer);
  const frozen = ts.isCallExpression(value) && value.expression.getText() === 'Object.freeze';
  return frozen ? unwrap(value.arguments[0]) : value;
}

/** The member of an object, found in what it spreads too. */
export function memberOf(
  source: Source,
  object: ts.ObjectLiteralExpression,
  name: string,
): ts.ObjectLiteralElementLike | undefined {
  let found: ts.ObjectLiteralElementLike | undefined;
  for (const member of object.properties) {
    if (ts.isSpreadAssignment(member)) {
      const spread = moduleConstant(declarationOf(source, member.expression));
      if (!spread || !ts.isObjectLiteralExpression(spread))
        throw new Refused(source, member, 'spread only a constant object of a module');
      found = memberOf(source, spread, name) ?? found;
    } else if (member.name?.getText() === name) found = member;
  }
  return found;
}
