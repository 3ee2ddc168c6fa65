/**
 * Convolutions of TFLite that become others: in groups, which are cut apart and joined, and transposed ones.
 */
import { tapsOf, type Activation, type IntParameters } from '../graph';
import { finish, temporary, valueOf, viewed, type Value } from '../import/tflite/chain';
import {
  activation,
  need,
  operand,
  result,
  type TfContext,
  type TfConverter,
} from '../import/tflite/context';
import { joined } from './concatenation';
import { repeat } from './conv-transpose';
import type { TfOperator } from '../import/tflite/read';
import { cut } from './slice-tflite';
import { tfParameters } from './tflite-weights';
import { transposed } from './transpose';
import { ONE_PIXEL, tfPads, tfWindow } from './window';

/** Some output channels of a layer, from `first` on. */
function channelsOf(parameters: IntParameters, first: number, count: number): IntParameters {
  const { weights, scales, bias } = parameters,
    taps = tapsOf(parameters);
  return {
    weights: weights.slice(first * taps, (first + count) * taps),
    scales: scales.length > 1 ? scales.slice(first, first + count) : scales,
    bias: bias.slice(first, first + count),
  };
}

/** CONV_2D whose filters see a part of the input's channels each. */
export function groupedConv(
  op: TfOperator,
  c: TfContext,
  fused: Activation,
  stride: [number, number],
  dilation: [number, number],
): void {
  const x = operand(op, 0),
    y = result(op),
    [outputs, kernelY, kernelX, depth] = operand(op, 1).shape,
    groups = x.shape[3] / depth,
    count = outputs / groups;
  need(
    Number.isInteger(groups) && Number.isInteger(count) && count > 0,
    `its filters see ${depth} of ${x.shape[3]} input channels, which makes no whole groups of ${outputs} outputs`,
  );
  const window = tfWindow(x, [kernelY, kernelX], stride, dilation, op.options?.int8(0) ?? 0),
    parameters = tfParameters(op, outputs, 0);
  if (depth === 1) {
    const inputs = [c.name(x)],
      output = c.name(y);
    return c.emit({
      op: 'depthwiseConv2d',
      inputs,
      output,
      window,
      multiplier: count,
      activation: fused,
      parameters,
    });
  }
  const parts = Array.from({ length: groups }, (_, g) => {
    const part = temporary(c, [...y.shape.slice(0, 3), count], y);
    c.emit({
      op: 'conv2d',
      inputs: [cut(c, valueOf(c, x), 3, g * depth, depth).name],
      output: part.name,
      window,
      activation: fused,
      parameters: channelsOf(parameters, g * count, count),
    });
    return part;
  });
  finish(c, joined(c, parts, 3), y);
}

/** One axis of a transposed convolution, of which every `stride`-th output comes from the same taps. */
interface Axis {
  stride: number;
  /** Taps of each of the `stride` convolutions. */
  taps: number;
  /** The window's padding. */
  before: number;
  after: number;
  /** How often all `stride` phases are computed, and where among their outputs the wanted ones begin. */
  count: number;
  skip: number;
}

/**
 * Output o sums x[i] w[k] over all i stride + k = o + pad. With o + pad = q stride + r these are, over all j,
 * x[q - j] w[j stride + r]: an ordinary convolution for each phase r.
 */
function axisOf(input: number, output: number, kernel: number, stride: number, pad: number): Axis {
  const taps = Math.ceil(kernel / stride),
    first = Math.floor(pad / stride),
    last = Math.floor((output - 1 + pad) / stride);
  return {
    stride,
    taps,
    before: taps - 1 - first,
    after: Math.max(0, last - input + 1),
    count: last - first + 1,
    skip: pad - first * stride,
  };
}

/** The weights of all phases, [phase y][phase x][output][tap], of weights [output][ky][kx][depth]. */
function phaseWeights(
  { weights, bias }: IntParameters,
  [kernelY, kernelX, depth]: number[],
  y: Axis,
  x: Axis,
): Int8Array {
  const outputs = bias.length,
    taps = y.taps * x.taps * depth,
    made = new Int8Array(y.stride * x.stride * outputs * taps);
  for (let o = 0; o < outputs; o++)
    for (let ky = 0; ky < kernelY; ky++)
      for (let kx = 0; kx < kernelX; kx++) {
        const phase = (ky % y.stride) * x.stride + (kx % x.stride),
          row = y.taps - 1 - Math.floor(ky / y.stride),
          column = x.taps - 1 - Math.floor(kx / x.stride),
          from = ((o * kernelY + ky) * kernelX + kx) * depth;
        made.set(
          weights.subarray(from, from + depth),
          (phase * outputs + o) * taps + (row * x.taps + column) * depth,
        );
      }
  return made;
}

/** Of all phases together, at most. */
const MOST_CHANNELS = 2 ** 14;

/**
 * TRANSPOSE_CONV: one convolution for all phases, whose channels are then put beside each other as pixels.
 */
export const transposeConv: TfConverter = (op, c) => {
  const x = operand(op, 2),
    w = operand(op, 1),
    y = result(op),
    o = op.options;
  const fits = w.shape.length === 4 && x.shape.length === 4 && y.shape.length === 4 && x.shape[0] === 1;
  need(fits && w.shape[3] === x.shape[3], `its weights [${w.shape}] do not belong to an input [${x.shape}]`);
  const [outputs, kernelY, kernelX, depth] = w.shape,
    [, height, width] = y.shape,
    stride: [number, number] = [o?.int32(2) ?? 1, o?.int32(1) ?? 1];
  const given = tfParameters({ ...op, inputs: [x, w, op.inputs[3]] }, outputs, 0),
    perChannel = given.scales.length > 1,
    sizes = [outputs, kernelY, kernelX, ...stride].every((n) => n >= 1);
  need(
    sizes && stride[0] * stride[1] * outputs <= MOST_CHANNELS,
    `its window [${kernelY},${kernelX}] and its strides [${stride}] have impossible sizes`,
  );
  const [top, left] = tfPads([height, width], [kernelY, kernelX], stride, [1, 1], o?.int8(0) ?? 0),
    rows = axisOf(x.shape[1], height, kernelY, stride[0], top),
    columns = axisOf(x.shape[2], width, kernelX, stride[1], left),
    phases = stride[0] * stride[1];
  need(
    rows.before >= 0 && columns.before >= 0,
    `its window [${kernelY},${kernelX}] does not fit its padding`,
  );
  const made = temporary(c, [1, rows.count, columns.count, phases * outputs], y);
  c.emit({
    op: 'conv2d',
    inputs: [c.name(x)],
    output: made.name,
    window: {
      ...ONE_PIXEL,
      kernel: [rows.taps, columns.taps],
      pads: [rows.before, columns.before, rows.after, columns.after],
    },
    activation: activation(o?.int8(3) ?? 0),
    parameters: {
      weights: phaseWeights(given, [kernelY, kernelX, depth], rows, columns),
      scales: perChannel ? Float64Array.from(repeat(given.scales, phases)) : given.scales,
      bias: Int32Array.from(repeat(given.bias, phases)),
    },
  });
  const turned = transposed(
    c,
    viewed(c, made, [rows.count, columns.count, stride[0], stride[1] * outputs]),
    [0, 2, 1, 3],
  );
  let image: Value = viewed(c, turned, [1, rows.count * stride[0], columns.count * stride[1], outputs]);
  image = cut(c, image, 1, rows.skip, height);
  finish(c, cut(c, image, 2, columns.skip, width), y);
};
