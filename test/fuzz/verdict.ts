/** What the interpreter makes of a file: what the compiled code must answer, too. */
import { fileChecksum } from '../../src/checksum';
import { Header, MAGIC, Operator, Preprocessing, Rounding, Tensor, VERSION } from '../../src/format';
import { writeGolden } from '../../src/golden';
import { operators, runKernel } from '../../src/operators';
import { Concatenation } from '../../src/operators/concatenation';
import { CONV_TILE } from '../../src/operators/tile';
import { sumsNeeded } from '../../src/ram';
import { pixelBytes, resample } from '../../src/resample';
import { tensorRecord, type Model } from '../../src/state';
import { whatIsWrong } from '../../src/verify/verify';

/** An image to resample, as resample takes it. */
export interface Image {
  width: number;
  height: number;
  format: number;
  orientation: number;
}

/** What the harness answers to a file. */
export interface Verdict {
  /** Empty where the file is accepted. */
  wrong: string;
  sums: number;
  /** Of each operator's output, of the arena, and of the resampled image; none where it is not run. */
  hashes: number[];
}

/** What load looks at before the compiled checks, made right; then the checksum. */
export function seal(words: Int32Array): void {
  words[Header.magic] = MAGIC;
  words[Header.version] = VERSION;
  words[Header.fileBytes] = words.byteLength;
  words[Header.checksum] = fileChecksum(words, Header.checksum + 1, words.length);
}

/** Word indices of the records of all operators. */
export function records(words: Int32Array): number[] {
  const list = words[Header.operators] >> 2;
  return Array.from({ length: words[Header.operatorCount] }, (_, i) => words[list + i] >> 2);
}

/** About how many steps running an accepted file takes. */
export function costOf(words: Int32Array): number {
  let cost = words[Header.work];
  for (const at of records(words)) {
    const output = tensorRecord(words, words[at + Operator.output]);
    // A strip of the scratch is filled for so many rows of the output.
    cost += words[at + Operator.scratchBytes] * words[output + Tensor.shape + 1];
    cost += words[output + Tensor.bytes] + words[Header.arenaBytes];
  }
  return cost;
}

/** Random bytes; for an even seed the ends of int8 alone. As in harness.c. */
function fill(bytes: Int8Array | Uint8Array, seed: number): void {
  let x = seed || 1;
  for (let i = 0; i < bytes.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = seed & 1 ? x : 127 + (x & 1);
  }
}

/** As in harness.c. */
function hash(bytes: Int8Array): number {
  let h = 2166136261;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 16777619);
  return h | 0;
}

/** Parts of the arena that an operator may touch: its output, its scratch, and what it reads. */
export function spansOf(words: Int32Array, at: number): [number, number][] {
  const { operands } = operators[words[at + Operator.code]],
    span = (index: number): [number, number] => {
      const tensor = tensorRecord(words, index);
      return [words[tensor + Tensor.address], words[tensor + Tensor.address] + words[tensor + Tensor.bytes]];
    };
  const scratch = words[at + Operator.scratch],
    read = [words[at + Operator.input], words[at + Operator.input2]].slice(0, operands);
  if (operators[words[at + Operator.code]].name === 'concatenation') {
    const list = words[at + Concatenation.inputs] >> 2;
    read.push(...words.subarray(list, list + words[at + Concatenation.inputCount]));
  }
  return [span(words[at + Operator.output]), [scratch, scratch + words[at + Operator.scratchBytes]]].concat(
    read.map(span),
  ) as [number, number][];
}

const listOf = (length: number): number[] => Array.from({ length }, () => 0);

/** Runs an accepted file, interpreted. */
export function hashesOf(words: Int32Array, seed: number, image: Image | undefined): number[] {
  const arena = new Int8Array(words[Header.arenaBytes]),
    hashes: number[] = [];
  const model = {
    words,
    bytes: new Int8Array(words.buffer),
    arena,
    single: words[Header.rounding] === Rounding.single,
    sums: listOf(sumsNeeded(words)),
    pointers: listOf(CONV_TILE.pixels),
    taps: listOf(CONV_TILE.taps),
  } as Partial<Model> as Model;
  fill(arena, seed);
  if (words[Header.golden]) writeGolden(model);
  records(words).forEach((at, i) => {
    runKernel(model, i);
    const [[begin, end]] = spansOf(words, at);
    hashes.push(hash(arena.subarray(begin, end)));
  });
  hashes.push(hash(arena));
  if (image) hashes.push(resampled(words, seed, image));
  return hashes;
}

function resampled(words: Int32Array, seed: number, { width, height, format, orientation }: Image): number {
  const at = words[Header.preprocessing] >> 2,
    recipe = words.subarray(at, at + Preprocessing.words),
    size = recipe[Preprocessing.width] * recipe[Preprocessing.height],
    pixels = new Uint8Array(width * height * pixelBytes(format)),
    input = new Int8Array(size * (recipe[Preprocessing.color] === 0 ? 1 : 3));
  fill(pixels, seed);
  resample(recipe, pixels, width, height, format, orientation, input);
  return hash(input);
}

/** What the checks say. */
export function judge(words: Int32Array): Verdict {
  const wrong = whatIsWrong(words);
  return { wrong, sums: wrong ? -1 : sumsNeeded(words), hashes: [] };
}
