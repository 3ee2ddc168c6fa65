/// <reference types="node" />
/** Numbers at their edges: overflow, shifts by 0 and 31, INT32_MIN, division by constants and by 0. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import { packageRoot } from '../../host/system/version';
import { Random } from '../support/random';
import { testIf } from '../support/skip';
import { agrees, edges, operands } from './agrees';
import { compilerMissing, sanitized, withProgram } from './program';

const testC = testIf(!compilerMissing, compilerMissing),
  entry = (name: string, value: string, tag = '@compiled kernels', type = 'number'): string =>
    `/** ${tag} */ export function ${name}(a: number, b: number): ${type} { return ${value}; }\n`;

/** Operators of both languages. JavaScript's sums and differences are exact until `| 0`. */
const operations: Record<string, string> = {
  sum: 'a + b | 0',
  difference: 'a - b | 0',
  minusMinus: 'a - -b | 0',
  minusMinusMinus: 'a - - -b | 0',
  negated: '-a | 0',
  twiceNegated: '-(-a)',
  notNegated: '~-a ^ -~b',
  lowest: 'a - -2147483648 | 0',
  lowestAlone: 'a < 0 ? -2147483648 : -0x80000000 + 1',
  constants: '(1 << 31) + (0xffffffff | 0) + 2 * 3 - ~4 | 0',
  product: 'Math.imul(a, b)',
  smallProduct: '(a & 65535) * (b >> 16) | 0',
  zeros: 'Math.clz32(a) - Math.clz32(b)',
  less: 'Math.min(a, b)',
  more: 'Math.max(a, b)',
  size: 'Math.abs(a) | 0',
  quotient: '(a / b) | 0',
  bareQuotient: 'a / b | 0',
  shiftedQuotient: '(a / b) >> 1',
  raisedQuotient: '(a / b) << 3',
  remainder: '(a % b) | 0',
  left: 'a << b',
  right: 'a >> b',
  leftBy31: 'a << 31',
  leftBy32: 'a << 32',
  rightByMinus1: 'a >> -1',
  unsigned1: 'a >>> 1',
  unsigned31: 'a >>> 31',
  unsignedSum: '(a + b) >>> 16',
  bits: '(a & b) | (a ^ ~b)',
  bitsBare: 'a & b | a ^ ~b',
  compared: '(a < b ? 1 : 0) + (a <= b ? 2 : 0) + (a > b ? 4 : 0) + (a >= b ? 8 : 0)',
  equal: 'a === b ? 1 : a !== -b ? 2 : 3',
  halved: '((a >> 1) + 1) / 2 | 0',
};
for (const by of [1, 2, 3, 7, 10, 255, 65536, 2147483647, -1, -2, -5, -2147483648]) {
  operations[`by${by}`.replace('-', 'Minus')] = `(a / ${by}) | 0`;
  operations[`modulo${by}`.replace('-', 'Minus')] = `(a % ${by}) + b | 0`;
}

testC('every operator gives what V8 gives, at all pairs of edges and for random numbers', () => {
  const text = Object.entries(operations).map(([name, value]) => entry(name, value));
  // Once where C stops at what is undefined, once with no options but those in the file.
  for (const flags of [undefined, ['-O2']])
    withProgram(
      { 'numbers.ts': text.join('') },
      (program) => {
        for (const name of Object.keys(operations)) agrees(program, name, operands(1000));
      },
      { flags },
    );
});

/** What is compared: sums and products of all sizes, with limits inside of int32. */
const compared: Record<string, string> = {
  sum: 'a + b > 1000000',
  difference: 'a - b <= -5',
  product: 'a * b < 2000000000',
  negated: '-a >= 2147483646',
  size: 'Math.abs(a) > 2147483646',
  counted: '(a & 65535) * (b & 65535) * (a & 4095) + (b & 1023) * 9 <= 33554432',
  condition: 'a + b ? a - b > 0 : a * 2 > 0',
  given: 'isLarge(a + b, a * b)',
  back: '(a + b | 0) < a',
  inBits: '((a + b) & 3) === 0 || ((a - b) >> 4) > 5 || ~(a + b) > 7 || (-a ^ b) < 0',
  inBoth: '(a + b > 5 ? a + b : a - b) << 1 < 0',
  counter: 'isCounted(a, b)',
};

testC('in checks, sums and products compare as V8 compares them, which goes on beyond int32', () => {
  const helpers = `
    function isLarge(a: number, b: number): boolean { return a > 2147483646 || b < -2147483647; }
    function isCounted(a: number, b: number): boolean {
      let sum = a & 0x7fffffff;
      for (let i = 0; i < 5; i++) sum += b & 0x3fffffff;
      sum *= 3;
      return sum > 2147483646 || sum - -1 === 9;
    }\n`;
  const text = Object.entries(compared).map(([name, v]) => entry(name, v, '@compiled checks', 'boolean'));
  withProgram({ 'checks.ts': helpers + text.join('') }, (program) => {
    for (const name of Object.keys(compared)) agrees(program, name, operands(4000));
  });
});

/** arithmetic.ts itself, each function an entry. */
const arithmetic = (): string =>
  readFileSync(join(packageRoot(), 'src/operators/arithmetic.ts'), 'utf8').replace(
    /\s*\*\/\n(export )?function/g,
    '\n *\n * @compiled kernels\n */\nexport function',
  );

for (const form of ['wide', 'narrow'])
  testC(`arithmetic.ts with ${form} products gives what V8 gives`, () => {
    const flags = [...sanitized, `-DFLINT_WIDE_MULTIPLY=${form === 'wide' ? 1 : 0}`],
      random = new Random(5),
      pairs = operands(100_000),
      scaled = pairs.filter(([v, m]) => Math.abs(v) < 2 ** 29 && m >= 0),
      multipliers = edges.filter((m) => m >= 2 ** 30),
      scalings = pairs.slice(0, 20_000).map(([x, m]) => {
        const multiplier = random.below(3) ? 2 ** 30 + (m & (2 ** 30 - 1)) : random.pick([0, ...multipliers]);
        return [x, multiplier, random.between(-31, 30), random.below(2)];
      });
    withProgram(
      { 'arithmetic.ts': arithmetic() },
      (program) => {
        agrees(program, 'multiplyHigh', pairs);
        agrees(program, 'multiplyFloor', pairs);
        agrees(program, 'scaleDown', scaled);
        agrees(program, 'scaleBy', scalings);
        agrees(
          program,
          'roundingShift',
          pairs.map(([x, n]) => [x, n & 31]),
        );
        agrees(
          program,
          'saturatingShift',
          pairs.map(([x, n]) => [x, (n & 31) % 31]),
        );
      },
      { flags },
    );
  });

test.run();
