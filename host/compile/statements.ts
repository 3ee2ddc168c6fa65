/** Statements as C, each with the line of TypeScript that it comes from. */
import { relative } from 'node:path';
import ts from 'typescript';
import { isLocalStruct } from './calls';
import { effect, full, value } from './expressions';
import { noteStruct, refuse, type Compilation, type Routine } from './routines';
import { Refused, unwrap } from './source';
import { cName, isArray, memberType, structOf, typeOf } from './types';

/** Stands where `restrict` comes to stand if a promise can be made; no name can be this. */
export const RESTRICT = '@restrict';

/** A function's body. */
export function compileBody(compilation: Compilation, routine: Routine): string {
  const { node } = routine;
  if (ts.isBlock(node.body!)) return block(compilation, routine, node.body, '');
  const text = returned(compilation, routine, node.body as ts.Expression),
    isVoid = routine.head.startsWith('static void ');
  return `{\n${lineOf(compilation, node.body!)}\t${isVoid ? '' : 'return '}${text};\n}`;
}

/** What a function returns: of structs only what it has made itself. */
function returned(compilation: Compilation, routine: Routine, given: ts.Expression): string {
  const node = unwrap(given),
    struct = structOf(compilation.checker.getTypeAtLocation(node));
  if (struct && ts.isIdentifier(node) && !isLocalStruct(compilation, node))
    throw new Refused(compilation, node, 'return only structs that the function makes');
  return full(compilation, routine, given);
}

function block(compilation: Compilation, routine: Routine, node: ts.Block, tab: string): string {
  return `{\n${node.statements.map((s) => statement(compilation, routine, s, tab + '\t')).join('')}${tab}}`;
}

/** Goes on after a refusal, so that all are told at once. */
function statement(compilation: Compilation, routine: Routine, node: ts.Statement, tab: string): string {
  try {
    return `${lineOf(compilation, node)}${unrolled(node)}${tab}${compiled(compilation, routine, node, tab)}\n`;
  } catch (error) {
    refuse(compilation, error);
    return '';
  }
}

const lineOf = ({ root }: Compilation, node: ts.Node): string => {
  const file = node.getSourceFile(),
    { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `#line ${line + 1} "${relative(root, file.fileName)}"\n`;
};

/** A loop behind the comment `// @unroll`, of few turns, shall have none. */
function unrolled(node: ts.Statement): string {
  const text = node.getSourceFile().text,
    comments = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  return comments.some(({ pos, end }) => text.slice(pos, end) === '// @unroll')
    ? '#pragma GCC unroll 16\n'
    : '';
}

function compiled(compilation: Compilation, routine: Routine, node: ts.Statement, tab: string): string {
  const expression = (e: ts.Expression, condition = false): string =>
      full(compilation, routine, e, condition),
    body = (s: ts.Statement): string =>
      ts.isBlock(s)
        ? block(compilation, routine, s, tab)
        : `{\n${statement(compilation, routine, s, tab + '\t')}${tab}}`;
  if (ts.isBlock(node)) return block(compilation, routine, node, tab);
  if (ts.isVariableStatement(node))
    return declarations(compilation, routine, node.declarationList, tab) + ';';
  if (ts.isExpressionStatement(node)) return effect(compilation, routine, node.expression) + ';';
  if (ts.isReturnStatement(node))
    return node.expression ? `return ${returned(compilation, routine, node.expression)};` : 'return;';
  if (ts.isIfStatement(node)) {
    const otherwise = node.elseStatement ? ` else ${body(node.elseStatement)}` : '';
    return `if (${expression(node.expression, true)}) ${body(node.thenStatement)}${otherwise}`;
  }
  if (ts.isWhileStatement(node))
    return `while (${expression(node.expression, true)}) ${body(node.statement)}`;
  if (ts.isForStatement(node)) {
    const { initializer, condition, incrementor } = node,
      first = !initializer
        ? ''
        : ts.isVariableDeclarationList(initializer)
          ? declarations(compilation, routine, initializer, tab)
          : effect(compilation, routine, initializer);
    if (first.includes(';'))
      throw new Refused(compilation, initializer!, 'declare variables of one type at the head of a loop');
    const test = condition ? expression(condition, true) : '',
      next = incrementor ? effect(compilation, routine, incrementor) : '';
    return `for (${first}; ${test}; ${next}) ${body(node.statement)}`;
  }
  if ((ts.isBreakStatement(node) || ts.isContinueStatement(node)) && !node.label)
    return ts.isBreakStatement(node) ? 'break;' : 'continue;';
  if (ts.isEmptyStatement(node)) return ';';
  const kind = ts.SyntaxKind[node.kind];
  throw new Refused(
    compilation,
    node,
    `a ${kind} cannot be compiled; use if, for, while, return, break, continue`,
  );
}

function declarations(
  compilation: Compilation,
  routine: Routine,
  list: ts.VariableDeclarationList,
  tab: string,
): string {
  if (!(list.flags & ts.NodeFlags.BlockScoped))
    throw new Refused(compilation, list, 'declare variables by let or const');
  const constant = list.flags & ts.NodeFlags.Const ? 'const ' : '',
    groups: { type: string; items: string[] }[] = [];
  const put = (type: string, item: string): void => {
    const last = groups[groups.length - 1];
    if (last?.type === type && !type.includes('*')) last.items.push(item);
    else groups.push({ type, items: [item] });
  };
  for (const declaration of list.declarations) {
    const { name, initializer } = declaration;
    if (ts.isObjectBindingPattern(name)) {
      for (const element of name.elements)
        put(...member(compilation, routine, declaration, element, constant === ''));
    } else if (isLocalStruct(compilation, name as ts.Identifier)) {
      noteStruct(compilation, name);
      const made = initializer && unwrap(initializer);
      if (!made || !(ts.isObjectLiteralExpression(made) || ts.isCallExpression(made)))
        throw new Refused(compilation, declaration, 'a struct has one name: make it by { } or by a function');
      put(
        structOf(compilation.checker.getTypeAtLocation(name))!.name.text,
        `${cName(name.getText())} = ${full(compilation, routine, made)}`,
      );
    } else {
      const type = typeOf(compilation, name);
      if (type.endsWith('*'))
        throw new Refused(compilation, declaration, 'an array cannot be kept in a variable');
      put(
        constant + type,
        cName(name.getText()) + (initializer ? ' = ' + full(compilation, routine, initializer) : ''),
      );
    }
  }
  return groups.map(({ type, items }) => `${type} ${items.join(', ')}`).join(`;\n${tab}`);
}

/** `const { words } = model`: a pointer that nothing else goes by, or a number. */
function member(
  compilation: Compilation,
  routine: Routine,
  { initializer }: ts.VariableDeclaration,
  element: ts.BindingElement,
  mutable: boolean,
): [type: string, item: string] {
  const struct = initializer && structOf(compilation.checker.getTypeAtLocation(initializer));
  if (
    !struct ||
    !ts.isIdentifier(initializer) ||
    element.propertyName ||
    element.initializer ||
    element.dotDotDotToken
  )
    throw new Refused(compilation, element, 'take members of a struct apart by their own names only');
  const name = element.name.getText(),
    type = memberType(
      compilation,
      struct.members.find((m) => m.name?.getText() === name),
    );
  if (!type) throw new Refused(compilation, element, 'this member has no type in C');
  const constant = mutable ? '' : 'const ',
    pointer = isArray(type) ? `${type}${RESTRICT} const` : constant + type;
  if (isArray(type) && routine.members.has(name)) routine.aliases = true;
  routine.members.add(name);
  const arrow = isLocalStruct(compilation, initializer) ? '.' : '->';
  return [pointer, `${cName(name)} = ${value(compilation, routine, initializer)}${arrow}${cName(name)}`];
}
