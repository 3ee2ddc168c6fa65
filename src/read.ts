/**
 * Reading a model file in place: everything that running relies on is checked here, once. A file that passes can be run without
 * reading outside the file or the arena, without one tensor overwriting another that is still needed, and in the work it states.
 */
import { fileChecksum } from './checksum';
import { FlintError } from './error';
import { Color, Golden, Header, MAGIC, Operator, Preprocessing, Tensor, VERSION } from './format';
import { operators } from './operators';
import type { Checked } from './operators/operator';
import { readString, skipStrings } from './strings';

/** Above these a figure is a mistake or an attack: no microcontroller's arena, no network of one. */
const ARENA_LIMIT = 1 << 25,
  COUNT_LIMIT = 4096;

/**
 * Checks a whole model file.
 * @returns the file as words, a view
 * @throws FlintError
 */
export function verify(file: ArrayBufferLike): Int32Array {
  const size = file.byteLength;
  if (size < Header.words * 4) throw new FlintError(`not a Flint model: ${size} bytes are less than a header`);
  const head = new Int32Array(file, 0, Header.words);
  if (head[Header.magic] !== MAGIC) throw new FlintError('not a Flint model: it does not begin with "FLNT"');
  const version = head[Header.version];
  if (version !== VERSION) {
    const advice = version < VERSION ? 'pack the model again' : 'update the runtime, or pack the model with its packer';
    throw new FlintError(`the model has format ${version}, this runtime reads format ${VERSION}: ${advice}`);
  }
  const bytes = head[Header.fileBytes];
  if (bytes > size) throw new FlintError(`the model is truncated: ${size} of ${bytes} bytes are there`);
  if (bytes < Header.words * 4 || bytes & 3)
    throw new FlintError('the model is corrupted: its header gives an impossible size');
  const words = new Int32Array(file, 0, bytes >> 2);
  if (fileChecksum(words, Header.checksum + 1, words.length) !== words[Header.checksum])
    throw new FlintError('the model is corrupted: its checksum does not match');
  verifyTables(words);
  verifyTensors(words);
  verifyInterface(words);
  verifyOperators(words);
  return words;
}

function fail(what: string): never {
  throw new FlintError('the model is inconsistent: ' + what);
}

/** Whether `bytes` bytes lie within the file from `offset` on, aligned. */
function fits(words: Int32Array, offset: number, bytes: number): boolean {
  return offset >= Header.words * 4 && (offset & 3) === 0 && offset + bytes <= words.length * 4;
}

function verifyTables(words: Int32Array): void {
  const tensors = words[Header.tensorCount],
    count = words[Header.operatorCount];
  if (words[Header.rounding] < 0 || words[Header.rounding] > 1) fail(`rounding mode ${words[Header.rounding]}`);
  if (tensors < 1 || tensors > COUNT_LIMIT || !fits(words, words[Header.tensors], tensors * Tensor.words * 4))
    fail(`its ${tensors} tensor records lie outside the file`);
  if (count < 1 || count > COUNT_LIMIT || !fits(words, words[Header.operators], count * 4))
    fail(`its list of ${count} operators lies outside the file`);
}

function tensorAt(words: Int32Array, index: number): number {
  if (index < 0 || index >= words[Header.tensorCount]) fail(`tensor ${index} does not exist`);
  return (words[Header.tensors] >> 2) + index * Tensor.words;
}

/** Shapes, places in the arena, lifetimes: no two tensors overlap while both are needed. */
function verifyTensors(words: Int32Array): void {
  let end = 0;
  for (let i = 0; i < words[Header.tensorCount]; i++) {
    const at = tensorAt(words, i);
    verifyTensor(words, i, at);
    end = Math.max(end, words[at + Tensor.address] + words[at + Tensor.bytes]);
    if (words[at + Tensor.base] !== i) continue;
    for (let k = 0; k < i; k++)
      if (words[tensorAt(words, k) + Tensor.base] === k && overlap(words, at, tensorAt(words, k)))
        fail(`tensors ${k} and ${i} overlap while both are needed`);
  }
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++) {
    if (!fits(words, words[list + i], Operator.words * 4)) fail(`operator ${i} lies outside the file`);
    const at = words[list + i] >> 2;
    if (words[at + Operator.scratchBytes] > 0)
      end = Math.max(end, words[at + Operator.scratch] + words[at + Operator.scratchBytes]);
  }
  const arena = words[Header.arenaBytes];
  if (arena !== ((end + 3) & ~3) || arena > ARENA_LIMIT)
    fail(`it states an arena of ${arena} bytes, its tensors take ${end}; ${ARENA_LIMIT} can be had`);
}

function verifyTensor(words: Int32Array, i: number, at: number): void {
  const address = words[at + Tensor.address],
    bytes = words[at + Tensor.bytes],
    rank = words[at + Tensor.rank],
    base = words[at + Tensor.base];
  if (rank < 1 || rank > 4) fail(`tensor ${i} has rank ${rank}`);
  let elements = 1;
  for (let k = 0; k < 4; k++) {
    const size = words[at + Tensor.shape + k];
    if (size < 1 || size > ARENA_LIMIT || (k >= rank && size !== 1)) fail(`tensor ${i} has a dimension of ${size}`);
    elements *= size;
  }
  if (elements !== bytes) fail(`tensor ${i} has ${bytes} bytes, its shape needs ${elements}`);
  if (address < 0 || address & 3 || address + bytes > words[Header.arenaBytes]) fail(`tensor ${i} lies outside the arena`);
  const zeroPoint = words[at + Tensor.zeroPoint];
  if (zeroPoint < -128 || zeroPoint > 127) fail(`tensor ${i} has a zero point outside int8`);
  const first = words[at + Tensor.firstUse],
    last = words[at + Tensor.lastUse];
  if (first < -1 || last < first || last > words[Header.operatorCount]) fail(`tensor ${i} has an impossible lifetime`);
  skipStrings(words, words[at + Tensor.name], 1);
  const b = tensorAt(words, base);
  if (words[b + Tensor.base] !== base || words[b + Tensor.address] !== address || words[b + Tensor.bytes] !== bytes)
    fail(`tensor ${i} is no view of tensor ${base}`);
}

/** Whether two tensors, by their records, share memory at some time. */
function overlap(words: Int32Array, a: number, b: number): boolean {
  const apart =
    words[a + Tensor.address] + words[a + Tensor.bytes] <= words[b + Tensor.address] ||
    words[b + Tensor.address] + words[b + Tensor.bytes] <= words[a + Tensor.address];
  const past =
    words[a + Tensor.lastUse] < words[b + Tensor.firstUse] || words[b + Tensor.lastUse] < words[a + Tensor.firstUse];
  return !apart && !past;
}

/** Inputs, outputs, strings, preprocessing and golden test. */
function verifyInterface(words: Int32Array): void {
  verifyList(words, Header.inputs, Header.inputCount, Tensor.firstUse, -1, 'input');
  verifyList(words, Header.outputs, Header.outputCount, Tensor.lastUse, words[Header.operatorCount], 'output');
  skipStrings(words, words[Header.name], 1);
  const labels = words[Header.labelCount];
  if (labels < 0 || labels > words.length * 4) fail(`it states ${labels} labels`);
  if (labels) skipStrings(words, words[Header.labels], labels);
  if (words[Header.preprocessing]) verifyPreprocessing(words, words[Header.preprocessing]);
  if (words[Header.golden]) verifyGolden(words, words[Header.golden]);
}

/** Inputs are written before the first operator, outputs live until after the last. */
function verifyList(words: Int32Array, list: number, count: number, use: number, when: number, what: string): void {
  const n = words[count];
  if (n < 1 || n > COUNT_LIMIT || !fits(words, words[list], n * 4)) fail(`its list of ${n} ${what}s lies outside the file`);
  for (let i = 0; i < n; i++) {
    const base = words[tensorAt(words, words[(words[list] >> 2) + i]) + Tensor.base];
    if (words[tensorAt(words, base) + use] !== when) fail(`${what} ${i} is not kept`);
  }
}

function verifyPreprocessing(words: Int32Array, offset: number): void {
  if (!fits(words, offset, Preprocessing.words * 4)) fail('its preprocessing lies outside the file');
  const at = offset >> 2,
    color = words[at + Preprocessing.color];
  if (color >>> 0 > 2 || words[at + Preprocessing.resize] >>> 0 > 1 || words[at + Preprocessing.fit] >>> 0 > 1)
    fail('its preprocessing has unknown values');
  const tensor = tensorAt(words, words[words[Header.inputs] >> 2]),
    width = words[at + Preprocessing.width],
    height = words[at + Preprocessing.height];
  if (width < 1 || height < 1 || width * height * (color === Color.gray ? 1 : 3) !== words[tensor + Tensor.bytes])
    fail('its preprocessing does not make what its input takes');
}

function verifyGolden(words: Int32Array, offset: number): void {
  if (!fits(words, offset, Golden.words * 4)) fail('its golden record lies outside the file');
  const input = words[(offset >> 2) + Golden.input];
  let length = 0;
  for (let i = 0; i < words[Header.inputCount]; i++)
    length += words[tensorAt(words, words[(words[Header.inputs] >> 2) + i]) + Tensor.bytes];
  if (input && !fits(words, input, length)) fail('its golden input lies outside the file');
}

/**
 * One operator as its check sees it.
 * @param at word index of its record, which lies in the file
 */
export function checked(words: Int32Array, index: number, at: number): Checked {
  const tensors = words[Header.tensors] >> 2,
    record = (word: number): number => tensors + words[at + word] * Tensor.words;
  return {
    words,
    at,
    input: record(Operator.input),
    second: record(Operator.input2),
    output: record(Operator.output),
    readable(tensor) {
      const base = tensorAt(words, words[tensorAt(words, tensor) + Tensor.base]);
      return words[base + Tensor.firstUse] < index && words[base + Tensor.lastUse] >= index;
    },
  };
}

/** Every operand is written before it is read and still there; scratch is nobody else's; then the operator's own check. */
function verifyOperators(words: Int32Array): void {
  const list = words[Header.operators] >> 2;
  let work = 0;
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    const at = words[list + i] >> 2,
      operator = operators[words[at + Operator.code]];
    skipStrings(words, words[at + Operator.name], 1);
    if (!operator) fail(`operator ${i} has the code ${words[at + Operator.code]}, which this runtime does not know`);
    const complain = (what: string): never => fail(`operator ${i} (${operatorName(words, i)}): ${what}`);
    if (words[at + Operator.size] !== operator.words || !fits(words, words[list + i], operator.words * 4))
      complain(`its record has ${words[at + Operator.size]} words, ${operator.words} are needed`);
    const output = tensorAt(words, words[tensorAt(words, words[at + Operator.output]) + Tensor.base]);
    if (words[output + Tensor.firstUse] !== i) complain('it does not write its output when it should');
    const c = checked(words, i, at);
    if (operator.operands > 0 && !c.readable(words[at + Operator.input])) complain('its input is not there');
    if (operator.operands > 1 && !c.readable(words[at + Operator.input2])) complain('its second input is not there');
    const wrong = operator.check(c);
    if (wrong) complain(wrong);
    const scratch = operator.scratch ? operator.scratch(c) : 0;
    if (words[at + Operator.scratchBytes] < scratch) complain(`its scratch is smaller than the ${scratch} bytes it needs`);
    verifyScratch(words, i, at, complain);
    work += operator.work ? operator.work(c) : 0;
    if (work > words[Header.work]) break;
  }
  if (work !== words[Header.work]) fail(`it states ${words[Header.work]} steps of work, its operators take ${work} or more`);
}

function verifyScratch(words: Int32Array, i: number, at: number, complain: (what: string) => never): void {
  const begin = words[at + Operator.scratch],
    bytes = words[at + Operator.scratchBytes];
  if (begin < 0 || bytes < 0 || begin & 3 || begin + bytes > words[Header.arenaBytes])
    complain('its scratch lies outside the arena');
  for (let k = 0; bytes > 0 && k < words[Header.tensorCount]; k++) {
    const tensor = tensorAt(words, k),
      address = words[tensor + Tensor.address];
    const live = words[tensor + Tensor.firstUse] <= i && words[tensor + Tensor.lastUse] >= i;
    if (live && address < begin + bytes && begin < address + words[tensor + Tensor.bytes])
      complain(`its scratch lies inside tensor ${k}`);
  }
}

/** For messages: the operator's kind and its name in the source model. */
export function operatorName(words: Int32Array, index: number): string {
  const at = words[(words[Header.operators] >> 2) + index] >> 2;
  return operators[words[at + Operator.code]].name + ' ' + readString(words, words[at + Operator.name]);
}
