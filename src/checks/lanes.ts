/** Checks of the operators on lanes: layouts, windows that the columns of zeros can pad, parameters inside the file. */
import { FullyConnected, LanesAdd, LanesConv, LanesOutput, LanesPointwise, LanesPool, Operator, OperatorCode, Output, TapKind, Tensor, Window } from '../format';
import { narrowBytes } from '../lanes/narrow';
import { bytes, dimension, inFile, lastDimension, sameQuantization, secondOperand, type Checked } from './common';
import { checkMean, checkOutput, checkWindow, checkZeroPoints, isWidth } from './layers';

const pitch = (c: Checked, tensor: number): number => c.words[tensor + Tensor.pitch];

/** Planes in, planes out, rows no longer than before, at least one row at a time. */
function checkPlanes(c: Checked, stripRows: number): string {
  if (!pitch(c, c.input) || !pitch(c, c.output)) return 'its tensors are no planes';
  if (pitch(c, c.output) > pitch(c, c.input)) return 'its output has longer rows than its input';
  return checkStripRows(c, stripRows);
}

/** Strips of at least one row, and of no more than there are: kernels make masks that long. */
function checkStripRows(c: Checked, field: number): string {
  const rows = c.words[c.at + field];
  return rows < 1 || rows > dimension(c, c.output, 1) ? `a strip of ${rows} rows` : '';
}

function checkConv(c: Checked): string {
  const { words, at } = c, w = at + LanesConv.window, wrong = checkPlanes(c, LanesConv.stripRows) || checkWindow(c, LanesConv.window);
  if (wrong) return wrong;
  const kernelX = words[w + Window.kernelX], kernelY = words[w + Window.kernelY], padLeft = words[w + Window.padLeft],
    step = words[w + Window.strideX], dense = words[at + LanesConv.dense], strideX = dense ? 1 : step;
  if (dense !== 0 && dense !== 1) return 'a way to compute it that is not known';
  if (words[w + Window.dilationX] !== 1 || words[w + Window.dilationY] !== 1 || step > 2 || words[w + Window.strideY] > 2)
    return 'a dilation or stride that lanes do not have';
  const zeros = pitch(c, c.input) - dimension(c, c.input, 2),
    reach = (dimension(c, c.output, 2) - 1) * step + kernelX - padLeft - dimension(c, c.input, 2);
  if (padLeft > zeros || reach > zeros || padLeft >= kernelX || words[w + Window.padTop] >= kernelY) return 'more padding than its rows have zeros';
  const outputs = dimension(c, c.output, 3), inputs = dimension(c, c.input, 3), depthwise = words[at + LanesConv.depthwise],
    kind = words[at + LanesConv.kind], excess = words[at + LanesConv.excess];
  if (depthwise < 0 || (depthwise > 0 && inputs * depthwise !== outputs)) return 'its channels do not belong together';
  if (excess < 0 || excess > 128 || (excess && depthwise)) return 'an excess that it cannot take out';
  if (strideX === 2 && kernelX > 6) return 'a window wider than lanes have';
  const groups = strideX === 2 ? Math.min(kernelX, 2) : Math.ceil(kernelX / 3), rows = outputs * kernelY * groups, sparse = kind === TapKind.sparse;
  if (sparse && (depthwise || excess || !inFile(c, LanesConv.starts, (2 * rows + 1) * 4))) return 'its sparse taps lie outside the file';
  const count = sparse ? words[(words[at + LanesConv.starts] >> 2) + 2 * rows] : rows * (depthwise ? 1 : inputs), size = [1, 8, 2, 1, 8][kind];
  if (!size || (kind === TapKind.one && kernelX !== 1)) return 'taps of no known kind';
  if (count < 0 || !inFile(c, LanesConv.taps, (count * size + 3) & ~3) || words[at + LanesConv.taps] & (size - 1)) return 'its weights lie outside the file';
  if (!sparse && (words[at + LanesConv.starts] || words[at + LanesConv.places])) return 'places of taps that are not sparse';
  if (sparse && !sparseTapsFit(c, 2 * rows, inputs)) return 'its sparse taps are of no input channel';
  if (words[at + LanesConv.padding] < 0 || words[at + LanesConv.padding] > 255) return 'its padding is no byte';
  if (words[at + LanesConv.zeroPoints] && !excess) return 'zero points of weights that it cannot take out';
  return checkZeroPoints(c, LanesConv.zeroPoints) || checkOutputs(c, LanesConv.outputs);
}

/** Rows begin where the ones before them end, and every number's input channel is there. */
function sparseTapsFit(c: Checked, rows: number, inputs: number): boolean {
  const { words, at } = c, starts = words[at + LanesConv.starts] >> 2, count = words[starts + rows], places = words[at + LanesConv.places];
  if (words[starts] !== 0 || !inFile(c, LanesConv.places, count)) return false;
  for (let i = 0; i < rows; i++) if (words[starts + i] > words[starts + i + 1]) return false;
  // Four channels at a time: with what is added, one that is not there reaches its byte's highest bit. The last word is filled up with zeros.
  if (inputs > PLACES) return false;
  for (let i = places >> 2, end = i + ((count + 3) >> 2), more = (128 - inputs) * 0x01010101; i < end; i++)
    if ((words[i] | (words[i] + more)) & 0x80808080) return false;
  return true;
}

/** Input channels up to which a convolution on lanes can be sparse. */
export const PLACES = 128;

/** Of conv2d with a lane for each output. */
export function checkPointwise(c: Checked): string {
  const { words, at } = c, outputs = dimension(c, c.output, 3);
  if (words[at + Operator.code] !== OperatorCode.conv2d) return 'no kernel of that kind';
  if (words[at + Operator.size] < LanesPointwise.words) return 'its record is too short';
  if (!pitch(c, c.input) || !pitch(c, c.output)) return 'its tensors are no planes';
  for (const [axis, field] of [[1, LanesPointwise.strideY], [2, LanesPointwise.strideX]]) {
    const stride = words[at + field];
    if (stride < 1 || (dimension(c, c.output, axis) - 1) * stride >= dimension(c, c.input, axis)) return 'its strides leave the input';
  }
  const strip = checkStripRows(c, LanesPointwise.stripRows);
  if (strip) return strip;
  const bits = words[at + LanesPointwise.bits];
  if (!isWidth(bits)) return `weights of ${bits} bits`;
  if (!inFile(c, LanesPointwise.weights, dimension(c, c.input, 3) * narrowBytes(3 * Math.ceil((outputs + 1) / 3), bits)))
    return 'its weights lie outside the file';
  return checkZeroPoints(c, LanesPointwise.zeroPoints) || checkOutputs(c, LanesPointwise.outputs);
}

function checkOutputs(c: Checked, field: number): string {
  const { words, at } = c, outputs = dimension(c, c.output, 3);
  if (!inFile(c, field, outputs * LanesOutput.words * 4)) return 'its multipliers lie outside the file';
  for (let i = 0; i < outputs; i++) {
    const record = (words[at + field] >> 2) + i * LanesOutput.words, shift = words[record + LanesOutput.shift] & 255,
      up = words[record + LanesOutput.shift] >> 8, step = words[record + LanesOutput.step];
    if (shift < 4 || shift > 15 || up < 0 || up > 12 || step < 0 || step > 23) return `channel ${i} cannot be requantized`;
  }
  return '';
}

function checkMaxPool(c: Checked): string {
  const wrong = checkPlanes(c, LanesPool.stripRows);
  if (wrong) return wrong;
  for (const axis of [1, 2]) if (dimension(c, c.input, axis) < 2 * dimension(c, c.output, axis)) return 'its window leaves the input';
  if (dimension(c, c.input, 3) !== dimension(c, c.output, 3)) return 'its channels do not belong together';
  return sameQuantization(c, c.input, c.output) ? '' : 'its output has another scale than its input';
}

function checkGlobalAverage(c: Checked): string {
  if (!pitch(c, c.input) || pitch(c, c.output)) return 'its input is no planes or its output is';
  if (bytes(c, c.output) !== dimension(c, c.input, 3)) return 'its output is no vector of channels';
  if (c.words[c.at + Operator.code] === OperatorCode.mean) return checkMean(c);
  return sameQuantization(c, c.input, c.output) ? '' : 'its output has another scale than its input';
}

function checkAdd(c: Checked): string {
  const wrong = checkPlanes(c, LanesAdd.stripRows), second = secondOperand(c);
  if (wrong) return wrong;
  for (const tensor of [c.input, second]) {
    if (!tensor || pitch(c, tensor) !== pitch(c, c.output)) return 'its operands differ in layout';
    for (let i = 0; i < 4; i++) if (dimension(c, tensor, i) !== dimension(c, c.output, i)) return 'its operands differ in size';
  }
  return '';
}

function checkFullyConnected(c: Checked): string {
  if (pitch(c, c.input) || pitch(c, c.output)) return 'its tensors are planes';
  const wrong = checkOutput(c), inputs = c.words[c.at + FullyConnected.inputs], outputs = lastDimension(c, c.output);
  if (wrong) return wrong;
  if (inputs !== bytes(c, c.input) || outputs !== bytes(c, c.output)) return 'its input, output and weights do not belong together';
  const bits = c.words[c.at + FullyConnected.bits];
  if (!isWidth(bits)) return `weights of ${bits} bits`;
  if (!inFile(c, FullyConnected.weights, ((inputs + 1) >> 1) * narrowBytes(6 * Math.ceil(outputs / 3), bits))) return 'its weights lie outside the file';
  return checkZeroPoints(c, FullyConnected.zeroPoints);
}

/** One side is planes, the other not, of the same shape. */
export function checkLayout(c: Checked): string {
  if (!pitch(c, c.input) === !pitch(c, c.output)) return 'its tensors have the same layout';
  for (let i = 0; i < 4; i++) if (dimension(c, c.input, i) !== dimension(c, c.output, i)) return 'its tensors differ in shape';
  return sameQuantization(c, c.input, c.output) ? '' : 'its output has another scale than its input';
}

export const lanesChecks: (((c: Checked) => string) | undefined)[] = [];
export const lanesWords: number[] = [];
function register(code: OperatorCode, words: number, check: (c: Checked) => string): void {
  lanesChecks[code] = check;
  lanesWords[code] = words;
}
register(OperatorCode.conv2d, LanesConv.words, checkConv);
register(OperatorCode.depthwiseConv2d, LanesConv.words, checkConv);
register(OperatorCode.fullyConnected, FullyConnected.words, checkFullyConnected);
register(OperatorCode.maxPool2d, LanesPool.words, checkMaxPool);
register(OperatorCode.averagePool2d, Operator.words, checkGlobalAverage);
register(OperatorCode.mean, Output.words, checkGlobalAverage);
register(OperatorCode.add, LanesAdd.words, checkAdd);
Object.freeze(lanesChecks);
Object.freeze(lanesWords);
