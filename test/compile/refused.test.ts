/// <reference types="node" />
/** What the subset does not have is refused: where it stands, and what to write instead, all at once. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorsOf } from './program';
import { around, statements } from './refused-statements';

/** Refused statements, each in a function of its own, in one file. */
const all = Object.values(statements).flat(),
  before = around.split('\n').length,
  text = all.map(
    ([s], i) =>
      `/** @compiled kernels */ export function f${i}(${names()}): void {\n  ${s.replace('«', '')}\n}\n`,
  ),
  told = errorsOf({ 'refused.ts': around + text.join('') });

/** What a statement under test finds around itself. */
function names(): string {
  return (
    'a: number, b: number, flag: boolean, p: Part, arena: Int8Array, words: Int32Array, pixels: Uint8Array, ' +
    'bytes: FileBytes, sums: number[], mode: 0 | 1 | 2, why: string'
  );
}

for (const [group, cases] of Object.entries(statements))
  test(`${group}: each is refused at its place`, () => {
    for (const [statement, message] of cases) {
      const line = before + all.findIndex(([s]) => s === statement) * 3 + 1,
        place = `refused.ts:${line}:${statement.indexOf('«') + 3}: `,
        found = told.find((t) => t.startsWith(place) && message.test(t));
      if (found) continue;
      const others = told.filter((t) => t.startsWith(`refused.ts:${line}:`));
      assert.unreachable(
        `${statement} at ${place}${message}, but ${others.join('; ') || 'it is not refused'}`,
      );
    }
  });

test('all of a file is told at once, and nothing else', () => {
  const lines = new Set(told.map((t) => Number(t.split(':')[1])));
  assert.equal(
    [...lines].sort((a, b) => a - b),
    all.map((_, i) => before + i * 3 + 1),
  );
});

/** Whole files, of which the text at « is refused. */
const files: [name: string, text: string, message: RegExp][] = [
  [
    'a function that calls itself',
    '«function f(a: number): number { return a && f(a - 1); }',
    /must not call itself/,
  ],
  [
    'two that call each other',
    'const g = (a: number): number => f(a);\n«function f(a: number): number { g(a); return 1; }',
    /itself/,
  ],
  ['a default', 'function f(«a = 1): number { return a; }', /a name and nothing else/],
  ['an optional parameter', 'function f(«a?: number): void {}', /a name and nothing else/],
  ['more parameters', 'function f(«...a: number[]): void {}', /a name and nothing else/],
  [
    'a parameter taken apart',
    'interface P { at: number }\nfunction f(«{ at }: P): number { return at; }',
    /a name/,
  ],
  ['a union', 'function f(«a: number | boolean): void {}', /no value of type number \| boolean/],
  ['what may be missing', 'function f(«a: number | undefined): void {}', /no value of type/],
  ['an array that is returned', '«function f(a: Int8Array): Int8Array { return a; }', /no array is returned/],
  [
    'a struct given back',
    'interface P { at: number }\nfunction f(p: P): P { return «p; }',
    /structs that the function makes/,
  ],
  ['a promise', '«async function f(): Promise<void> {}', /no value of type Promise/],
  ['a generator', '«function* f(): Generator<number> { yield 1; }', /no value of type Generator/],
  ['a type parameter', 'function f<T extends number>(«a: T): void {}', /no value of type T/],
  [
    'a generic interface',
    'interface B<T> { at: T }\nfunction f(«b: B<number>): void {}',
    /no value of type B/,
  ],
  [
    'an heir',
    'interface A { x: number }\ninterface B extends A { at: number }\nfunction f(«b: B): void {}',
    /no value of type B/,
  ],
  [
    'halves in a list',
    'const L = Object.freeze([1, «0.5]);\nfunction f(): number { return L[0]; }',
    /not 0.5/,
  ],
  ['a class', 'class B { at = 1 }\nfunction f(«b: B): void {}', /no value of type B/],
];

for (const [name, marked, message] of files)
  test(`refused: ${name}`, () => {
    const lines =
        `${marked.replace(/(«?)((async )?function\*? f)/, '/** @compiled kernels */ $1export $2')}`.split(
          '\n',
        ),
      line = lines.findIndex((l) => l.includes('«'));
    const [found, ...more] = errorsOf({ 'whole.ts': lines.join('\n').replace('«', '') });
    assert.match(found, `whole.ts:${line + 1}:${lines[line].indexOf('«') + 1}: `);
    assert.match(found, message);
    assert.equal(more, []);
  });
/** What is told about two files, a.ts and b.ts. */
const both = (a: string, b: string): string => errorsOf({ 'a.ts': a, 'b.ts': b }).join('; ');

test('tags that are misspelt, and entries that C cannot have', () => {
  const tagged = (tag: string, text: string): string => `/** ${tag} */\n${text}`;
  assert.match(
    both(tagged('@compiled check', 'function f(): void {}'), ''),
    /^a.ts:2:1: write @compiled kernels or @compiled support or @compiled checks/,
  );
  assert.match(
    both(tagged('@compiled kernels', 'const f = (): void => {};'), ''),
    /^a.ts:2:1: an entry is a function with a name/,
  );
  assert.match(
    both(tagged('@compiled kernels', 'export default function () {}'), ''),
    /^a.ts:2:1: an entry is a function with a name/,
  );
  const f = tagged('@compiled kernels', 'export function f(): void {}');
  assert.match(both(f, f), /^b.ts:2:1: give each entry a name of its own/);
  assert.match(
    both(f, tagged('@compiled checks', 'export function f(): void {}')),
    /^b.ts:2:1: give each entry a name/,
  );
});

test('two interfaces of one name', () => {
  const file = (tag: string, f: string, member: string): string =>
    `interface P { ${member}: number }\n/** ${tag} */ export function ${f}(p: P): number { return p.${member}; }`;
  for (const tag of ['@compiled kernels', '@compiled checks'])
    assert.match(
      both(file('@compiled kernels', 'f', 'x'), file(tag, 'g', 'y')),
      /^b.ts:2:.*give each interface a name of its own/,
    );
});

test('in checks, an element that is added to is counted only once', () => {
  const f = '/** @compiled checks */ export function f(s: number[], i: number): void { s[i++] += 1; }';
  assert.match(both(f, ''), /^a.ts:1:75: count up or down in a statement of its own: s\[i\+\+\]/);
});

test('what TypeScript itself refuses, and two files at once', () => {
  assert.match(both('const a: number = "";', 'let b: string = 1;'), /a.ts\(1,7\).*; b.ts\(1,5\)/);
  const f = (name: string): string =>
    `/** @compiled kernels */ export function ${name}(a: number): number {\n return a / 2; }`;
  assert.match(both(f('f'), f('g')), /^a.ts:2:9: write a division.*; b.ts:2:9: write a division/);
});

test.run();
