/**
 * What each kernel relies on, checked once when a model is loaded: shapes that belong together, windows that stay inside
 * their (padded) input, parameters that lie inside the file, scratch that is large enough.
 */
import {
  Add, CONV_TILE, Concatenation, Conv2d, DepthwiseConv2d, FullyConnected, Header, Operator, OperatorCode, Output, Pad, Pool2d, Softmax,
  Tensor, Window,
} from './format';
import { stripBytes } from './kernels/strip';

/** One operator under check: the file and the word indices of its record and of its first input's and its output's. */
interface Checked {
  words: Int32Array;
  at: number;
  input: number;
  output: number;
  /** Whether a tensor (by index) is there to be read when the operator runs. */
  readable: (tensor: number) => boolean;
}

/** What is wrong with the operator whose record begins at word `at`; empty when nothing is. */
export function checkOperator(words: Int32Array, at: number, readable: (tensor: number) => boolean): string {
  const code = words[at + Operator.code], check = checks[code];
  if (!check) return `unknown operator code ${code}`;
  if (words[at + Operator.size] < recordWords[code]!) return 'its record is too short';
  if (words[at + Operator.kernels] !== 0) return 'its kernels are not in this runtime';
  if (!readable(words[at + Operator.input])) return 'its input is not there';
  const tensors = words[Header.tensors] >> 2;
  const input = tensors + words[at + Operator.input] * Tensor.words, output = tensors + words[at + Operator.output] * Tensor.words;
  return check({ words, at, input, output, readable });
}

const dimension = (c: Checked, tensor: number, i: number): number => c.words[tensor + Tensor.shape + i];
const rank = (c: Checked, tensor: number): number => c.words[tensor + Tensor.rank];
const lastDimension = (c: Checked, tensor: number): number => dimension(c, tensor, rank(c, tensor) - 1);
const bytes = (c: Checked, tensor: number): number => c.words[tensor + Tensor.bytes];

/** Whether `count` bytes from the offset in word `field` of the record lie in the file, aligned to words. */
function inFile(c: Checked, field: number, count: number): boolean {
  const offset = c.words[c.at + field];
  return offset >= Header.words * 4 && (offset & 3) === 0 && offset + count <= c.words.length * 4;
}

function sameQuantization(c: Checked, a: number, b: number): boolean {
  return c.words[a + Tensor.scale] === c.words[b + Tensor.scale] && c.words[a + Tensor.zeroPoint] === c.words[b + Tensor.zeroPoint];
}

function clampIsInt8(c: Checked, minimum: number): boolean {
  const { words, at } = c;
  return words[at + minimum] >= -128 && words[at + minimum] <= words[at + minimum + 1] && words[at + minimum + 1] <= 127;
}

/** Parameters of the requantization: one of each per output channel, shifts within a 32-bit word. */
function checkOutput(c: Checked): string {
  const channels = lastDimension(c, c.output), { words, at } = c;
  if (!inFile(c, Output.bias, channels * 4) || !inFile(c, Output.multipliers, channels * 4) || !inFile(c, Output.shifts, channels))
    return 'its biases or multipliers lie outside the file';
  if (!clampIsInt8(c, Output.minimum)) return 'its clamp is no int8 range';
  const multipliers = words[at + Output.multipliers] >> 2, shifts = words[at + Output.shifts];
  for (let i = 0; i < channels; i++) {
    const p = shifts + i, shift = (words[p >> 2] << (24 - (p & 3) * 8)) >> 24, multiplier = words[multipliers + i];
    if (multiplier < 0 || shift < -31 || shift > 30 || (shift > -1 && words[at + Output.wide] === 0)) return `channel ${i} cannot be requantized`;
  }
  return '';
}

/** A window over an image: sensible numbers, and the last output's taps inside the padded input. */
function checkWindow(c: Checked, window: number): string {
  const { words, input, output } = c, w = c.at + window;
  if (rank(c, input) !== 4 || rank(c, output) !== 4 || dimension(c, input, 0) !== 1 || dimension(c, output, 0) !== 1)
    return 'its tensors are no images';
  for (let i = 0; i < Window.words; i++) {
    const v = words[w + i];
    if (v < (i < Window.padTop ? 1 : 0) || v > 32767) return `its window has a value of ${v}`;
  }
  for (let axis = 0; axis < 2; axis++) {
    const extent = (words[w + Window.kernelY + axis] - 1) * words[w + Window.dilationY + axis] + 1;
    const reach = (dimension(c, output, 1 + axis) - 1) * words[w + Window.strideY + axis] + extent;
    const padded = dimension(c, input, 1 + axis) + words[w + Window.padTop + axis] + words[w + Window.padBottom + axis];
    if (reach > padded) return 'its window leaves the input';
  }
  return '';
}

/** Padding needs a strip of scratch that holds the rows under stripRows output rows. */
function checkStrip(c: Checked, window: number, stripRows: number): string {
  const { words, at } = c, w = at + window;
  const padded = words[w + Window.padTop] | words[w + Window.padLeft] | words[w + Window.padBottom] | words[w + Window.padRight];
  if (stripRows === 0) return padded ? 'it pads its input but has no strip to do it in' : '';
  if (stripRows < 0 || stripRows > dimension(c, c.output, 1)) return `a strip of ${stripRows} rows`;
  const width = dimension(c, c.input, 2) + words[w + Window.padLeft] + words[w + Window.padRight];
  const need = stripBytes(stripRows, words[w + Window.kernelY], words[w + Window.strideY], words[w + Window.dilationY], width, dimension(c, c.input, 3));
  return words[at + Operator.scratchBytes] < need ? `its scratch is smaller than the ${need} bytes it needs` : '';
}

function checkConv2d(c: Checked): string {
  const { words, at } = c, w = at + Conv2d.window;
  const wrong = checkWindow(c, Conv2d.window) || checkOutput(c) || checkStrip(c, Conv2d.window, words[at + Conv2d.stripRows]);
  if (wrong) return wrong;
  const taps = words[w + Window.kernelY] * words[w + Window.kernelX] * dimension(c, c.input, 3);
  const chunks = Math.ceil(taps / CONV_TILE.taps);
  return inFile(c, Conv2d.weights, chunks * CONV_TILE.taps * dimension(c, c.output, 3)) ? '' : 'its weights lie outside the file';
}

function checkDepthwiseConv2d(c: Checked): string {
  const { words, at } = c, w = at + DepthwiseConv2d.window;
  const wrong = checkWindow(c, DepthwiseConv2d.window) || checkOutput(c) || checkStrip(c, DepthwiseConv2d.window, words[at + DepthwiseConv2d.stripRows]);
  if (wrong) return wrong;
  const multiplier = words[at + DepthwiseConv2d.multiplier], outputs = dimension(c, c.output, 3);
  if (multiplier < 1 || dimension(c, c.input, 3) * multiplier !== outputs) return 'its channels do not belong together';
  return inFile(c, DepthwiseConv2d.weights, words[w + Window.kernelY] * words[w + Window.kernelX] * outputs) ? '' : 'its weights lie outside the file';
}

function checkFullyConnected(c: Checked): string {
  const { words, at } = c, wrong = checkOutput(c);
  if (wrong) return wrong;
  const inputs = words[at + FullyConnected.inputs], outputs = lastDimension(c, c.output), rows = bytes(c, c.input) / inputs;
  if (inputs < 1 || rows * inputs !== bytes(c, c.input) || rows * outputs !== bytes(c, c.output) || rows !== Math.floor(rows))
    return 'its input, output and weights do not belong together';
  if (rows > 1 && inputs & 3) return 'several rows of an input whose length is not a multiple of 4';
  if (words[c.input + Tensor.address] + ((bytes(c, c.input) + 3) & ~3) > words[Header.arenaBytes]) return 'its last input word leaves the arena';
  return inFile(c, FullyConnected.weights, ((inputs + 3) & ~3) * outputs) ? '' : 'its weights lie outside the file';
}

function checkPool2d(c: Checked): string {
  const { words, at, input, output } = c, w = at + Pool2d.window, wrong = checkWindow(c, Pool2d.window);
  if (wrong) return wrong;
  if (words[w + Window.dilationY] !== 1 || words[w + Window.dilationX] !== 1) return 'dilated pooling';
  for (let axis = 0; axis < 2; axis++) {
    // Every window must hold at least one tap that is not padding.
    const last = (dimension(c, output, 1 + axis) - 1) * words[w + Window.strideY + axis] - words[w + Window.padTop + axis];
    if (words[w + Window.padTop + axis] >= words[w + Window.kernelY + axis] || last >= dimension(c, input, 1 + axis)) return 'a window that holds only padding';
  }
  if (dimension(c, input, 3) !== dimension(c, output, 3)) return 'its channels do not belong together';
  if (!sameQuantization(c, input, output)) return 'its output has another scale than its input';
  return clampIsInt8(c, Pool2d.minimum) ? '' : 'its clamp is no int8 range';
}

function checkAdd(c: Checked): string {
  const { words, at, input, output } = c, second = words[at + Operator.input2];
  if (second < 0 || !c.readable(second)) return 'its second input is not there';
  const other = (words[Header.tensors] >> 2) + second * Tensor.words;
  if (bytes(c, input) !== bytes(c, output) || bytes(c, other) !== bytes(c, output)) return 'its operands differ in size';
  for (let i = Add.firstMultiplier; i <= Add.resultMultiplier; i += 2) {
    if (words[at + i] < 0 || words[at + i + 1] < -31 || words[at + i + 1] > (i < Add.resultMultiplier ? 0 : 30)) return 'it cannot be requantized';
  }
  return clampIsInt8(c, Add.minimum) ? '' : 'its clamp is no int8 range';
}

function checkConcatenation(c: Checked): string {
  const { words, at, output } = c, outer = words[at + Concatenation.outer], count = words[at + Concatenation.inputCount];
  if (count < 1 || count > words[Header.tensorCount] || !inFile(c, Concatenation.inputs, count * 4)) return 'its inputs lie outside the file';
  if (outer < 1 || bytes(c, output) % outer) return 'its output cannot be divided so';
  let sum = 0;
  for (let i = 0, list = words[at + Concatenation.inputs] >> 2; i < count; i++) {
    if (!c.readable(words[list + i])) return `its input ${i} is not there`;
    const tensor = (words[Header.tensors] >> 2) + words[list + i] * Tensor.words;
    if (bytes(c, tensor) % outer) return `its input ${i} cannot be divided so`;
    if (!sameQuantization(c, tensor, output)) return `its input ${i} has another scale than its output`;
    sum += bytes(c, tensor);
  }
  return sum === bytes(c, output) ? '' : 'its inputs do not fill its output';
}

function checkPad(c: Checked): string {
  const { words, at, input, output } = c;
  if (rank(c, input) !== rank(c, output)) return 'its tensors differ in rank';
  if (!sameQuantization(c, input, output)) return 'its output has another scale than its input';
  for (let i = 0; i < 4; i++) {
    const before = words[at + Pad.before + i], after = words[at + Pad.after + i], d = i - 4 + rank(c, input);
    if (before < 0 || after < 0 || (d < 0 ? before + after !== 0 : dimension(c, input, d) + before + after !== dimension(c, output, d)))
      return 'its shapes do not match its padding';
  }
  return words[at + Pad.value] >= -128 && words[at + Pad.value] <= 127 ? '' : 'its value is no int8';
}

function checkSoftmax(c: Checked): string {
  const { words, at } = c, rows = words[at + Softmax.rows], shift = words[at + Softmax.shift];
  if (bytes(c, c.input) !== bytes(c, c.output) || rows < 1 || bytes(c, c.output) % rows) return 'its shapes do not match';
  if (bytes(c, c.output) / rows > 4095) return 'more than 4095 classes, whose sum could overflow';
  const reach = -words[at + Softmax.minimumDifference]; // reach * 2^shift must stay below 2^31
  if (words[at + Softmax.multiplier] < 0 || shift < 0 || shift > 31 || reach < 0 || reach * 2 ** shift > 31 * 2 ** 26) return 'its scale is out of range';
  return '';
}

const checks: (((c: Checked) => string) | undefined)[] = [];
const recordWords: number[] = [];
function register(code: OperatorCode, words: number, check: (c: Checked) => string): void {
  checks[code] = check;
  recordWords[code] = words;
}
register(OperatorCode.conv2d, Conv2d.words, checkConv2d);
register(OperatorCode.depthwiseConv2d, DepthwiseConv2d.words, checkDepthwiseConv2d);
register(OperatorCode.fullyConnected, FullyConnected.words, checkFullyConnected);
register(OperatorCode.maxPool2d, Pool2d.words, checkPool2d);
register(OperatorCode.averagePool2d, Pool2d.words, checkPool2d);
register(OperatorCode.add, Add.words, checkAdd);
register(OperatorCode.concatenation, Concatenation.words, checkConcatenation);
register(OperatorCode.pad, Pad.words, checkPad);
register(OperatorCode.softmax, Softmax.words, checkSoftmax);
