/**
 * Reading a model file in place: everything that running relies on is checked here, once. A file that passes can be
 * run without reading outside the file or the arena and without one tensor overwriting another that is still needed.
 */
import { fileChecksum } from './checksum';
import { checkOperator } from './checks';
import { FlintError } from './error';
import { planesBytes } from './lanes/planes';
import { Golden, Header, MAGIC, Operator, Recipe, Tensor, VERSION, operatorNames } from './format';

/** Above this a size is a mistake or an attack, not a microcontroller's arena. */
const ARENA_LIMIT = 1 << 28;

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
  if (head[Header.version] !== VERSION)
    throw new FlintError(`the model has format ${head[Header.version]}, this runtime reads format ${VERSION}: pack the model again, or update the runtime`);
  const bytes = head[Header.fileBytes];
  if (bytes > size) throw new FlintError(`the model is truncated: ${size} of ${bytes} bytes are there`);
  if (bytes < Header.words * 4 || bytes & 3) throw new FlintError('the model is corrupted: its header gives an impossible size');
  const words = new Int32Array(file, 0, bytes >> 2);
  if (fileChecksum(file, (Header.checksum + 1) * 4, bytes) !== words[Header.checksum])
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

/** Whether count records of `size` bytes lie within the file from `offset` on, aligned. */
function fits(words: Int32Array, offset: number, count: number, size: number): boolean {
  return offset >= Header.words * 4 && (offset & 3) === 0 && count >= 0 && count <= words.length && offset + count * size <= words.length * 4;
}

function verifyTables(words: Int32Array): void {
  const arena = words[Header.arenaBytes];
  if (arena < 0 || arena > ARENA_LIMIT || arena & 3) fail(`an arena of ${arena} bytes`);
  if (words[Header.rounding] < 0 || words[Header.rounding] > 1) fail(`rounding mode ${words[Header.rounding]}`);
  if (!fits(words, words[Header.tensors], words[Header.tensorCount], Tensor.words * 4)) fail('tensor records outside the file');
  if (!fits(words, words[Header.operators], words[Header.operatorCount], 4)) fail('operator list outside the file');
  if (words[Header.operatorCount] < 1) fail('no operators');
}

/** Inputs, outputs, strings, recipe and golden test. */
function verifyInterface(words: Int32Array): void {
  verifyList(words, Header.inputs, Header.inputCount, -1, 'input');
  verifyList(words, Header.outputs, Header.outputCount, words[Header.operatorCount], 'output');
  skipStrings(words, words[Header.name], 1);
  if (words[Header.labelCount] < 0) fail('a negative number of labels');
  if (words[Header.labelCount]) skipStrings(words, words[Header.labels], words[Header.labelCount]);
  if (words[Header.recipe]) verifyRecipe(words, words[Header.recipe]);
  if (words[Header.golden]) {
    if (!fits(words, words[Header.golden], Golden.words, 4)) fail('golden record outside the file');
    const at = words[Header.golden] >> 2, offset = words[at + Golden.input];
    let length = 0;
    for (let i = 0; i < words[Header.inputCount]; i++) length += words[tensorAt(words, words[(words[Header.inputs] >> 2) + i]) + Tensor.bytes];
    if (offset && !fits(words, offset, length, 1)) fail('golden input outside the file');
  }
}

function tensorAt(words: Int32Array, index: number): number {
  if (index < 0 || index >= words[Header.tensorCount]) fail(`tensor ${index} does not exist`);
  return (words[Header.tensors] >> 2) + index * Tensor.words;
}

/** Inputs are written before the first operator, outputs live until after the last. */
function verifyList(words: Int32Array, list: number, count: number, use: number, what: string): void {
  if (words[count] < 1 || !fits(words, words[list], words[count], 4)) fail(`no list of ${what}s`);
  for (let i = 0; i < words[count]; i++) {
    const base = words[tensorAt(words, words[(words[list] >> 2) + i]) + Tensor.base];
    if (words[tensorAt(words, base) + Tensor.pitch]) fail(`${what} ${i} is stored as planes`);
    if (words[tensorAt(words, base) + (use < 0 ? Tensor.firstUse : Tensor.lastUse)] !== use) fail(`${what} ${i} is not kept`);
  }
}

function verifyRecipe(words: Int32Array, offset: number): void {
  if (!fits(words, offset, Recipe.words, 4)) fail('image recipe outside the file');
  const at = offset >> 2, width = words[at + Recipe.width], height = words[at + Recipe.height], color = words[at + Recipe.color];
  if (color < 0 || color > 2 || words[at + Recipe.resize] >>> 0 > 1 || words[at + Recipe.fit] >>> 0 > 1) fail('unknown values in the image recipe');
  const tensor = tensorAt(words, words[words[Header.inputs] >> 2]), channels = color === 0 ? 1 : 3;
  if (width < 1 || height < 1 || width * height * channels !== words[tensor + Tensor.bytes]) fail('the image recipe does not match the input');
}

function verifyTensors(words: Int32Array): void {
  const count = words[Header.tensorCount], last = words[Header.operatorCount];
  for (let i = 0; i < count; i++) {
    const at = tensorAt(words, i), address = words[at + Tensor.address], bytes = words[at + Tensor.bytes];
    const rank = words[at + Tensor.rank], base = words[at + Tensor.base];
    if (rank < 1 || rank > 4) fail(`tensor ${i} has rank ${rank}`);
    let elements = 1;
    for (let k = 0; k < 4; k++) {
      const size = words[at + Tensor.shape + k];
      if (size < 1 || size > ARENA_LIMIT || (k >= rank && size !== 1)) fail(`tensor ${i} has a dimension of ${size}`);
      elements *= size;
    }
    const pitch = words[at + Tensor.pitch], width = words[at + Tensor.shape + 2];
    if (pitch && (rank !== 4 || words[at + Tensor.shape] !== 1 || pitch < width || pitch > width + 6 || base !== i)) fail(`tensor ${i} has impossible planes`);
    const need = pitch ? planesBytes(words[at + Tensor.shape + 1], pitch, words[at + Tensor.shape + 3]) : elements;
    if (need !== bytes) fail(`tensor ${i} has ${bytes} bytes, its shape needs ${need}`);
    if (address < 0 || address & 3 || address + bytes > words[Header.arenaBytes]) fail(`tensor ${i} lies outside the arena`);
    if (words[at + Tensor.zeroPoint] < -128 || words[at + Tensor.zeroPoint] > 127) fail(`tensor ${i} has a zero point outside int8`);
    const first = words[at + Tensor.firstUse], lastUse = words[at + Tensor.lastUse];
    if (first < -1 || lastUse < first || lastUse > last) fail(`tensor ${i} has an impossible lifetime`);
    skipStrings(words, words[at + Tensor.name], 1);
    if (base !== i) {
      const b = tensorAt(words, base);
      if (words[b + Tensor.base] !== base || words[b + Tensor.address] !== address || words[b + Tensor.bytes] !== bytes)
        fail(`tensor ${i} is no view of tensor ${base}`);
      continue;
    }
    for (let k = 0; k < i; k++) {
      const other = tensorAt(words, k), begin = words[other + Tensor.address];
      const apart = begin + words[other + Tensor.bytes] <= address || address + bytes <= begin;
      const past = words[other + Tensor.lastUse] < first || lastUse < words[other + Tensor.firstUse];
      if (!apart && !past && words[other + Tensor.base] === k) fail(`tensors ${k} and ${i} overlap while both are needed`);
    }
  }
}

/** Every operand is written before it is read and still there; scratch is nobody else's; then the operator's own checks. */
function verifyOperators(words: Int32Array): void {
  const list = words[Header.operators] >> 2;
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    const at = words[list + i] >> 2;
    if (!fits(words, words[list + i], Operator.words, 4) || !fits(words, words[list + i], words[at + Operator.size], 4))
      fail(`operator ${i} lies outside the file`);
    const output = words[tensorAt(words, words[at + Operator.output]) + Tensor.base];
    if (words[tensorAt(words, output) + Tensor.firstUse] !== i) fail(`operator ${i} does not write its output when it should`);
    skipStrings(words, words[at + Operator.name], 1);
    verifyScratch(words, i, at);
    const complaint = checkOperator(words, at, (tensor) => {
      const base = tensorAt(words, words[tensorAt(words, tensor) + Tensor.base]);
      return words[base + Tensor.firstUse] < i && words[base + Tensor.lastUse] >= i;
    });
    if (complaint) fail(`operator ${i} (${operatorName(words, i)}): ${complaint}`);
  }
}

function verifyScratch(words: Int32Array, i: number, at: number): void {
  const begin = words[at + Operator.scratch], bytes = words[at + Operator.scratchBytes];
  if (begin < 0 || bytes < 0 || begin & 3 || begin + bytes > words[Header.arenaBytes]) fail(`operator ${i} has scratch outside the arena`);
  for (let k = 0; bytes > 0 && k < words[Header.tensorCount]; k++) {
    const tensor = tensorAt(words, k), address = words[tensor + Tensor.address];
    const live = words[tensor + Tensor.firstUse] <= i && words[tensor + Tensor.lastUse] >= i;
    if (live && address < begin + bytes && begin < address + words[tensor + Tensor.bytes]) fail(`operator ${i} has scratch inside tensor ${k}`);
  }
}

/** For messages: the operator's kind and its name in the source model. */
export function operatorName(words: Int32Array, index: number): string {
  const at = words[(words[Header.operators] >> 2) + index] >> 2;
  return (operatorNames[words[at + Operator.code]] || 'unknown operator') + ' ' + readString(words, words[at + Operator.name]);
}

function byteAt(words: Int32Array, offset: number): number {
  return (words[offset >> 2] >> ((offset & 3) * 8)) & 255;
}

/** The offset behind `count` strings that begin at `offset`. @throws FlintError when they leave the file */
export function skipStrings(words: Int32Array, offset: number, count: number): number {
  const end = words.length * 4;
  if (offset < Header.words * 4 || offset >= end) fail('a string outside the file');
  for (let i = 0; i < count; i++) {
    while (offset < end && byteAt(words, offset) !== 0) offset++;
    if (offset >= end) fail('a string without an end');
    offset++;
  }
  return offset;
}

/** The string at `offset`: UTF-8, ended by a zero byte. */
export function readString(words: Int32Array, offset: number): string {
  let text = '';
  for (let c = byteAt(words, offset++); c; c = byteAt(words, offset++)) {
    // Sequences of two to four bytes: the first one's leading ones tell how many follow with six bits each.
    let code = c < 128 ? c : c < 224 ? c & 31 : c < 240 ? c & 15 : c & 7;
    for (let more = c < 192 ? 0 : c < 224 ? 1 : c < 240 ? 2 : 3; more > 0 && byteAt(words, offset); more--) code = (code << 6) | (byteAt(words, offset++) & 63);
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}
