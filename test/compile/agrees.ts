/// <reference types="node" />
/** Programs are run on many operands, in C and in V8. */
import { execFileSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { Random } from '../support/random';
import { arrays, bytes, type Call, type Entry, type Program } from './program';

/** Entries give the same in C and in V8, and leave the same in memory, whatever the operands. */
export function agrees(program: Program, names: string | string[], rows: readonly number[][] = [[]]): void {
  const { entries, js, path } = program,
    chosen = [names].flat().map((name) => entries.find((entry) => entry.name === name)!),
    counts = chosen.map(({ types }) => types.filter((type) => !arrays[type]).length),
    requests = chosen.flatMap((entry, i) =>
      rows.flatMap((row) => [
        entries.indexOf(entry),
        counts[i],
        Number(writes(entry)),
        ...row.slice(0, counts[i]),
      ]),
    ),
    input = Buffer.concat([Buffer.from(bytes.buffer), Buffer.from(Int32Array.from(requests).buffer)]),
    output = execFileSync(path, { input, maxBuffer: 1 << 28 });
  let at = 0;
  for (const entry of chosen)
    for (const row of rows) {
      const differs = difference(entry, js[entry.name], row, output, at);
      if (differs) assert.unreachable(`${entry.name}(${row.join(', ')}) ${differs}`);
      at += writes(entry) ? 132 : 4;
    }
}

const writes = ({ types }: Entry): boolean => types.some((type) => /^int.*\*$/.test(type));

/** How V8 differs from what C says at a place of its output; empty when it does not. */
function difference(
  { types }: Entry,
  call: Call,
  row: readonly number[],
  output: Buffer,
  at: number,
): string {
  const copies = types.map((type) => arrays[type]?.copy()),
    result = interpreted(types, copies, call, row),
    inC = output.readInt32LE(at);
  if (inC !== result) return `is ${inC} in C, ${result} in V8`;
  for (const [type, place] of [
    ['int8_t *', 4],
    ['int32_t *', 68],
  ] as const) {
    const array = copies[types.indexOf(type)] as ArrayLike<number> | undefined,
      left = array && (type === 'int8_t *' ? Int8Array.from(array) : Int32Array.from(array));
    if (left && Buffer.from(left.buffer).compare(output, at + place, at + place + 64))
      return `leaves another ${type}`;
  }
  return '';
}

/** What V8 makes of a call. Of texts C keeps only whether there is one. */
function interpreted(types: string[], copies: unknown[], call: Call, row: readonly number[]): number {
  let numbers = 0;
  const args = types.map((type, i) => {
      if (copies[i] !== undefined) return copies[i];
      return type === 'bool' ? row[numbers++] !== 0 : row[numbers++];
    }),
    result = call(...args);
  return typeof result === 'string' ? Number(result !== '') : Number(result ?? 0) | 0;
}

/** Numbers at which something ends: bits, bytes, halves, int32, and what is near. */
export const edges = [
  0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, -31, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, 65535,
  65536, 46341, -46341, 1073741823, 1073741824, -1073741824, 2147483646, 2147483647, -2147483647, -2147483648,
];

/** Every pair of edges, and so many random numbers of every size. */
export function operands(count: number, width = 2): number[][] {
  const pairs = width === 1 ? edges.map((a) => [a]) : edges.flatMap((a) => edges.map((b) => [a, b])),
    source = new Random(99),
    anything = (): number =>
      source.below(3)
        ? (source.below(65536) << 16) ^ source.below(65536)
        : source.below(1 << 31) >> source.below(31);
  const rows = [...pairs, ...Array.from({ length: count }, () => [anything(), anything()])];
  return rows.map((row) => Array.from({ length: width }, (_, i) => row[i] ?? source.pick(edges)));
}
