/** An image of another size whose pixels are copies of the nearest ones. */
import { ResizeNearest } from '../../src/operators/resize-nearest';
import { image, integers, need as needOnnx, optional, word, type OnnxContext } from '../import/onnx/context';
import { need, operand, result, type TfConverter } from '../import/tflite/context';
import { define } from './operator';

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
 * Where an output position lies in the input, by ONNX's names; in float32, in which ONNX Runtime rounds some to
 * the other side.
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
    old = c.opset < 11;
  word(c, 'mode', 'nearest', ['nearest']);
  const position =
      positions[
        word(c, 'coordinate_transformation_mode', old ? 'asymmetric' : 'half_pixel', Object.keys(positions))
      ],
    rounding =
      roundings[word(c, 'nearest_mode', old ? 'floor' : 'round_prefer_floor', Object.keys(roundings))];
  needOnnx(c.node.attributes.get('axes') === undefined, 'it resizes along listed axes only');
  const scales = optional(c, old ? 1 : 2, 'scales')?.data ?? [],
    sizes = integers(c, 3, 'sizes') ?? x.shape.map((d, i) => Math.floor(d * (scales[i] ?? NaN)));
  const fits =
    sizes.length === 4 &&
    sizes[0] === 1 &&
    sizes[1] === x.shape[1] &&
    sizes.every((s) => s >= 1 && s <= 32767);
  needOnnx(fits, `it makes [${sizes}] of [${x.shape}]`);
  if (sizes.join() === x.shape.join()) return c.alias(x); // whatever the scales are
  const sources = (axis: number): number[] => {
    const from = x.shape[axis],
      to = sizes[axis],
      scale = scales.length ? scales[axis] : f(to / from);
    return Array.from({ length: to }, (_, i) =>
      Math.max(0, Math.min(from - 1, rounding(position(i, scale, from, to)))),
    );
  };
  c.emit({ op: 'resizeNearest', inputs: [x.tensor], rows: sources(2), columns: sources(3) }, sizes);
}

export const resizeNearest = define({
  kind: 'resizeNearest',
  device: ['resizeNearest'],
  onnx: { Resize: fromOnnx },
  tflite: { RESIZE_NEAREST_NEIGHBOR: fromTflite },
  scale: () => 'input',
  lower: ({ rows, columns }) => ({
    operator: 'resizeNearest',
    fields: [
      [ResizeNearest.rows, Int32Array.from(rows)],
      [ResizeNearest.columns, Int32Array.from(columns)],
    ],
  }),
});
