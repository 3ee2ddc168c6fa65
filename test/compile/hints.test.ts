/// <reference types="node" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileKernels, type CompiledKernels } from '../../host/compile/compile';
import { temporaryFolder } from '../system/folder';

/** Compiles one file. */
function compiled(text: string): CompiledKernels {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.ts'), text);
  return compileKernels(folder, ['a.ts'], 1);
}

const twice = (tag: string): string =>
  `/** Doubles.\n *\n * ${tag}\n */\nfunction twice(x: number): number {\n  return x + x;\n}\n` +
  `/** @compiled kernels */\nexport function entry(x: number): number {\n  return twice(x);\n}\n`;

test('a function may be kept apart from its callers, or within them', () => {
  assert.match(
    compiled(twice('@noinline')).kernels,
    /static __attribute__\(\(noinline\)\) int32_t a_twice\(/,
  );
  const within = compiled(twice('@inline')).kernels;
  assert.match(within, /static inline __attribute__\(\(always_inline\)\) int32_t a_twice\(/);
});

test('a loop behind // @unroll, and no other, is unrolled', () => {
  const loop = (comment: string): string =>
    `/** @compiled kernels */\nexport function entry(sums: number[]): void {\n  ${comment}\n` +
    '  for (let i = 0; i < 8; i++) sums[i] = i;\n}\n';
  assert.match(compiled(loop('// @unroll')).kernels, /#pragma GCC unroll 16\n\tfor \(/);
  assert.not.match(compiled(loop('// unrolled by hand')).kernels, /unroll 16/);
});

test('a constant may be another one in C', () => {
  const { kernels } = compiled(
    '/**\n * Registers.\n *\n * @c FLINT_MANY_REGISTERS\n */\nexport const MANY: boolean = false;\n' +
      '/** @compiled kernels */\nexport function entry(x: number): number {\n  if (MANY) return 1;\n  return x;\n}\n',
  );
  assert.match(kernels, /if \(\(*FLINT_MANY_REGISTERS\)+ \{/);
});

test('each part of the sources goes to a file of its own, of which one saturates', () => {
  const sum = (tag: string, name: string): string =>
    `/** @compiled ${tag} */\nexport function ${name}(a: number, b: number): number {\n  return a + b;\n}\n`;
  const { kernels, support, checks, header } = compiled(
    sum('kernels', 'one') + sum('support', 'two') + sum('checks', 'three'),
  );
  assert.match(kernels, /flint_one\(/);
  assert.match(support, /flint_two\(/);
  assert.match(checks, /js_add\(a, b\)/);
  for (const name of ['one', 'two', 'three']) assert.match(header, new RegExp(`flint_${name}\\(`));
});

test("the build's own C names the TypeScript that it comes from", () => {
  const kernels = readFileSync('dist/device/native/kernels.c', 'utf8');
  assert.match(kernels, /^#line \d+ "src\/operators\/conv2d\.ts"$/m);
});

test.run();
