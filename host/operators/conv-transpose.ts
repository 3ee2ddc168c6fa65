/**
 * ONNX's transposed convolution: one ordinary convolution that computes, as channels, the pixels which each
 * of its pixels becomes. How they lie in memory is a layout of the output, so that nothing needs to move.
 */
import type { FloatParameters } from '../graph';
import {
  floats,
  need,
  number,
  numbers,
  scalesAlong,
  word,
  type OnnxContext,
  type Part,
} from '../import/onnx/context';
import { layoutOf, reshaped } from '../import/onnx/layout';
import { image, isRow } from '../import/onnx/order';
import { whole } from './parts';
import { emitPart } from './slice';
import { ONE_PIXEL, padding, pair } from './window';

/** One axis: output q stride + r is phase r of pixel q. */
interface Axis {
  stride: number;
  /** Taps of the window that serves all phases. */
  taps: number;
  /** The window's padding. */
  before: number;
  after: number;
  /** How many pixels are computed; perhaps more than are wanted. */
  count: number;
  /** The tap under which a kernel's k stands, for the phase that it belongs to. */
  tapOf: (k: number) => { phase: number; tap: number };
}

/**
 * Output o sums x[i] w[k] over all i stride + k dilation = o + pad. Of o = q stride + r these are, whatever q
 * is, the same k, each of which reads x at one distance from q.
 */
function axisOf(
  input: number,
  output: number,
  kernel: number,
  stride: number,
  dilation: number,
  pad: number,
): Axis {
  const places = Array.from({ length: kernel }, (_, k) => {
    const phase = (((k * dilation - pad) % stride) + stride) % stride;
    return { phase, distance: (phase + pad - k * dilation) / stride };
  });
  const distances = places.map(({ distance }) => distance),
    first = Math.min(0, ...distances),
    taps = Math.max(...distances, first) - first + 1,
    before = -first,
    after = Math.max(0, Math.ceil(output / stride) - input - before + taps - 1);
  return {
    stride,
    taps,
    before,
    after,
    count: input + before + after - taps + 1,
    tapOf: (k) => ({ phase: places[k].phase, tap: places[k].distance - first }),
  };
}

/** Weights [input][output of a group][ky][kx] as [phase y][phase x][output][tap y][tap x][input]. */
function phaseWeights(
  data: Float32Array,
  [inputs, each, kernelY, kernelX]: number[],
  groups: number,
  y: Axis,
  x: Axis,
): Float32Array {
  const outputs = each * groups,
    made = new Float32Array(y.stride * x.stride * outputs * y.taps * x.taps * inputs);
  for (let i = 0, from = 0; i < inputs; i++)
    for (let o = Math.floor(i / (inputs / groups)) * each, n = 0; n < each; n++, o++)
      for (let ky = 0; ky < kernelY; ky++)
        for (let kx = 0; kx < kernelX; kx++, from++) {
          const row = y.tapOf(ky),
            column = x.tapOf(kx),
            output = (row.phase * x.stride + column.phase) * outputs + o;
          made[((output * y.taps + row.tap) * x.taps + column.tap) * inputs + i] = data[from];
        }
  return made;
}

/** A list again and again. */
export const repeat = (list: ArrayLike<number>, times: number): number[] =>
  Array.from({ length: list.length * times }, (_, i) => list[i % list.length]);

/** More weights than this are in no microcontroller's flash. */
const MOST_WEIGHTS = 2 ** 24;

/** Padding in front and size of the output along an axis of n pixels. */
interface Side {
  pad: number;
  size: number;
}

/** Along height and width. @param extents of the window */
function sides(c: OnnxContext, n: number[], stride: number[], extents: number[]): Side[] {
  const auto = word(c, 'auto_pad', 'NOTSET', ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']),
    row = isRow(c),
    given = padding(c),
    extra = numbers(c, 'output_padding', row ? [0] : [0, 0], row ? 1 : 2),
    wanted = numbers(c, 'output_shape', undefined)?.slice(row ? -1 : -2);
  const last = (list: number[], axis: number, first: number): number => (row ? [first, ...list] : list)[axis];
  return [0, 1].map((a) => {
    const all = (n[a] - 1) * stride[a] + last(extra, a, 0) + extents[a],
      size = wanted ? last(wanted, a, 1) : auto.startsWith('SAME') ? n[a] * stride[a] : undefined;
    if (size === undefined)
      return auto === 'VALID'
        ? { pad: 0, size: all }
        : { pad: given[a], size: all - given[a] - given[a + 2] };
    const total = Math.max(0, all - size);
    return { pad: auto === 'SAME_UPPER' ? total >> 1 : total - (total >> 1), size };
  });
}

export function convTranspose(c: OnnxContext): void {
  const x = image(c),
    w = floats(c, 1, 'weights'),
    [, channels, ...n] = x.shape,
    group = number(c, 'group', 1),
    row = isRow(c);
  need(
    w.shape.length === c.value(0).shape.length && w.shape[0] === channels && channels % group === 0,
    `its weights [${w.shape}] do not belong to ${channels} input channels in ${group} groups`,
  );
  const shape = row ? [...w.shape.slice(0, 2), 1, w.shape[2]] : w.shape,
    kernel = shape.slice(2),
    outputs = shape[1] * group,
    stride = pair(c, 'strides'),
    dilation = pair(c, 'dilations'),
    bias = c.node.inputs[2] ? floats(c, 2, 'bias').data : new Float32Array(outputs);
  need(
    [...shape, ...stride, ...dilation].every((s) => s >= 1 && s <= 32767) && bias.length === outputs,
    `its weights [${w.shape}], strides [${stride}] or bias have impossible sizes`,
  );
  const extents = kernel.map((k, a) => (k - 1) * dilation[a] + 1),
    [height, width] = sides(c, n, stride, extents);
  need(
    [height, width].every(({ pad, size }) => pad >= 0 && pad <= 32767 && size >= 1 && size <= 32767),
    `its padding or output [${height.size},${width.size}] has impossible sizes`,
  );
  const [rows, columns] = [height, width].map(({ pad, size }, a) =>
      axisOf(n[a], size, kernel[a], stride[a], dilation[a], pad),
    ),
    phases = rows.stride * columns.stride;
  const weightCount = phases * outputs * rows.taps * columns.taps * channels;
  need(
    weightCount <= MOST_WEIGHTS,
    `it would have ${weightCount} weights as a convolution: more than fit any microcontroller`,
  );
  const scales = scalesAlong(1, w),
    parameters: FloatParameters = {
      weights: phaseWeights(w.data, shape, group, rows, columns),
      bias: Float32Array.from(repeat(bias, phases)),
      scales: scales && scales.length > 1 ? repeat(scales, phases) : scales,
    };
  const part: Part = {
    op: 'conv2d',
    inputs: [x.tensor],
    window: {
      ...ONE_PIXEL,
      kernel: [rows.taps, columns.taps],
      pads: [rows.before, columns.before, rows.after, columns.after],
    },
    activation: 'none',
    parameters,
  };
  // Memory has a pixel's phases beside each other, and their channels within them.
  const full = [rows.count * rows.stride, columns.count * columns.stride],
    phased = layoutOf([outputs, rows.count, rows.stride, columns.count, columns.stride], [1, 3, 2, 4, 0]),
    seen = (size: number[]): number[] => (row ? [1, outputs, size[1]] : [1, outputs, ...size]),
    layout = reshaped(phased, seen(full))!,
    ours = [1, rows.count, columns.count, phases * outputs],
    size = [height.size, width.size];
  if (full.join() === size.join()) return c.emit(part, layout, ours);
  emitPart(c, c.before(part, layout, c.node.outputs[0], ours), seen(size).map(whole));
}
