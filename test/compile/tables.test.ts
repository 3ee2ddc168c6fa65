/** Lists, tables of rows, and structs. */
import { test } from 'uvu';
import { testIf } from '../support/skip';
import { agrees, operands } from './agrees';
import { compilerMissing, withProgram } from './program';

const testC = testIf(!compilerMissing, compilerMissing);

const tables = `
import { far, SHIFTS as MOVES } from './far';
interface Row {
  name: string;
  words: number;
  limit: number;
  run(arena: Int8Array, at: number): number;
  check?(a: number, b: number): string;
  count?(a: number): number;
  clear?(arena: Int8Array): void;
}
const enum Sizes { base = 9, other = base << 4 }
const base = { name: 'base', words: Sizes.base, limit: -2147483648 },
  small: Row = { ...base, words: 3, run: (arena, at) => arena[at & 63] },
  large: Row = { ...base, run, check, count: (a) => a & 7, clear: (arena) => { arena.fill(0, 0, 2); } };
function check(a: number, b: number): string { return a < b ? 'less' : ''; }
function run(arena: Int8Array): number { return arena[0]; }
function setAt(arena: Int8Array, at: number): number { arena[at & 15] = 3; return -1; }
const odd = (a: number): string => (a & 1 ? 'odd' : '');
const rows: readonly Row[] = Object.freeze([
  small, large, { name: 'x', words: Sizes.other, limit: 5, run: setAt, check: odd }, far,
]);
/** @compiled kernels */
export function dispatch(arena: Int8Array, a: number, b: number): number {
  const i = b & 3;
  let made = rows[i].run(arena, a);
  if (rows[a & 3].words > 5) made += rows[a & 3].limit >> 20;
  rows[i].clear?.(arena);
  made += rows[i].words * MOVES[a & 3] + (rows[(a >> 2) & 3].count?.(b) ?? 0) + MOVES.length;
  return made | 0;
}
/** @compiled checks */
export function limits(a: number, b: number): boolean {
  return rows[a & 3].words > a - b && rows[b & 3].words * a <= MOVES[b & 3] * 1000;
}
`;
const far = `
const LIMIT = 0x7fff;
export const SHIFTS = Object.freeze([1 << 4, -3, LIMIT, ~7]);
export const far = { name: 'far', words: LIMIT, limit: -LIMIT, run: (arena: Int8Array, at: number): number => at | 1 };
`;

testC('lists, columns of tables, and functions that not every row has', () => {
  withProgram({ 'tables.ts': tables, 'far.ts': far }, (program) => {
    for (const { name } of program.entries) agrees(program, name, operands(300));
  });
});

const structs = `
const SEVEN = 7;
function made(arena: Int8Array, words: Int32Array, sums: number[], at: number): Part {
  const on = at > 0;
  return { arena, words, sums, at, on };
}
interface Part { arena: Int8Array; words: Int32Array; sums: number[]; at: number; on: boolean; }
function turn(p: Part, by: number): number { p.at += by; p.on = !p.on; return p.at & 15; }
const first = (p: Part): number => p.arena[p.at & 15];
function mix(p: Part): number {
  const { arena, sums, at } = p, { words } = p;
  arena[at & 63] = words[at & 15];
  sums[at & 15] = arena[(at + 1) & 63];
  return arena[at & 63] ^ sums[(at >> 4) & 15];
}
/** Two names for one array: the second write must be seen by the first name. */
function twoNames(p: Part, same: Int8Array): number {
  const { arena } = p;
  arena[3] = 5;
  same[3] = p.at;
  p.arena[4] = arena[3];
  const before = arena[4];
  p.arena[4] = before + 1;
  { const { arena } = p; arena[4] += 3; }
  return arena[4] - arena[3];
}
/** @compiled kernels */
export function parts(arena: Int8Array, words: Int32Array, sums: number[], a: number, b: number): number {
  const p = made(arena, words, sums, a);
  let r = turn(p, 1);
  r += first(p);
  const turned = turn(p, b & 255);
  const mixed = mix(p);
  r = r + turned + mixed + (p.on ? 1 : 0);
  p.at = a;
  const { on, at } = p, q: Part = { arena: p.arena, words: p.words, sums: p.sums, at: SEVEN, on: on || a < b };
  q.at -= at & 7;
  const named = twoNames(q, q.arena);
  let t = made(arena, words, sums, 3);
  t.at = t.at + 4;
  return r + named + q.at + (q.on ? SEVEN : 0) + t.at | 0;
}
`;

testC('structs: made, changed by calls, taken apart', () => {
  withProgram({ 'structs.ts': structs }, (program) => agrees(program, 'parts', operands(300)));
});

testC('what stands behind @c is what C computes with', () => {
  const text = `
    /** @c 1 + 2 */ const THREE: number = 1;
    /** @c true */ const COMPILED: boolean = false;
    /** @compiled kernels */ export function own(a: number): number { return (COMPILED ? THREE * 2 : a) - THREE; }`;
  withProgram({ 'own.ts': text }, (program) => {
    program.js.own = () => 3;
    agrees(program, 'own', [[5]]);
  });
});

test.run();
