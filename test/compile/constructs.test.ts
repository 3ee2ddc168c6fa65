/** Statements, conditions, arrays and texts of the subset do in C what they do in V8. */
import { test } from 'uvu';
import { testIf } from '../support/skip';
import { agrees, operands } from './agrees';
import { compilerMissing, withProgram } from './program';

const testC = testIf(!compilerMissing, compilerMissing);

/** Every exported function is an entry: what the tags say, for short. */
const entries = (text: string, tag = '@compiled kernels'): string =>
  text.replaceAll('export function', `/** ${tag} */\nexport function`);

const statements = `
export function loops(a: number, b: number): number {
  let sum = 0, i = 0, j = 9;
  for (let k = 0, n = a & 15; k < n; k++, j--) {
    if (k === 3) continue;
    if (k > 10) break;
    sum += k * j;
  }
  while (i < (b & 7)) i++;
  for (;;) {
    if (i-- < -3) break;
    sum ^= i;
  }
  for (i = 5, j = 0; i > 0; i -= 2) for (let k = 0; k < i; ++k) sum += k;
  while (sum & 1 && ++j < 20) { sum += b & 3; { const sum = 3; i += sum; } }
  return (sum << 4) + i + j;
}
export function emptyBodies(a: number): number {
  let n = a & 63;
  while (--n > 20);
  for (; n < 30; n++) {}
  if (a) {} else n = 5;
  return n;
}
export function dangling(a: number, b: number): number {
  let r = 0;
  if (a > 0) if (b > 0) r = 1; else r = 2;
  else if (b < 0) r = 3; else if (b === 0) { r = 4; } else r = 5;
  if (a > 5) { if (b > 5) r += 10; } else r += 20;
  return r;
}
export function shadows(a: number, b: number): number {
  const x = a;
  let r = 0;
  for (let a = 0; a < 3; a++) { const x = a * 2; r += x; for (let x = 0; x < 2; x++) r += x; }
  { let b = 5; b++; { const a = b; r += a; } r += b; }
  if (b > 0) { const r = 7; return r + (x & 255); }
  return r;
}
export function conditionals(a: number, b: number): number {
  const x = a < b ? a > 0 ? 1 : 2 : b > 0 ? 3 : 4,
    y = (a > 0 && b > 0) || (a < 0 && !(b < 0)) ? 10 : a || 20,
    z = !a ? 5 : !!b ? 6 : !(a && b || x) ? 7 : 8;
  return (x & y) + z - (a === b ? -1 : - -1) | 0;
}
export function booleans(a: number, flag: boolean): boolean {
  const is: boolean = a > 5, no = !is;
  let either = is || flag;
  if (no && flag) either = false;
  either = either !== (a < 0) && (is === no || flag !== is);
  return either ? !flag : a !== 3;
}
export function compounds(a: number, b: number): number {
  let x = a;
  x += b; x |= 0; x -= 3; x |= 0; x ^= b; x &= 0x7fffff; x *= 3; x <<= b; x >>= 3; x |= b; x <<= 35; x >>= 33;
  return x;
}
export function updates(a: number): number {
  let i = a & 31, r = i++;
  r += ++i; r -= i--; r += --i; r -= -i; r = r - -(-i);
  const last = i++ - 5;
  return (r << 8) + i + last;
}
export function constants(a: number): number { return a & (Bits.high | Bits.low) | Mixed.negative << Bits.low | LIMIT; }
const arrow = (a: number, b: number): number => twice(a) - b | 0;
const twice = (v: number): number => (v & 0xffff) * 2;
const LIMIT = -(1 << 20) + 5, OTHER = { low: 3, high: LIMIT };
const enum Bits { low = 3, high = 1 << 30 }
const enum Mixed { zero, one, negative = -7 }
export function members(a: number): number { return a > OTHER.high ? OTHER.low : Mixed.one; }
export function arrows(a: number, b: number): number { return arrow(a, b); }
`;

testC('statements, scopes and conditions', () => {
  withProgram({ 'statements.ts': entries(statements) }, (program) => {
    for (const { name } of program.entries) agrees(program, name, operands(300));
  });
});

const arrays = `
export function writes(arena: Int8Array, sums: number[], a: number, b: number): number {
  let i = 0;
  arena[i++] = a; arena[i++] = b >> 3; arena[++i] += 200; arena[i--] -= a & 127; arena[i] ^= 85; arena[i++] <<= 1;
  sums[a & 15] = b; sums[b & 15] ^= a; sums[i] = 0;
  arena[63] = arena[a & 63] + arena[b & 63];
  arena[at(a)] = of(arena, b);
  arena[(sums[3] & 31) + 1] >>= 2;
  return i + arena[1] - arena[2];
}
function at(a: number): number { return a & 7; }
function of(arena: Int8Array, b: number): number { return arena[b & 7]; }
export function reads(words: Int32Array, pixels: Uint8Array, bytes: FileBytes, a: number): number {
  return (words[a & 15] ^ pixels[a & 63]) + bytes[a & 63] - (pixels[(a >> 6) & 63] << 20) | 0;
}
export interface FileBytes { readonly [offset: number]: number; readonly length: number; }
export function moves(arena: Int8Array, a: number, b: number): void {
  const from = a & 31, count = b & 31;
  arena.fill(a, from, from + count);
  arena.copyWithin(b & 15, from, from + count);
  arena.fill(1, 9, 9);
  arena.copyWithin(3, 8, 8);
  change(arena, 5);
  if (a < 0) return;
  const made = change(arena, a & 63);
  let other = 3;
  other = change(arena, 7);
  arena[0] = made + other;
}
function change(arena: Int8Array, i: number): number { return setAt(arena, i), arena[i] & 3; }
function setAt(arena: Int8Array, i: number): void { arena[i] += 1; }
`;

testC('arrays, and calls that write them', () => {
  withProgram({ 'arrays.ts': entries(arrays) }, (program) => {
    for (const { name } of program.entries) agrees(program, name, operands(300));
  });
});

const texts = `
export function wrong(a: number, b: number): string {
  const first = negative(a) || negative(b);
  if (first) return first;
  if (first !== '') return 'never';
  let why = '';
  if (b > 1000) why = \`\${b} is too large\`;
  return why || (a > 1000 ? \`a is \${a}\` : '');
}
const negative = (v: number): string => (v < 0 ? 'negative' : '');
export function isRight(a: number, b: number): boolean { return wrong(a, b) === '' && !negative(a) && 0 <= b; }
`;

testC('a text tells what is wrong: C keeps whether there is one', () => {
  for (const tag of ['@compiled kernels', '@compiled checks'])
    withProgram({ 'texts.ts': entries(texts, tag) }, (program) => {
      for (const { name } of program.entries) agrees(program, name, operands(100));
    });
});

test.run();
