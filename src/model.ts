/**
 * A model on the device: load it once, then write its input, run it and read its output, as often as you like.
 * Loading makes every view and buffer. Running on scalar kernels allocates nothing; on lanes it makes numbers and leaves them
 * to the garbage collector, never more at once than the file's ramBytes allow for.
 */
import { crc32, hex } from './checksum';
import { FlintError } from './error';
import { CONV_TILE, Golden, Header, Kernels, Operator, OperatorCode, Rounding, Tensor } from './format';
import { runOperator } from './kernels';
import { copyPlanes } from './lanes/layout';
import { operatorName, readString, skipStrings, verify } from './read';
import { tensorRecord } from './tensor';

export interface Model {
  /** The file, in place. */
  words: Int32Array;
  bytes: Int8Array;
  /** All activations and scratch, at the addresses the packer planned. */
  arena: Int8Array;
  arenaWords: Int32Array;
  /** Views of the input and output tensors. */
  inputs: Int8Array[];
  outputs: Int8Array[];
  /** Round once instead of twice; see Rounding. */
  single: boolean;
  /** Where kernels sum: plain arrays of integers, which XS reads and writes at half the cost of typed arrays. */
  sums: number[];
  pointers: number[];
  taps: number[];
}

export interface Score {
  index: number;
  /** Empty when the model has no labels. */
  label: string;
  /** The output's real value: a probability after softmax, else the network's raw score. */
  score: number;
}

/**
 * Checks a model file and makes it ready to run.
 * @param file the whole file; a read-only flash Resource is used in place, nothing is copied
 * @param ram bytes that this machine has for everything XS holds, where it knows
 * @throws FlintError when the file is truncated, corrupted, too new, or inconsistent in any way, or needs more RAM
 */
export function load(file: ArrayBufferLike, ram = Infinity): Model {
  const words = verify(file);
  if (words[Header.ramBytes] > ram)
    throw new FlintError(`the model needs ${words[Header.ramBytes]} bytes of RAM, this machine has ${ram}: pack it again with --ram ${ram}`);
  if (onLanes(words) && !reads64())
    throw new FlintError('this engine reads 64-bit numbers wrongly (XS built with mxMisalignedSettersCrash): pack the model again with --kernels scalar');
  const arena = new ArrayBuffer(words[Header.arenaBytes]);
  const model: Model = {
    words,
    bytes: new Int8Array(file),
    arena: new Int8Array(arena),
    arenaWords: new Int32Array(arena),
    inputs: [],
    outputs: [],
    single: words[Header.rounding] === Rounding.single,
    sums: zeros(sumsOf(words)),
    pointers: zeros(CONV_TILE.pixels),
    taps: zeros(CONV_TILE.taps),
  };
  for (let i = 0; i < words[Header.inputCount]; i++) model.inputs.push(tensorView(model, words[(words[Header.inputs] >> 2) + i]));
  for (let i = 0; i < words[Header.outputCount]; i++) model.outputs.push(tensorView(model, words[(words[Header.outputs] >> 2) + i]));
  return model;
}

function onLanes(words: Int32Array): boolean {
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++)
    if (isOnLanes(words[(words[list + i] >> 2) + Operator.kernels])) return true;
  return false;
}

const isOnLanes = (kernels: Kernels): boolean => kernels === Kernels.lanes || kernels === Kernels.pointwise;

/** Whether elements of a BigInt64Array are whole; XS on RISC-V boards may be built so that they are not. */
const reads64 = (): boolean => new BigInt64Array(new Int32Array([1, 1]).buffer)[0] === 0x100000001n;

/** The most sums an operator keeps: two tables of the scalar add, all of a sparse fully connected layer's, 8 pixels of 32 channels of the others, on lanes but one. */
function sumsOf(words: Int32Array): number {
  let most = 1;
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++) {
    const at = words[list + i] >> 2, code = words[at + Operator.code], set = words[at + Operator.kernels];
    let need = isOnLanes(set) ? 1 : code === OperatorCode.add ? 512 : 256;
    if (set === Kernels.sparse && code === OperatorCode.fullyConnected) {
      const output = (words[Header.tensors] >> 2) + words[at + Operator.output] * Tensor.words;
      need = words[output + Tensor.shape + words[output + Tensor.rank] - 1];
    }
    if (need > most) most = need;
  }
  return most;
}

/** XS keeps an array that was pushed to in one piece; `new Array(n).fill(0)` it would grow element by element. */
function zeros(n: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < n; i++) list.push(0);
  return list;
}

function tensorView(model: Model, index: number): Int8Array {
  const at = tensorRecord(model, index);
  return new Int8Array(model.arena.buffer, model.words[at + Tensor.address], model.words[at + Tensor.bytes]);
}

/** The input tensor's int8 values, NHWC, to be written before run. Its memory may be used again during a run. */
export function input(model: Model, index = 0): Int8Array {
  return model.inputs[index];
}

/** The output tensor's int8 values, valid after run and until the next one. */
export function output(model: Model, index = 0): Int8Array {
  return model.outputs[index];
}

/** Runs every operator once. */
export function run(model: Model): void {
  const { words } = model;
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++) runOperator(model, words[list + i] >> 2);
}

/** Runs the model and tells the CRC-32 of every operator's output, NHWC, to compare two machines; copies to another layout have none. */
export function runTraced(model: Model, each: (operator: number, crc: number) => void): void {
  const { words } = model;
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++) {
    const at = words[list + i] >> 2;
    runOperator(model, at);
    if (words[at + Operator.code] !== OperatorCode.layout) each(i, tensorCrc(model, words[at + Operator.output]));
  }
}

/** Of the tensor's values in NHWC order, however it is stored. */
function tensorCrc(model: Model, index: number): number {
  const { words, arena } = model, at = tensorRecord(model, index), address = words[at + Tensor.address];
  if (!words[at + Tensor.pitch]) return crc32(arena, address, address + words[at + Tensor.bytes]);
  const height = words[at + Tensor.shape + 1], width = words[at + Tensor.shape + 2], channels = words[at + Tensor.shape + 3],
    values = new Int8Array(height * width * channels);
  copyPlanes(arena, address, height, width, channels, words[at + Tensor.pitch], values, 0, false);
  return crc32(values);
}

/** Writes the golden input into the model's inputs. @throws FlintError when the model has none */
export function writeGoldenInput(model: Model): void {
  const { words, bytes } = model;
  if (words[Header.golden] === 0) throw new FlintError('the model has no golden input to test itself with');
  const at = words[Header.golden] >> 2;
  let p = words[at + Golden.input], x = words[at + Golden.seed];
  for (const tensor of model.inputs) {
    for (let i = 0; i < tensor.length; i++) {
      if (words[at + Golden.input]) tensor[i] = bytes[p++];
      else {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        tensor[i] = x;
      }
    }
  }
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
  const { words } = model, list = words[Header.operators] >> 2;
  runTraced(model, (i, crc) => {
    print?.(traceLine(model, i, crc));
    const expected = words[(words[list + i] >> 2) + Operator.golden];
    if (crc !== expected)
      throw new FlintError(`self-test: operator ${i} (${operatorName(words, i)}) gives ${hex(crc)}, expected ${hex(expected)}`);
  });
}

/** The real value of an int8 of a tensor: scale * (q - zeroPoint). */
export function dequantize(model: Model, tensor: number, q: number): number {
  const at = tensorRecord(model, tensor);
  const scale = new Float32Array(model.words.buffer, (at + Tensor.scale) * 4, 1)[0];
  return scale * (q - model.words[at + Tensor.zeroPoint]);
}

/** The class's label, empty when the model has none. */
export function label(model: Model, index: number): string {
  const { words } = model;
  if (index >= words[Header.labelCount]) return '';
  return readString(words, skipStrings(words, words[Header.labels], index));
}

/** The k highest values of the first output, highest first; equal ones in the order of their index. */
export function topK(model: Model, k: number): Score[] {
  const values = model.outputs[0], scores: Score[] = [], taken: number[] = [];
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
