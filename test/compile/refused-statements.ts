/** Statements that are refused at «, and what the message says. */

type Cases = [statement: string, message: RegExp][];

/** What every statement may name. */
export const around = `
interface Part { at: number; on: boolean; arena: Int8Array; words: Int32Array; sums: number[]; text?: string; maybe?: number; }
interface Other { at: number; on: boolean; arena: Int8Array; words: Int32Array; sums: number[]; }
interface FileBytes { readonly [offset: number]: number; readonly length: number; }
interface Nest { part: Part; }
interface Row { size: number; run?(a: number): number; other: (a: number) => number; }
const enum Text { a = 'a' }
const enum Kind { one = 1 }
const LIST = Object.freeze([1, 2]), LOOSE = [1, 2], HALF = 0.5, OBJECT = { at: 1 }, MADE = Math.sqrt(4), WORD = 'word';
const NESTED = Object.freeze([[1], [2]]);
const plus = (a: number): number => a + 1;
const rows: readonly Row[] = Object.freeze([{ size: 1, run: plus, other: plus }, { size: MADE, other: plus }]);
let global = 0;
const part = (at: number, arena: Int8Array, words: Int32Array, sums: number[]): Part => ({ at, arena, words, sums, on: true });
declare function elsewhere(a: number): number;
function write(arena: Int8Array, i: number): number { arena[i] = 1; return 2; }
function takes(p: Part): number { return p.at; }
function reads(bytes: FileBytes): number { return bytes[0]; }
function other(p: Other): number { return p.at; }
function given(a: number, b: number): number { return a - b; }
function tell(v: number): string { return v ? 'told' : ''; }
class Thing { at = 1; }
`;

const plain: Cases = [
  ['«for (const x of sums) a = x;', /ForOfStatement cannot be compiled; use if, for, while/],
  ['«for (const x in p) a = 1;', /ForInStatement/],
  ['«do a++; while (a < 5);', /DoStatement/],
  ['«switch (a) { case 1: a = 2; }', /SwitchStatement/],
  ['«try { a = 1; } catch { a = 2; }', /TryStatement/],
  ['«throw new Error("no");', /ThrowStatement/],
  ['«class X {}', /ClassDeclaration/],
  ['«function inner() {}', /FunctionDeclaration/],
  ['«outer: while (a) a--;', /LabeledStatement/],
  ['«debugger;', /Statement cannot be/],
  ['if (b) while (a) { «debugger; }', /Statement cannot be/],
];

const variables: Cases = [
  ['«var x = 1;', /declare variables by let or const/],
  ['const «x = arena;', /array cannot be kept in a variable/],
  ['const «f = (v: number): number => v + a;', /no value of type/],
  ['const «x = 5n;', /no value of type/],
  ['let «x: number | boolean = a;', /no value of type/],
  ['const «[x] = sums;', /array cannot be kept/],
  ['const { «at: x } = p;', /by their own names/],
  ['const { «maybe = 5 } = p;', /by their own names/],
  ['const { «text } = p;', /no type in C/],
  ['const { «at } = part(1, arena, words, sums);', /of a struct/],
  ['const «q = p;', /a struct has one name/],
  ['const q = part(a, arena, words, sums), «r = q;', /a struct has one name/],
  ['const «q: Part = flag ? p : p;', /a struct has one name/],
  ['for («let x = 1, on = flag; x; x++);', /one type/],
  ['const x = «NaN;', /only constants of a module/],
  ['a = «global;', /only constants of a module/],
  ['«global = 1;', /only constants of a module/],
  ['«global++;', /only constants of a module/],
  ['a = «MADE;', /only numbers and frozen lists/],
  ['why = «WORD;', /only numbers and frozen lists/],
  ['«arena = arena;', /keeps its name/],
  ['«p = p;', /keeps its name/],
];

const numbers: Cases = [
  ['a = «a / b;', /write a division as \(a \/ b\) \| 0/],
  ['a = «a / b + 1 | 0;', /write a division/],
  ['a = «a >>> 0;', /shift by a number from 1 to 31/],
  ['a = «a >>> b;', /shift by a number from 1 to 31/],
  ['a = «a >>> 32;', /shift by a number from 1 to 31/],
  ['a = «a ** 2;', /no operator \*\*/],
  ['flag = «a == b;', /no operator ==/],
  ['flag = «a != b;', /no operator !=/],
  ['a = «+a;', /no operator \+/],
  ['«a %= 2;', /no operator %=/],
  ['«a /= 2;', /no operator \/=/],
  ['«a >>>= 2;', /no operator >>>=/],
  ['«a ||= 2;', /no operator \|\|=/],
  ['a = «0.5;', /only 32-bit integers/],
  ['a = b * «HALF;', /only 32-bit integers can be compiled, not 0.5/],
  ['a = «2147483648;', /not 2147483648/],
  ['a = «2147483647 + 1;', /not 2147483648/],
  ['a = «-2147483649;', /not -2147483649/],
  ['a = b & «0xffffffff;', /not 4294967295/],
  ['a = «a && b;', /only NAME \|\| VALUE/],
  ['a = «mode && b;', /only NAME \|\| VALUE/],
  ['a = «mode + 1 || b;', /only NAME \|\| VALUE/],
  ['a = («b++, a);', /no operator ,/],
  ['a = «(typeof a) === "number" ? 1 : 0;', /of texts only/],
  ['«void a;', /VoidExpression cannot be compiled/],
  ['a = «a!;', /NonNullExpression/],
  ['a = «a ?? 0;', /TABLE\[i\].MEMBER/],
  ['a = «rows[a].run?.(a) ?? 1;', /TABLE\[i\].MEMBER/],
];

const calls: Cases = [
  ['a = «elsewhere(a);', /only functions of the device/],
  ['a = «parseInt("5");', /only functions of the device/],
  ['a = «Math.floor(a);', /Math.imul of 2, Math.clz32 of 1/],
  ['a = «Math.max(a, b, 1);', /Math.max of 2/],
  ['a = «Math.min(a);', /Math.min of 2/],
  ['«sums.push(1);', /only fill and copyWithin of an Int8Array, with three arguments/],
  ['«arena.fill(1);', /with three arguments/],
  ['«sums.fill(1, 2, 3);', /of an Int8Array/],
  ['a = «rows[a].other(1);', /must be declared in an interface/],
  ['a = «(() => 5)();', /call functions by their names/],
  ['a = takes(«part(a, arena, words, sums));', /by their names/],
  ['a = takes(«{ at: a, on: flag, arena, words, sums });', /no value of type/],
  ['a = takes(«flag ? p : p);', /by their names/],
  ['a = other(«p);', /this Part \* is no Other \*; declare one type for both/],
  ['a = reads(«pixels);', /this uint8_t \* is no int8_t \*/],
  ['a = reads(«words);', /is no int8_t/],
  ['a = reads(«sums);', /is no int8_t/],
  ['a = «given(...LIST as unknown as [number, number]);', /give every argument/],
  ['«new Thing();', /NewExpression/],
];

const members: Cases = [
  ['a = «arena.length;', /arrays have no length in C/],
  ['a = «bytes.length;', /arrays have no length in C/],
  ['a = «why.length;', /only members of variables of our own interfaces/],
  ['a = «part(a, arena, words, sums).at;', /only members of variables/],
  ['a = «p.maybe! | 0;', /NonNullExpression/],
  ['if («p.maybe) a = 1;', /no value of type number \| undefined/],
  ['a = «p["at"];', /no elements in C/],
  ['a = sums[«flag as unknown as number];', /an index is a number/],
  ['a = «NESTED[0][1];', /no elements in C/],
  ['a = «(p as unknown as Nest).part.at;', /only members of variables/],
  ['a = «rows[a].size;', /a column of a table must be numbers/],
  ['«words[0] = 1;', /only the arena and sums are written/],
  ['«pixels[0] = 1;', /only the arena and sums are written/],
  ['«LOOSE[0] = 1;', /only the arena and sums are written/],
  ['«OBJECT.at = 1;', /only members of variables/],
  ['a++, «p.at++;', /only variables count up and down/],
  ['«[a, b] = [b, a];', /assign to variables, elements and members only/],
];

const texts: Cases = [
  ['flag = «why === "x";', /of texts only === '' can be asked/],
  ['flag = «why < "b";', /of texts only/],
  ['why = «why + "x";', /./],
  ['«why += "x";', /put texts together by a template/],
  ['why = «`${why}`;', /words of its own/],
  ['why = `text ${«a++}`;', /change nothing in a template/],
  ['flag = «p === p;', /compare numbers/],
  ['if («p) a = 1;', /a condition is a boolean/],
  ['flag = !«arena;', /a condition is a boolean/],
  ['flag = «why > "a" || flag;', /of texts only/],
];

const order: Cases = [
  ['«a = a++;', /change a in a statement of its own/],
  ['«a = b + a--;', /change a in a statement of its own/],
  ['«a += a++;', /change a in a statement of its own/],
  ['«b = a++ + a;', /change a in a statement of its own/],
  ['«b = given(a, ++a);', /change a in a statement of its own/],
  ['«arena[a] = a++;', /change a in a statement of its own/],
  ['«arena[a++] = arena[a];', /change a in a statement of its own/],
  ['«sums[a++] += a;', /change a in a statement of its own/],
  ['if («a++ && a) b = 1;', /change a in a statement of its own/],
  ['a = «b = 3;', /write an assignment as a statement of its own/],
  ['const x = «a = b;', /write an assignment as a statement of its own/],
  ['if («a = b) b = 1;', /write an assignment as a statement of its own/],
  ['a = b + «write(arena, b);', /a call that changes arrays as a statement of its own/],
  ['if (!«write(arena, b)) a = 1;', /as a statement of its own/],
  ['arena[a] = «write(arena, b);', /as a statement of its own/],
  ['arena[«write(arena, b)] = 1;', /as a statement of its own/],
  ['p.at = «write(arena, b);', /as a statement of its own/],
  ['a = plus(«write(arena, b));', /as a statement of its own/],
];

export const statements: Record<string, Cases> = {
  statements: plain,
  variables,
  numbers,
  calls,
  'members and elements': members,
  texts,
  'the order of evaluation': order,
};
