/** A border of one value around a tensor. */
import { Pad } from '../../src/operators/pad';
import {
  axisOf,
  integers,
  need as needOnnx,
  refuse,
  scalar,
  word,
  type OnnxContext,
} from '../import/onnx/context';
import { layoutOf } from '../import/onnx/layout';
import { commonOrder, emitImage, image, inDims, isRow, shaped } from '../import/onnx/order';
import {
  integers as integersTf,
  need,
  operand,
  quantization,
  needScaleOf,
  result,
  type TfContext,
  type TfConverter,
} from '../import/tflite/context';
import { finish, temporary, valueOf, viewed, type Value } from '../import/tflite/chain';
import type { TfOperator } from '../import/tflite/read';
import { elements } from '../graph';
import { round } from './multiplier';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Elements added before and after each dimension; value: a real number. */
    pad: { before: number[]; after: number[]; value: number };
  }
}

/** Pairs of numbers as the first and the second ones. */
export const sidesOf = (pairs: number[]): { before: number[]; after: number[] } => ({
  before: pairs.filter((_, i) => i % 2 === 0),
  after: pairs.filter((_, i) => i % 2 === 1),
});

/** The pairs of numbers that a TFLite operator puts around its input: before and after each dimension. */
export function padsOf(op: TfOperator): { before: number[]; after: number[] } {
  const { shape } = operand(op, 0),
    pairs = integersTf(operand(op, 1));
  need(pairs.length === shape.length * 2 && pairs.every((n) => n >= 0), `paddings [${pairs}] for [${shape}]`);
  return sidesOf(pairs);
}

/** A value from TFLite in a border of a real number. Of more than four dimensions one is padded at a time. */
export function padded(c: TfContext, x: Value, before: number[], after: number[], value: number): Value {
  const shape = x.shape.map((size, d) => before[d] + size + after[d]);
  if (shape.join() === x.shape.join()) return x;
  if (shape.length <= 4) {
    const y = temporary(c, shape, x.like);
    c.emit({ op: 'pad', inputs: [x.name], output: y.name, before, after, value });
    return y;
  }
  const d = shape.findIndex((size, i) => size !== x.shape[i]),
    lines = [elements(x.shape.slice(0, d)), x.shape[d], elements(x.shape.slice(d + 1))],
    y = padded(c, viewed(c, x, lines), [0, before[d], 0], [0, after[d], 0], value),
    others = (list: number[]): number[] => list.map((n, i) => (i === d ? 0 : n)),
    made = x.shape.map((size, i) => (i === d ? shape[d] : size));
  return padded(c, viewed(c, y, made), others(before), others(after), value);
}

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    { before, after } = padsOf(op),
    q = quantization(x),
    fill = op.inputs[2];
  let value = 0;
  if (fill) {
    need(fill.type === 'int8' && fill.data.length === 1, 'its fill value is no int8 constant');
    value = q.scale * (((fill.data[0] << 24) >> 24) - q.zeroPoint);
  }
  needScaleOf(result(op), x, 'padding');
  finish(c, padded(c, valueOf(c, x), before, after, value), result(op));
};

/** Which value of n stands at a place outside, by ONNX's modes. */
const outside: Record<string, (at: number, n: number) => number> = {
  edge: (at, n) => Math.max(0, Math.min(n - 1, at)),
  reflect: (at, n) => {
    const period = Math.max(1, 2 * (n - 1)),
      place = ((at % period) + period) % period;
    return place < n ? place : period - place;
  },
  wrap: (at, n) => ((at % n) + n) % n,
};

function fromOnnx(c: OnnxContext): void {
  const x = c.value(0),
    rank = x.shape.length,
    given = integers(c, 1, 'pads') ?? refuse('its pads must be a constant'),
    value = scalar(c, 2, 'value', 0),
    mode = word(c, 'mode', 'constant', ['constant', ...Object.keys(outside)]);
  needOnnx(Number.isFinite(value), `it pads with ${value}`);
  needOnnx(rank <= 4, `its input has the shape [${x.shape}], more than four dimensions`);
  const axes = (integers(c, 3, 'axes') ?? x.shape.map((_, d) => d)).map((a) => axisOf(a, rank)), // since opset 18
    before = x.shape.map(() => 0),
    after = x.shape.map(() => 0);
  const fits = given.length === 2 * axes.length && new Set(axes).size === axes.length;
  needOnnx(fits, `it has ${given.length} pads for axes [${axes}]`);
  axes.forEach((axis, i) => ((before[axis] = given[i]), (after[axis] = given[i + axes.length])));
  needOnnx(
    given.every((p) => p >= 0),
    `its pads are [${given}]: images grow`,
  );
  const shape = x.shape.map((d, i) => d + before[i] + after[i]);
  if (mode !== 'constant') return copied(c, mode, before, shape);
  const dims = commonOrder([x]),
    from = shaped(
      c,
      inDims(c, x, dims),
      dims.map((d) => x.shape[d]),
    );
  c.emit(
    {
      op: 'pad',
      inputs: [from.tensor],
      before: dims.map((d) => before[d]),
      after: dims.map((d) => after[d]),
      value,
    },
    layoutOf(shape, dims),
    dims.map((d) => shape[d]),
  );
}

/** A border of copies, as a resized image whose outer pixels are chosen so. @param shape with the border */
function copied(c: OnnxContext, mode: string, before: number[], shape: number[]): void {
  const x = image(c),
    [, channels] = x.shape,
    ends = isRow(c) ? [0, before[2]] : before.slice(2),
    [height, width] = isRow(c) ? [1, shape[2]] : shape.slice(2);
  needOnnx(
    shape[0] === 1 && shape[1] === channels,
    `its mode is ${mode}, and it pads more than height and width`,
  );
  const sources = (axis: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => outside[mode](i - ends[axis], x.shape[2 + axis]));
  const rows = sources(0, height),
    columns = sources(1, width);
  needOnnx(height <= 32767 && width <= 32767, `it makes [${shape}] of [${x.shape}]`);
  emitImage(c, { op: 'resizeNearest', inputs: [x.tensor], rows, columns }, [1, channels, height, width]);
}

/** Four dimensions, missing outer ones being unpadded. */
const outer = (list: number[]): number[] => [...new Array<number>(4 - list.length).fill(0), ...list];

export const pad = define({
  kind: 'pad',
  device: ['pad'],
  onnx: { Pad: fromOnnx },
  tflite: { PAD: fromTflite, PADV2: fromTflite },
  scale: () => 'input',
  lower(node, { tensor }) {
    const { scale, zeroPoint } = tensor(node.output).quantization;
    return {
      operator: 'pad',
      fields: [
        [Pad.before, outer(node.before)],
        [Pad.after, outer(node.after)],
        [Pad.value, Math.max(-128, Math.min(127, round(node.value / scale) + zeroPoint))],
      ],
    };
  },
});
