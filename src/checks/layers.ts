/** Checks of operators with weights: windows stay inside their padded input, parameters inside the file, scratch suffices. */
import { CONV_TILE, Conv2d, DepthwiseConv2d, FC_GROUP, FullyConnected, Operator, Output, Window } from '../format';
import { stripBytes } from '../kernels/strip';
import { bytes, clampIsInt8, dimension, inFile, lastDimension, rank, type Checked } from './common';

/** Parameters of the requantization: one of each per output channel, shifts within a 32-bit word. */
export function checkOutput(c: Checked): string {
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
export function checkWindow(c: Checked, window: number): string {
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
export function checkStrip(c: Checked, window: number, stripRows: number): string {
  const { words, at } = c, w = at + window;
  const padded = words[w + Window.padTop] | words[w + Window.padLeft] | words[w + Window.padBottom] | words[w + Window.padRight];
  if (stripRows === 0) return padded ? 'it pads its input but has no strip to do it in' : '';
  if (stripRows < 0 || stripRows > dimension(c, c.output, 1)) return `a strip of ${stripRows} rows`;
  const width = dimension(c, c.input, 2) + words[w + Window.padLeft] + words[w + Window.padRight];
  const need = stripBytes(stripRows, words[w + Window.kernelY], words[w + Window.strideY], words[w + Window.dilationY], width, dimension(c, c.input, 3));
  return words[at + Operator.scratchBytes] < need ? `its scratch is smaller than the ${need} bytes it needs` : '';
}

/** Bits of a weight. */
export const isWidth = (bits: number): boolean => bits === 8 || bits === 4 || bits === 2;

/** One for each output channel, or none. */
export const checkZeroPoints = (c: Checked, field: number): string =>
  c.words[c.at + field] === 0 || inFile(c, field, lastDimension(c, c.output)) ? '' : "its weights' zero points lie outside the file";

export function checkConv2d(c: Checked): string {
  const { words, at } = c, w = at + Conv2d.window;
  const wrong = checkWindow(c, Conv2d.window) || checkOutput(c) || checkStrip(c, Conv2d.window, words[at + Conv2d.stripRows]);
  if (wrong) return wrong;
  const taps = words[w + Window.kernelY] * words[w + Window.kernelX] * dimension(c, c.input, 3);
  const chunks = Math.ceil(taps / CONV_TILE.taps);
  const bits = words[at + Conv2d.bits], size = (chunks * CONV_TILE.taps * dimension(c, c.output, 3) * bits) / 8;
  if (!isWidth(bits)) return `weights of ${bits} bits`;
  if (!inFile(c, Conv2d.weights, (size + 3) & ~3)) return 'its weights lie outside the file';
  return checkZeroPoints(c, Conv2d.zeroPoints);
}

export function checkDepthwiseConv2d(c: Checked): string {
  const { words, at } = c, w = at + DepthwiseConv2d.window;
  const wrong = checkWindow(c, DepthwiseConv2d.window) || checkOutput(c) || checkStrip(c, DepthwiseConv2d.window, words[at + DepthwiseConv2d.stripRows]);
  if (wrong) return wrong;
  const multiplier = words[at + DepthwiseConv2d.multiplier], outputs = dimension(c, c.output, 3);
  if (multiplier < 1 || dimension(c, c.input, 3) * multiplier !== outputs) return 'its channels do not belong together';
  return inFile(c, DepthwiseConv2d.weights, words[w + Window.kernelY] * words[w + Window.kernelX] * outputs) ? '' : 'its weights lie outside the file';
}

export function checkFullyConnected(c: Checked): string {
  const { words, at } = c, wrong = checkOutput(c);
  if (wrong) return wrong;
  const inputs = words[at + FullyConnected.inputs], outputs = lastDimension(c, c.output), rows = bytes(c, c.input) / inputs;
  if (inputs < 1 || rows * inputs !== bytes(c, c.input) || rows * outputs !== bytes(c, c.output) || rows !== Math.floor(rows))
    return 'its input, output and weights do not belong together';
  const bits = words[at + FullyConnected.bits], grouped = outputs - (outputs % FC_GROUP), rest = (outputs - grouped + 3) & ~3;
  if (!isWidth(bits)) return `weights of ${bits} bits`;
  if (!inFile(c, FullyConnected.weights, ((grouped * bits) / 8 + rest) * inputs)) return 'its weights lie outside the file';
  return checkZeroPoints(c, FullyConnected.zeroPoints);
}

export function checkMean(c: Checked): string {
  if (rank(c, c.input) !== 4 || dimension(c, c.input, 0) !== 1) return 'its input is no image';
  if (bytes(c, c.output) !== dimension(c, c.input, 3) || lastDimension(c, c.output) !== dimension(c, c.input, 3)) return 'its channels do not belong together';
  return checkOutput(c);
}
