/** An image of another size whose pixels are copies of the nearest ones. */
import { ResizeNearest } from '../../src/operators/resize-nearest';
import {
  axisOf,
  integers,
  need as needOnnx,
  number,
  numbers,
  optional,
  refuse,
  word,
  type OnnxContext,
} from '../import/onnx/context';
import { broadcastShape } from '../import/onnx/repeat';
import { emitImage, image, isRow } from '../import/onnx/order';
import { need, operand, result, type TfConverter } from '../import/tflite/context';
import { expanded } from './broadcast';
import { tile } from './copies';
import { define } from './operator';
import { broadcastTo, mirrorPad, tile as tileTflite } from './copies-tflite';
import { within } from './resize-bilinear';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Input row and column of each output row and column. */
    resizeNearest: { rows: number[]; columns: number[] };
  }
}

const f = Math.fround;

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    y = result(op),
    corners = op.options?.int8(0) === 1,
    centers = op.options?.int8(1) === 1;
  const images = x.shape.length === 4 && x.shape[0] === 1 && y.shape.length === 4;
  need(images, `its input has the shape [${x.shape}]`);
  const sources = (from: number, to: number): number[] => {
    const scale = corners && to > 1 ? f((from - 1) / (to - 1)) : f(from / to);
    return Array.from({ length: to }, (_, i) => {
      const at = f(f(i + (centers ? 0.5 : 0)) * scale);
      return Math.max(0, Math.min(from - 1, corners ? Math.round(at) : Math.floor(at)));
    });
  };
  const rows = sources(x.shape[1], y.shape[1]),
    columns = sources(x.shape[2], y.shape[2]);
  c.emit({ op: 'resizeNearest', inputs: [c.name(x)], output: c.name(y), rows, columns });
};

/**
 * Where an output position lies in the input, by ONNX's names; in float32, in which ONNX Runtime rounds some
 * to the other side.
 */
const positions: Record<string, (i: number, scale: number, from: number, to: number) => number> = {
  asymmetric: (i, scale) => f(i / scale),
  half_pixel: (i, scale) => f(f((i + 0.5) / scale) - 0.5),
  pytorch_half_pixel: (i, scale, _, to) => (to > 1 ? f(f((i + 0.5) / scale) - 0.5) : 0),
  align_corners: (i, _, from, to) => (to > 1 ? f((i * (from - 1)) / (to - 1)) : 0),
};
const roundings: Record<string, (v: number) => number> = {
  round_prefer_floor: (v) => Math.ceil(v - 0.5),
  round_prefer_ceil: (v) => Math.floor(v + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function fromOnnx(c: OnnxContext): void {
  const x = image(c),
    old = c.opset < 11 || c.node.type === 'Upsample';
  const linear = word(c, 'mode', 'nearest', ['nearest', 'linear']) === 'linear';
  const position =
      positions[
        word(c, 'coordinate_transformation_mode', old ? 'asymmetric' : 'half_pixel', Object.keys(positions))
      ],
    rounding =
      roundings[word(c, 'nearest_mode', old ? 'floor' : 'round_prefer_floor', Object.keys(roundings))];
  needOnnx(!number(c, 'antialias', 0), 'it smooths what it shrinks: export it with antialias=0');
  // Since opset 18 it may list the axes that it has sizes or scales for.
  const dims = isRow(c) ? [0, 1, 3] : [0, 1, 2, 3], // a row is an image of one row
    axes = numbers(c, 'axes', undefined)?.map((a) => dims[axisOf(a, dims.length)]) ?? dims,
    given = optional(c, old ? 1 : 2, 'scales')?.data ?? c.node.attributes.get('scales') ?? [],
    listed = Array.isArray(given) || given instanceof Float32Array ? Array.from(given) : [],
    scales = listed.length ? x.shape.map((_, d) => (axes.includes(d) ? listed[axes.indexOf(d)] : 1)) : [],
    wanted = integers(c, 3, 'sizes'),
    sizes = x.shape.map((size, d) => {
      if (wanted) return axes.includes(d) ? wanted[axes.indexOf(d)] : size;
      return Math.floor(size * (scales[d] ?? NaN));
    });
  const complete =
    (listed.length === axes.length || !listed.length) && (!wanted || wanted.length === axes.length);
  needOnnx(complete, `its sizes or scales do not fit its axes [${axes}]`);
  word(c, 'keep_aspect_ratio_policy', 'stretch', ['stretch']);
  const fits =
    sizes.length === 4 &&
    sizes[0] === 1 &&
    sizes[1] === x.shape[1] &&
    sizes.every((s) => s >= 1 && s <= 32767);
  needOnnx(fits, `it makes [${sizes}] of [${x.shape}]`);
  if (sizes.join() === x.shape.join()) return c.alias(c.value(0)); // whatever the scales are
  const sources = (axis: number): number[] => {
    const from = x.shape[axis],
      to = sizes[axis],
      scale = scales.length ? scales[axis] : f(to / from);
    return Array.from({ length: to }, (_, i) => {
      const at = position(i, scale, from, to);
      if (linear) return within(at, from);
      return Math.max(0, Math.min(from - 1, rounding(at)));
    });
  };
  const op = linear ? 'resizeBilinear' : 'resizeNearest';
  emitImage(c, { op, inputs: [x.tensor], rows: sources(2), columns: sources(3) }, sizes);
}

/** A value repeated along its dimensions of 1. */
function expand(c: OnnxContext): void {
  const x = c.value(0),
    shape = integers(c, 1, 'shape') ?? refuse('its shape must be a constant');
  c.alias(expanded(c, x, broadcastShape(x.shape, shape)));
}

export const resizeNearest = define({
  kind: 'resizeNearest',
  device: ['resizeNearest'],
  onnx: { Expand: expand, Resize: fromOnnx, Tile: tile, Upsample: fromOnnx },
  tflite: {
    BROADCAST_TO: broadcastTo,
    MIRROR_PAD: mirrorPad,
    RESIZE_NEAREST_NEIGHBOR: fromTflite,
    TILE: tileTflite,
  },
  scale: () => 'input',
  lower: ({ rows, columns }) => ({
    operator: 'resizeNearest',
    fields: [
      [ResizeNearest.rows, Int32Array.from(rows)],
      [ResizeNearest.columns, Int32Array.from(columns)],
    ],
  }),
});
