/** What types of TypeScript are in C. */
import ts from 'typescript';
import { Refused, type Source } from './source';

/**
 * The C type of a node. Numbers are int32_t. A string tells what is wrong, of which C keeps only whether there
 * is something. The file's words and bytes are read-only, interfaces are structs.
 * @throws Refused when there is none
 */
export function typeOf(source: Source, node: ts.Node, type = source.checker.getTypeAtLocation(node)): string {
  const known = knownType(source, type);
  if (known) return known;
  throw new Refused(source, node, `no value of type ${source.checker.typeToString(type)} can be compiled`);
}

/** The same; undefined when there is none. */
export function knownType({ checker }: Source, given: ts.Type): string | undefined {
  const type = checker.getBaseTypeOfLiteralType(given),
    text = checker.typeToString(type);
  if (type.flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.EnumLike)) return 'int32_t';
  if (type.flags & (ts.TypeFlags.BooleanLike | ts.TypeFlags.StringLike)) return 'bool';
  if (text === 'boolean') return 'bool';
  if (type.flags & ts.TypeFlags.Void) return 'void';
  if (text === 'number[]') return 'int32_t *';
  if (/^Int32Array(<\w+>)?$/.test(text)) return 'const int32_t *';
  if (/^Int8Array(<\w+>)?$/.test(text)) return 'int8_t *';
  if (/^Uint8Array(<\w+>)?$/.test(text)) return 'const uint8_t *';
  if (text === 'FileBytes') return 'const int8_t *';
  return structOf(type) ? text + ' *' : undefined;
}

/** The interface that a type is, when it is one of ours, and a struct: nothing that has elements or heirs. */
export function structOf(type: ts.Type): ts.InterfaceDeclaration | undefined {
  const declaration = type.symbol?.declarations?.[0];
  if (!declaration || !ts.isInterfaceDeclaration(declaration)) return undefined;
  const { typeParameters, heritageClauses, members } = declaration;
  if (typeParameters || heritageClauses || members.some(ts.isIndexSignatureDeclaration)) return undefined;
  return declaration.getSourceFile().isDeclarationFile ? undefined : declaration;
}

/** Whether a type of C's is an array's. */
export const isArray = (type: string | undefined): boolean => /^(const )?u?int\d+_t \*$/.test(type ?? '');

/** The type in C of a struct's member; undefined of what C has not: texts, other structs, what may be missing. */
export function memberType(source: Source, member: ts.Node | undefined): string | undefined {
  if (!member || !ts.isPropertySignature(member) || member.questionToken) return undefined;
  const given = source.checker.getTypeAtLocation(member);
  return isText(source, given) || structOf(given) ? undefined : knownType(source, given);
}

/** Whether values of a type are texts, of which C keeps only whether there is one. */
export const isText = ({ checker }: Source, type: ts.Type): boolean =>
  (checker.getBaseTypeOfLiteralType(type).flags & ts.TypeFlags.StringLike) !== 0;

/** An interface as a struct: those of its members that C can have. */
export function structText(source: Source, declaration: ts.InterfaceDeclaration): string {
  const fields = declaration.members.flatMap((member) => {
    const type = memberType(source, member);
    return type ? [`\t${spaced(type)}${cName(member.name!.getText())};\n`] : [];
  });
  return `typedef struct {\n${fields.join('')}} ${declaration.name.text};\n`;
}

/** A type in front of a name. */
export const spaced = (type: string): string => (type.endsWith('*') ? type : type + ' ');

const reserved = new Set(
  (
    'auto char double extern float goto inline int long register restrict short signed sizeof static struct ' +
    'typedef union unsigned volatile bool asm alignas alignof constexpr nullptr NULL linux unix i386'
  ).split(' '),
);

/**
 * A variable's or member's name as C may have it: neither a keyword or macro, nor, for those have lines in
 * between, a function, table, type or macro of ours or of C's headers.
 */
export const cName = (name: string): string => (reserved.has(name) || name.includes('_') ? name + '_' : name);

/** The type that a function returns. */
export const resultOf = ({ checker }: Source, node: ts.SignatureDeclaration): ts.Type =>
  checker.getReturnTypeOfSignature(checker.getSignatureFromDeclaration(node)!);
