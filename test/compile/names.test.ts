/** Names: what C's headers, its keywords, its compiler and we have already, and what two files both have. */
import { test } from 'uvu';
import { testIf } from '../support/skip';
import { agrees, operands } from './agrees';
import { compilerMissing, withProgram } from './program';

const testC = testIf(!compilerMissing, compilerMissing);

/** Keywords and macros of C, functions and types of its headers, and names of ours. */
const taken = (
  'int char register restrict signed unsigned struct union auto inline volatile bool asm NULL linux unix nullptr ' +
  'INT32_MAX INT32_MIN errno index abs div y1 signal main memset memmove int8_t int32_t uint32_t size_t exp log ' +
  'js_add js_divide js_remainder js_imul js_clamp js_row flint_taken names_sum names_LIST names sum taken ' +
  'FLINT_WIDE_MULTIPLY RESTRICT restrict_ int_ int__ row _ __x $'
).split(' ');

const variables = `
/** @compiled kernels */
export function taken(a: number, b: number): number {
  let all = 0;
${taken.map((name, i) => `  { const ${name} = a / 3 | 0; let ${name}2 = ${name} % 5; ${name}2 += ${i}; all = all + ${name} - ${name}2 + b | 0; }`).join('\n')}
  return all + other(a) | 0;
}
function other(names_LIST: number): number { const list = LIST[1]; return sum(names_LIST, list) | 0; }
function sum(int32_t: number, sum: number): number { return Math.imul(int32_t, sum) / 7 | 0; }
const LIST = Object.freeze([1, -5, 9]);
/** @compiled checks */
export function takenInChecks(js_add: number, js_multiply: number): boolean {
  const js_subtract = js_add * 2, int64_t = js_add + js_multiply;
  return js_add * js_multiply > 5 && int64_t < 7 - js_subtract;
}
${'interface Named { int: number; bool: boolean; js_x: number; row: number; }'}
const named = (int: number, row: number): Named => ({ int, bool: int > 0, js_x: 3, row });
function fields(of: Named): number { const { int, js_x } = of; return int - js_x + (of.bool ? of.row : 0) | 0; }
/** @compiled kernels */
export function members(a: number, b: number): number { const c = named(a, b); c.js_x = b; return fields(c); }
`;

testC('variables, parameters and members may have any name', () => {
  withProgram({ 'names.ts': variables }, (program) => {
    for (const { name } of program.entries) agrees(program, name, operands(50));
  });
});

/** A file with a function, a list and a table named as in every other. */
const unit = (n: number): string => `
  const LIST = Object.freeze([${n}, ${n * 10}, ${n * 100}, 7]);
  const inner = (v: number): number => v + ${n} | 0;
  interface Row { size: number; run(row: number): number; }
  const first: Row = { size: ${n}, run: (row) => row - ${n} | 0 }, second: Row = { size: 5, run: (row) => inner(row) };
  const rows: readonly Row[] = Object.freeze([first, second]), more: readonly Row[] = Object.freeze([second, first]);
  export function step(a: number): number {
    return (LIST[a & 3] + inner(a) | 0) + rows[a & 1].run(a) * 3 - rows[a >> 1 & 1].size + more[a & 1].size
      + more[a & 1].run(5) | 0;
  }`;

testC('files of one name, and one name in many files', () => {
  const main = `
    import { step as one } from './a/step';
    import { step as two } from './b/step';
    import { step as three } from './js';
    import { step as four } from './4-wheels';
    import { index } from './index';
    /** @compiled kernels */
    export function my_entry(step: number): number {
      const index_index = index(step);
      return one(step) + two(step) * 3 + three(step) * 5 - four(step) + index_index | 0;
    }`;
  const index = 'export function index(memset: number): number { return memset >> 1; }',
    files = {
      'main.ts': main,
      'a/step.ts': unit(1),
      'b/step.ts': unit(2),
      'js.ts': unit(3),
      '4-wheels.ts': unit(4),
    };
  withProgram({ ...files, 'index.ts': index }, (program) => agrees(program, 'my_entry', operands(100)));
});

test.run();
