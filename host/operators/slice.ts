/** A strided part of a tensor. */
import { Slice } from '../../src/operators/slice';
import { elements } from '../graph';
import {
  TO_ONNX,
  axisOf,
  integers,
  need as needOnnx,
  number,
  numbers,
  ordered,
  refuse,
  type OnnxContext,
} from '../import/onnx/context';
import { integers as integersTf, need, operand, result, type TfConverter } from '../import/tflite/context';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Per dimension of the input. */
    slice: { begin: number[]; stride: number[]; count: number[] };
  }
}

/** One dimension of a slice. */
interface Part {
  begin: number;
  stride: number;
  count: number;
}

/** A part between two bounds, which may count from the end and lie outside, as both formats allow. */
function partOf(size: number, begin: number, end: number, stride: number): Part {
  const low = stride > 0 ? 0 : -1,
    high = stride > 0 ? size : size - 1;
  const at = (v: number): number => Math.max(low, Math.min(high, v < 0 ? v + size : v));
  const first = at(begin);
  return { begin: first, stride, count: Math.max(0, Math.ceil((at(end) - first) / stride)) };
}

const whole = (size: number): Part => ({ begin: 0, stride: 1, count: size });

const listsOf = (parts: Part[]): { begin: number[]; stride: number[]; count: number[] } => ({
  begin: parts.map((p) => p.begin),
  stride: parts.map((p) => p.stride),
  count: parts.map((p) => p.count),
});

const stridedSlice: TfConverter = (op, c) => {
  const x = operand(op, 0),
    o = op.options,
    [begins, ends, strides] = [1, 2, 3].map((i) => integersTf(operand(op, i)));
  need(!o?.int32(2) && !o?.int32(3), 'it uses an ellipsis or new-axis mask');
  const fits =
    [begins, ends, strides].every((list) => list.length <= x.shape.length) && strides.every((s) => s !== 0);
  need(fits, 'its begin, end and strides do not fit its input');
  const parts = x.shape.map((size, d): Part => {
    const stride = strides[d] ?? 1,
      given = d < begins.length,
      masked = (field: number): boolean => (((o?.int32(field) ?? 0) >> d) & 1) === 1;
    const first =
      !given || masked(0) ? (stride > 0 ? 0 : size - 1) : partOf(size, begins[d], begins[d], stride).begin;
    if (given && masked(4)) return { begin: first, stride, count: 1 };
    const open = !given || masked(1),
      end = open ? (stride > 0 ? size : -1) : partOf(size, ends[d], ends[d], stride).begin;
    return { begin: first, stride, count: Math.max(0, Math.ceil((end - first) / stride)) };
  });
  const lists = listsOf(parts);
  need(elements(lists.count) > 0, 'nothing is left of its input');
  c.emit({ op: 'slice', inputs: [c.name(x)], output: c.name(result(op)), ...lists });
};

const splitTf: TfConverter = (op, c) => {
  const x = operand(op, 1),
    [given] = integersTf(operand(op, 0)),
    axis = given < 0 ? given + x.shape.length : given,
    n = op.outputs.length;
  const divides = axis >= 0 && axis < x.shape.length && x.shape[axis] % n === 0;
  need(divides, `axis ${given} of [${x.shape}] cannot be split into ${n}`);
  const count = x.shape[axis] / n;
  op.outputs.forEach((y, i) => {
    const parts = x.shape.map((size, d) =>
      d === axis ? { begin: i * count, stride: 1, count } : whole(size),
    );
    c.emit({ op: 'slice', inputs: [c.name(x)], output: c.name(y), ...listsOf(parts) });
  });
};

/** Emits the part of x, in ONNX's order, as output i. */
function emitPart(c: OnnxContext, parts: Part[], i = 0): void {
  const x = ordered(c);
  needOnnx([2, 4].includes(x.shape.length), `its input has the shape [${x.shape}]; images and vectors run`);
  const shape = parts.map((p) => p.count);
  needOnnx(elements(shape) > 0, 'nothing is left of its input');
  const ours = x.shape.length === 4 ? TO_ONNX.map((d) => parts[d]) : parts;
  c.emit({ op: 'slice', inputs: [x.tensor], ...listsOf(ours) }, shape, undefined, i);
}

function sliceOnnx(c: OnnxContext): void {
  const { shape } = c.value(0),
    begins = integers(c, 1, 'starts') ?? refuse('its starts must be a constant'),
    ends = integers(c, 2, 'ends') ?? refuse('its ends must be a constant'),
    axes = (integers(c, 3, 'axes') ?? begins.map((_, i) => i)).map((a) => axisOf(a, shape.length)),
    steps = integers(c, 4, 'steps') ?? begins.map(() => 1);
  const lists =
    [ends, axes, steps].every((list) => list.length === begins.length) && steps.every((s) => s !== 0);
  needOnnx(lists, 'its starts, ends, axes and steps do not fit each other');
  const parts = shape.map(whole);
  axes.forEach((axis, i) => (parts[axis] = partOf(shape[axis], begins[i], ends[i], steps[i])));
  emitPart(c, parts);
}

function splitOnnx(c: OnnxContext): void {
  const { shape } = c.value(0),
    axis = axisOf(number(c, 'axis', 0), shape.length),
    n = c.node.outputs.length,
    even = Math.ceil(shape[axis] / n);
  const sizes =
    integers(c, 1, 'split') ??
    numbers(c, 'split', undefined) ??
    Array.from({ length: n }, (_, i) => Math.min(even, shape[axis] - i * even));
  const fits =
    sizes.length === n && sizes.reduce((a, b) => a + b, 0) === shape[axis] && sizes.every((s) => s > 0);
  needOnnx(fits, `it splits [${shape}] along axis ${axis} into [${sizes}]`);
  let begin = 0;
  sizes.forEach((count, i) => {
    const part = { begin, stride: 1, count };
    if (c.node.outputs[i])
      emitPart(
        c,
        shape.map((size, d) => (d === axis ? part : whole(size))),
        i,
      );
    begin += count;
  });
}

/** Four dimensions, missing outer ones holding `value`. */
const outer = (list: number[], value: number): number[] => [
  ...new Array<number>(4 - list.length).fill(value),
  ...list,
];

export const slice = define({
  kind: 'slice',
  device: ['slice'],
  onnx: { Slice: sliceOnnx, Split: splitOnnx },
  tflite: { STRIDED_SLICE: stridedSlice, SPLIT: splitTf },
  scale: () => 'input',
  lower: ({ begin, stride, count }) => ({
    operator: 'slice',
    fields: [
      [Slice.begin, outer(begin, 0)],
      [Slice.stride, outer(stride, 1)],
      [Slice.count, outer(count, 1)],
    ],
  }),
});
