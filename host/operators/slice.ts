/** A strided part of a tensor. */
import { Slice } from '../../src/operators/slice';
import { elements } from '../graph';
import {
  axisOf,
  integers,
  need as needOnnx,
  number,
  numbers,
  optional,
  refuse,
  type OnnxContext,
  type Value,
} from '../import/onnx/context';
import { layoutOf, reshaped } from '../import/onnx/layout';
import { commonOrder, inDims, shaped } from '../import/onnx/order';
import { partsOf } from '../import/onnx/slice-parts';
import { copied } from './copies';
import { along, listsOf, whole, type Part } from './parts';
import { define } from './operator';
import { slices } from './slice-tflite';
import { batchToSpace, spaceToBatch } from './space-to-batch';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Per dimension of the input. */
    slice: { begin: number[]; stride: number[]; count: number[] };
  }
}

/** Sizes and parts of four dimensions at most: those that stay whole are one with such ones before them. */
function few(sizes: number[], parts: Part[]): { sizes: number[]; parts: Part[] } {
  const all = { sizes: [...sizes], parts: [...parts] };
  const stays = (i: number): boolean => all.parts[i].stride === 1 && all.parts[i].count === all.sizes[i];
  for (let i = all.sizes.length - 1; i > 0 && all.sizes.length > 4; i--) {
    if (!stays(i) || !stays(i - 1)) continue;
    const size = all.sizes[i - 1] * all.sizes[i];
    all.sizes.splice(i - 1, 2, size);
    all.parts.splice(i - 1, 2, whole(size));
  }
  needOnnx(all.sizes.length <= 4, 'it cuts more than four dimensions');
  return all;
}

/**
 * Emits the part of x, given in ONNX's order, as output i.
 * @param seen its shape, where that has fewer dimensions
 */
export function emitPart(c: OnnxContext, x: Value, given: Part[], i = 0, seen?: number[]): void {
  const dims = commonOrder([x]),
    shape = given.map((p) => p.count);
  needOnnx(elements(shape) > 0, 'nothing is left of its input');
  const { sizes, parts } = few(
      dims.map((d) => x.shape[d]),
      dims.map((d) => given[d]),
    ),
    from = shaped(c, inDims(c, x, dims), sizes),
    counts = parts.map((p) => p.count);
  const layout = layoutOf(shape, dims);
  c.emit(
    { op: 'slice', inputs: [from.tensor], ...listsOf(parts) },
    seen ? reshaped(layout, seen)! : layout,
    counts,
    i,
  );
}

function sliceOnnx(c: OnnxContext): void {
  const { shape } = c.value(0),
    begins = integers(c, 1, 'starts') ?? refuse('its starts must be a constant'),
    ends = integers(c, 2, 'ends') ?? refuse('its ends must be a constant'),
    axes = integers(c, 3, 'axes'),
    steps = integers(c, 4, 'steps');
  emitPart(c, c.value(0), partsOf(shape, begins, ends, axes, steps));
}

/** Indices along one axis: a part where they are evenly spaced, as those of channels often are. */
function gatherOnnx(c: OnnxContext): void {
  const x = c.value(0),
    { shape } = x,
    indices = optional(c, 1, 'indices') ?? refuse('its indices must be a constant'),
    axis = axisOf(number(c, 'axis', 0), shape.length),
    chosen = Array.from(indices.data, (i) => (i < 0 ? i + shape[axis] : i)),
    [begin] = chosen,
    stride = chosen.length > 1 ? chosen[1] - begin : 1;
  const inside = chosen.every((i) => Number.isInteger(i) && i >= 0 && i < shape[axis]),
    even = stride !== 0 && chosen.every((v, i) => v === begin + i * stride),
    out = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  needOnnx(chosen.length && inside, `it takes [${chosen.slice(0, 8)}] of ${shape[axis]}`);
  if (even) {
    const part = { begin, stride, count: chosen.length };
    return emitPart(c, x, along(shape, axis, part), 0, out);
  }
  const all = copied(c, x, axis, chosen, c.node.outputs[0]);
  c.alias({ ...all, ...reshaped(all, out) });
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
    if (c.node.outputs[i]) emitPart(c, c.value(0), along(shape, axis, part), i);
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
  onnx: { Gather: gatherOnnx, Slice: sliceOnnx, Split: splitOnnx },
  tflite: { ...slices, BATCH_TO_SPACE_ND: batchToSpace, SPACE_TO_BATCH_ND: spaceToBatch },
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
