/** An image of another size whose values lie between neighbours. */
import { RESIZE_STEPS, ResizeBilinear } from '../../src/operators/resize-bilinear';
import { need, needScaleOf, operand, result, type TfConverter } from '../import/tflite/context';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Where in the input each output row and column lies, in pixels from its first one. */
    resizeBilinear: { rows: number[]; columns: number[] };
  }
}

/** Within an image of so many pixels: before its first one and behind its last one these are repeated. */
export const within = (position: number, size: number): number => Math.max(0, Math.min(size - 1, position));

/** TensorFlow Lite's ComputeInterpolationValuesInteger. */
function positions(from: number, to: number, corners: boolean, centers: boolean): number[] {
  const between = corners && to > 1,
    [inputs, outputs] = between ? [from - 1, to - 1] : [from, to],
    scale = Math.floor((RESIZE_STEPS * inputs + Math.floor(outputs / 2)) / outputs),
    first = centers ? Math.floor(scale / 2) - RESIZE_STEPS / 2 : 0;
  return Array.from({ length: to }, (_, i) => within((i * scale + first) / RESIZE_STEPS, from));
}

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    y = result(op),
    corners = op.options?.int8(2) === 1,
    centers = op.options?.int8(3) === 1;
  need(!corners || !centers, 'it aligns both corners and centers of pixels');
  const images =
    x.shape.length === 4 && x.shape[0] === 1 && y.shape.length === 4 && y.shape[3] === x.shape[3];
  const sizes = [...x.shape, ...y.shape].every((d) => d >= 1 && d <= 32767);
  need(images && sizes, `it makes [${y.shape}] of [${x.shape}]`);
  needScaleOf(y, x, 'resizing');
  const rows = positions(x.shape[1], y.shape[1], corners, centers),
    columns = positions(x.shape[2], y.shape[2], corners, centers);
  c.emit({ op: 'resizeBilinear', inputs: [c.name(x)], output: c.name(y), rows, columns });
};

const inSteps = (positions: number[]): Int32Array =>
  Int32Array.from(positions, (p) => Math.round(p * RESIZE_STEPS));

export const resizeBilinear = define({
  kind: 'resizeBilinear',
  device: ['resizeBilinear'],
  // ONNX's Resize comes through resize-nearest.ts.
  tflite: { RESIZE_BILINEAR: fromTflite },
  scale: () => 'input',
  lower: ({ rows, columns }) => ({
    operator: 'resizeBilinear',
    fields: [
      [ResizeBilinear.rows, inSteps(rows)],
      [ResizeBilinear.columns, inSteps(columns)],
    ],
  }),
});
