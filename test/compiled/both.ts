/// <reference types="node" />
/**
 * node --import: whatever a test computes is computed by the compiled code and by the interpreter. Where one
 * byte of an arena differs, or one answer, the test fails. FLINT_ADDON names the compiled code, FLINT_COUNTS a
 * file to which each process adds how often which operator was compared.
 */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { crc32, fileChecksum } from '../../src/checksum';
import { Header, Operator, Preprocessing, Rounding } from '../../src/format';
import { writeGolden } from '../../src/golden';
import type { Native } from '../../src/native/native';
import { operators, runKernel } from '../../src/operators';
import { scratchNeeded, sumsNeeded } from '../../src/ram';
import { resample } from '../../src/resample';
import type { Model } from '../../src/state';
import { whatIsWrong } from '../../src/verify/verify';

const compiled = createRequire(import.meta.url)(process.env.FLINT_ADDON!) as Native,
  counts: Record<string, number> = {};

function note(what: string, same: boolean, detail = ''): void {
  if (!same) throw new Error(`compiled and interpreted differ: ${what} ${detail}`);
  counts[what] = (counts[what] ?? 0) + 1;
}

function sameBytes(what: string, c: Int8Array, js: Int8Array): void {
  const at = Buffer.compare(
    Buffer.from(c.buffer, c.byteOffset, c.length),
    Buffer.from(js.buffer, js.byteOffset, js.length),
  )
    ? c.findIndex((value, i) => value !== js[i])
    : -1;
  note(what, at < 0, `byte ${at} is ${c[at]} compiled, ${js[at]} interpreted`);
}

/** The model as the interpreter wants it. */
function modelOf(file: ArrayBufferLike, arena: Int8Array): Model {
  const words = new Int32Array(file, 0, file.byteLength >> 2),
    list = (length: number): number[] => Array.from({ length }, () => 0);
  return {
    words,
    bytes: new Int8Array(file),
    arena: arena.slice(),
    single: words[Header.rounding] === Rounding.single,
    sums: list(sumsNeeded(words)),
    pointers: list(8),
    taps: list(8),
  } as Partial<Model> as Model;
}

const flintNative: Native = {
  ...compiled,
  // Memory is the platform's, not the kernels': here Node's.
  allocate: (bytes) => new ArrayBuffer(bytes),
  largestBlock: () => Infinity,
  print() {},
  check(file) {
    const head = new Int32Array(file, 0, Header.words),
      words = new Int32Array(file, 0, head[Header.fileBytes] >> 2),
      right = fileChecksum(words, Header.checksum + 1, words.length) === words[Header.checksum],
      scratch = right && !whatIsWrong(words) ? scratchNeeded(words) : -1,
      answer = compiled.check(file);
    note('check', answer === scratch, `${answer} compiled, ${scratch} interpreted`);
    return answer;
  },
  run(file, arena, scratch, index) {
    const model = modelOf(file, arena),
      at = model.words[(model.words[Header.operators] >> 2) + index] >> 2;
    compiled.run(file, arena, scratch, index);
    runKernel(model, index);
    sameBytes(operators[model.words[at + Operator.code]].name, arena, model.arena);
  },
  writeGolden(file, arena) {
    const model = modelOf(file, arena);
    compiled.writeGolden(file, arena);
    writeGolden(model);
    sameBytes('writeGolden', arena, model.arena);
  },
  crc32(bytes, begin, end) {
    const crc = compiled.crc32(bytes, begin, end);
    note('crc32', crc === crc32(bytes, begin, end));
    return crc;
  },
  resample(file, offset, pixels, width, height, format, orientation, input) {
    const made = input.slice();
    compiled.resample(file, offset, pixels, width, height, format, orientation, input);
    resample(
      new Int32Array(file, offset, Preprocessing.words),
      pixels,
      width,
      height,
      format,
      orientation,
      made,
    );
    sameBytes('resample', input, made);
  },
};
Object.assign(globalThis, { flintNative });
process.on('exit', () => {
  if (process.env.FLINT_COUNTS && Object.keys(counts).length)
    appendFileSync(process.env.FLINT_COUNTS, JSON.stringify(counts) + '\n');
});
