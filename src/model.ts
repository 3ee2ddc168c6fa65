/**
 * A model on the device: load it once, then write its input, run it and read its output, as often as you
 * like. Loading makes every view and buffer; running allocates nothing.
 */
import { crc32, hex } from './checksum';
import { FlintError } from './error';
import { Header, Operator, Preprocessing, Rounding, Tensor } from './format';
import { writeGolden } from './golden';
import { native } from './native/native';
import { runKernel } from './operators';
import { Part } from './operators/share';
import { CONV_TILE } from './operators/tile';
import { blockNeeded, ramNeeded } from './ram';
import { operatorName, verify } from './read';
import { tensorRecord, type Model } from './state';
import { readString, skipStrings } from './strings';

export type { Engine, Model } from './state';
export { FlintError } from './error';
export { ramNeeded } from './ram';

/** A class and how likely it is. */
export interface Score {
  index: number;
  /** Empty when the model has no labels. */
  label: string;
  /** The output's real value: a probability after softmax, else the network's raw score. */
  score: number;
}

/** What holds a file: an ArrayBuffer, or a host buffer such as Moddable's Resource, which reads like one. */
export type FileBuffer = ArrayBufferLike | { readonly byteLength: number };

/**
 * Checks a model file and makes it ready to run.
 * @param file the whole file, an ArrayBuffer or a flash Resource; it is used in place, nothing is copied
 * @param ram bytes that this machine has for everything XS holds, where the app knows: interpreted kernels cannot
 * ask, compiled ones do
 * @throws FlintError when the file is truncated, corrupted, of another format, or inconsistent in any way, or
 * needs more RAM
 */
export function load(file: FileBuffer, ram = Infinity): Model {
  if (ArrayBuffer.isView(file))
    throw new FlintError('load takes an ArrayBuffer, not a view of one: pass its buffer');
  const buffer = file as ArrayBuffer,
    engine = native ? 'compiled' : 'interpreted',
    { words, scratch } = verify(buffer),
    arenaBytes = words[Header.arenaBytes],
    need = ramNeeded(words, engine, scratch);
  if (need > ram) throw new FlintError(`the model needs ${need} bytes of RAM, this machine has ${ram}`);
  const memory = allocate(words, scratch),
    list = native ? 0 : 1;
  const model: Model = {
    engine,
    file: buffer,
    words,
    bytes: new Int8Array(buffer),
    arena: new Int8Array(memory, 0, arenaBytes),
    inputs: [],
    outputs: [],
    recipe: words[Header.preprocessing]
      ? new Int32Array(buffer, words[Header.preprocessing], Preprocessing.words)
      : undefined,
    single: words[Header.rounding] === Rounding.single,
    next: 0,
    sums: zeros(list * scratch),
    pointers: zeros(list * CONV_TILE.pixels),
    taps: zeros(list * CONV_TILE.taps),
    part: Part.all,
    scratch: native && new Int8Array(memory, arenaBytes, scratch * 4),
  };
  for (let i = 0; i < words[Header.inputCount]; i++)
    model.inputs.push(tensorView(model, words[(words[Header.inputs] >> 2) + i]));
  for (let i = 0; i < words[Header.outputCount]; i++)
    model.outputs.push(tensorView(model, words[(words[Header.outputs] >> 2) + i]));
  return model;
}

/**
 * Memory for the arena, with compiled kernels for their scratch behind it.
 * @throws FlintError where compiled kernels find too little; interpreted ones cannot ask, and XS ends the program
 */
function allocate(words: Int32Array, scratch: number): ArrayBufferLike {
  if (!native) return new ArrayBuffer(words[Header.arenaBytes]);
  const bytes = blockNeeded(words, scratch),
    block = native.allocate(bytes);
  if (!block)
    throw new FlintError(
      `the model needs ${bytes} bytes of RAM in one block, the largest that is free has ` +
        `${native.largestBlock()}: load it before what else takes memory, or take a smaller model`,
    );
  return block;
}

/**
 * XS keeps an array that was pushed to in one piece; `new Array(n).fill(0)` it would grow element by element.
 */
function zeros(n: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < n; i++) list.push(0);
  return list;
}

function tensorView(model: Model, index: number): Int8Array {
  const at = tensorRecord(model.words, index);
  return new Int8Array(model.arena.buffer, model.words[at + Tensor.address], model.words[at + Tensor.bytes]);
}

/**
 * The input tensor's int8 values, NHWC, to be written before run. Its memory may be used again during a run.
 */
export function input(model: Model, index = 0): Int8Array {
  return model.inputs[index];
}

/** The output tensor's int8 values, valid after run and until the next one. */
export function output(model: Model, index = 0): Int8Array {
  return model.outputs[index];
}

/** Runs operator `index` alone. @throws FlintError when the model has none of this index */
export function runOperator(model: Model, index: number): void {
  if (!(index >= 0 && index < model.words[Header.operatorCount] && index === (index | 0)))
    throw new FlintError(`the model has no operator ${index}`);
  operate(model, index);
}

function operate(model: Model, index: number): void {
  if (native) native.run(model.file, model.arena, model.scratch!, index);
  else runKernel(model, index);
}

/** Runs every operator once. */
export function run(model: Model): void {
  model.next = 0;
  while (step(model));
}

/**
 * Runs one operator: the first, or the one behind that of the last call, so that an app can answer timers and
 * watchdogs between the operators of a long inference. `run` begins at the first one again.
 * @returns whether more are to come; after the last one the outputs are valid
 */
export function step(model: Model): boolean {
  operate(model, model.next);
  model.next += 1;
  if (model.next < model.words[Header.operatorCount]) return true;
  model.next = 0;
  return false;
}

/** Runs the model and tells the CRC-32 of every operator's output, NHWC, to compare two machines. */
export function runTraced(model: Model, each: (operator: number, crc: number) => void): void {
  const { words, arena } = model,
    crcOf = native ? native.crc32 : crc32;
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++) {
    operate(model, i);
    const tensor = tensorRecord(words, words[(words[list + i] >> 2) + Operator.output]),
      address = words[tensor + Tensor.address];
    each(i, crcOf(arena, address, address + words[tensor + Tensor.bytes]));
  }
}

/** Writes the golden input into the model's inputs. @throws FlintError when the model has none */
export function writeGoldenInput(model: Model): void {
  if (model.words[Header.golden] === 0)
    throw new FlintError('the model has no golden input to test itself with');
  if (native) native.writeGolden(model.file, model.arena);
  else writeGolden(model);
}

/** One line of a trace, the same on every machine. */
export function traceLine(model: Model, operator: number, crc: number): string {
  return `  ${hex(crc)}  ${operator} ${operatorName(model.words, operator)}`;
}

/**
 * Runs the golden input and compares every operator's output with what the packer's machine computed.
 * @param print gets a line of trace for every operator
 * @throws FlintError naming the first operator that differs
 */
export function selfTest(model: Model, print?: (line: string) => void): void {
  writeGoldenInput(model);
  const { words } = model,
    list = words[Header.operators] >> 2;
  runTraced(model, (i, crc) => {
    print?.(traceLine(model, i, crc));
    const expected = words[(words[list + i] >> 2) + Operator.golden];
    if (crc !== expected)
      throw new FlintError(
        `self-test: operator ${i} (${operatorName(words, i)}) gives ${hex(crc)}, expected ${hex(expected)}`,
      );
  });
}

/** The real value of an int8 of a tensor: scale * (q - zeroPoint). */
export function dequantize(model: Model, tensor: number, q: number): number {
  const at = tensorRecord(model.words, tensor);
  const scale = new Float32Array(model.words.buffer, (at + Tensor.scale) * 4, 1)[0];
  return scale * (q - model.words[at + Tensor.zeroPoint]);
}

/** The class's label, empty when the model has none of this index. */
export function label(model: Model, index: number): string {
  const { words } = model;
  if (!(index >= 0 && index < words[Header.labelCount] && index === (index | 0))) return '';
  return readString(words, skipStrings(words, words[Header.labels], index));
}

/**
 * The k highest values of the first output, highest first; equal ones in the order of their index.
 * @param values in place of the output's, in its units: those of several runs, averaged
 */
export function topK(model: Model, k: number, values: ArrayLike<number> = model.outputs[0]): Score[] {
  const scores: Score[] = [],
    taken: number[] = [];
  const tensor = model.words[model.words[Header.outputs] >> 2];
  while (taken.length < k && taken.length < values.length) {
    let best = -1;
    for (let i = 0; i < values.length; i++) {
      if (!taken.includes(i) && (best < 0 || values[i] > values[best])) best = i;
    }
    taken.push(best);
    scores.push({ index: best, label: label(model, best), score: dequantize(model, tensor, values[best]) });
  }
  return scores;
}
