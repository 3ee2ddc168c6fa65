/// <reference types="node" />
/** Gives cases to the compiled code, and compares what it answers. */
import { spawnSync } from 'node:child_process';
import { Header, Operator } from '../../src/format';
import { CONV_TILE } from '../../src/operators/tile';
import { scratchOf, sumsOf } from '../../src/ram';
import type { Case } from './cases';
import { records, spansOf } from './verdict';

/** What is wrong with a case. */
export interface Failure {
  failed: Case;
  why: string;
}

/** How many taps the compiled kernels of a file that is run keep. */
function tapsOf(words: Int32Array): number {
  let most = 0;
  for (let i = 0; i < words[Header.operatorCount]; i++)
    most = Math.max(most, scratchOf(words, i) - sumsOf(words, i) - CONV_TILE.pixels);
  return most;
}

function request({ words, expected, run, seed, image }: Case): Int32Array[] {
  const { width = 0, height = 0, format = 0, orientation = 0 } = image ?? {},
    lists = [expected.sums, CONV_TILE.pixels, run ? tapsOf(words) : 0],
    head = [words.byteLength, Number(run), seed, seed & 4, ...lists, width, height, format, orientation],
    parts = [Int32Array.from(head), words];
  if (run)
    for (const at of records(words)) {
      const spans = spansOf(words, at);
      parts.push(Int32Array.of(spans.length, ...spans.flat()));
    }
  return parts;
}

/** Where of an operator's, or behind them, two lists of answers part. */
function difference({ words, expected }: Case, hashes: Int32Array): string | undefined {
  const place = expected.hashes.findIndex((hash, i) => hash !== hashes[i]),
    at = words[(words[Header.operators] >> 2) + place] >> 2;
  if (place < 0) return undefined;
  return place < words[Header.operatorCount]
    ? `operator ${place}, of code ${words[at + Operator.code]}, leaves another output`
    : `${place === words[Header.operatorCount] ? 'the arena' : 'the image'} differs in the end`;
}

const ENVIRONMENT = {
  ASAN_OPTIONS: 'detect_leaks=0:quarantine_size_mb=16:abort_on_error=0:detect_stack_use_after_return=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

/** The lines of a report that tell what and where. */
const gist = (report: string): string =>
  report
    .split('\n')
    .filter((line) => /ERROR|runtime error|READ of|WRITE of|#[0-3] |located/.test(line))
    .slice(0, 12)
    .join('\n');

/** Runs cases, compiled, up to the first that fails. Their interpreted results are there. */
export function compare(program: string, cases: Case[]): Failure | undefined {
  const input = Buffer.concat(
      cases.flatMap(request).map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
    ),
    ended = spawnSync(program, { input, env: { ...process.env, ...ENVIRONMENT }, maxBuffer: 1 << 28 }),
    answers = new Int32Array(ended.stdout.buffer.slice(ended.stdout.byteOffset), 0, ended.stdout.length >> 2);
  let next = 0;
  for (const c of cases) {
    const answer = answers.subarray(next, next + 1 + c.expected.hashes.length),
      fail = (why: string): Failure => ({ failed: c, why });
    next += answer.length;
    const complete = answer.length === 1 + c.expected.hashes.length;
    if (complete && answer[0] !== c.expected.sums)
      return fail(`the checks answer ${answer[0]} compiled, ${c.expected.sums} interpreted`);
    if (!complete)
      return fail(`the program ends with ${ended.signal ?? ended.status}:\n${gist(String(ended.stderr))}`);
    const differs = difference(c, answer.subarray(1));
    if (differs) return fail(`${differs}, compiled, than interpreted`);
  }
  if (ended.status !== 0)
    throw new Error(`the harness ends with ${ended.signal ?? ended.status}: ${ended.stderr}`);
  return undefined;
}
