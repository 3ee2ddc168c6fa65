/** TFLite's operators that take parts of a tensor. */
import { elements } from '../graph';
import { finish, temporary, valueOf, viewed, type Value } from '../import/tflite/chain';
import {
  integers,
  need,
  needScaleOf,
  operand,
  result,
  type TfContext,
  type TfConverter,
} from '../import/tflite/context';
import type { TfOperator, TfTensor } from '../import/tflite/read';
import { partsOf } from '../import/tflite/strided-slice';
import { picked } from './copies-tflite';
import { along, listsOf, whole, type Part } from './parts';

/** Neighbouring dimensions that are taken whole, but for the first of them, as one. */
function merged(shape: number[], parts: Part[]): { shape: number[]; parts: Part[] } {
  const result = { shape: [] as number[], parts: [] as Part[] };
  parts.forEach((part, i) => {
    const last = result.parts.length - 1,
      inner = shape[i];
    if (last < 0 || part.count !== inner || part.stride !== 1 || result.parts[last].stride !== 1) {
      result.shape.push(inner);
      result.parts.push(part);
      return;
    }
    const { begin, count } = result.parts[last];
    result.shape[last] *= inner;
    result.parts[last] = { begin: begin * inner, stride: 1, count: count * inner };
  });
  return result;
}

/**
 * Part of a value from TFLite, in the shape of its counts. Where more than four dimensions are cut, it is one
 * after another.
 */
export function sliced(c: TfContext, x: Value, parts: Part[]): Value {
  const count = parts.map((p) => p.count);
  need(elements(count) > 0, 'nothing is left of its input');
  if (count.join() === x.shape.join() && parts.every((p) => p.stride === 1)) return x;
  const few = x.shape.length <= 4 ? { shape: x.shape, parts } : merged(x.shape, parts);
  if (few.shape.length > 4) {
    const d = parts.findIndex((p, i) => p.stride !== 1 || p.count !== x.shape[i]),
      first = sliced(c, x, along(x.shape, d, parts[d]));
    return sliced(
      c,
      first,
      parts.map((p, i) => (i === d ? whole(p.count) : p)),
    );
  }
  const y = temporary(
    c,
    few.parts.map((p) => p.count),
    x.like,
  );
  c.emit({ op: 'slice', inputs: [viewed(c, x, few.shape).name], output: y.name, ...listsOf(few.parts) });
  return viewed(c, y, count);
}

/** The part of x from `begin` on along an axis. */
export const cut = (c: TfContext, x: Value, axis: number, begin: number, count: number): Value =>
  sliced(c, x, along(x.shape, axis, { begin, stride: 1, count }));

function emitPart(c: TfContext, x: TfTensor, y: TfTensor, parts: Part[]): void {
  const made = parts.map((p) => p.count);
  need(elements(made) === elements(y.shape), `it makes [${made}] of [${x.shape}], not [${y.shape}]`);
  needScaleOf(y, x, 'cutting');
  finish(c, sliced(c, valueOf(c, x), parts), y);
}

const stridedSlice: TfConverter = (op, c) => {
  const x = operand(op, 0),
    lists = [1, 2, 3].map((i) => integers(operand(op, i))),
    made = partsOf(x.shape, lists, op.options);
  need(made, `its begin, end and strides [${lists.join('], [')}] do not fit its input [${x.shape}]`);
  emitPart(c, x, result(op), made.parts);
};

const slice: TfConverter = (op, c) => {
  const x = operand(op, 0),
    [begins, sizes] = [1, 2].map((i) => integers(operand(op, i))),
    parts = x.shape.map((size, d) => ({
      begin: begins[d],
      stride: 1,
      count: sizes[d] === -1 ? size - begins[d] : sizes[d],
    }));
  const fits = parts.every(({ begin, count }, d) => begin >= 0 && count > 0 && begin + count <= x.shape[d]);
  need(fits, `its begin [${begins}] and size [${sizes}] do not fit its input [${x.shape}]`);
  emitPart(c, x, result(op), parts);
};

/** Cuts x along an axis into the operator's outputs, which have these sizes there. */
function splitInto(op: TfOperator, c: TfContext, x: TfTensor, given: number, sizes: number[]): void {
  const axis = given < 0 ? given + x.shape.length : given,
    sum = sizes.reduce((a, b) => a + b, 0),
    fits = sizes.length === op.outputs.length && sizes.every((n) => n > 0) && sum === x.shape[axis];
  need(fits, `axis ${given} of [${x.shape}] cannot be split into [${sizes}]`);
  let begin = 0;
  op.outputs.forEach((y, i) => {
    needScaleOf(y, x, 'cutting');
    finish(c, cut(c, valueOf(c, x), axis, begin, sizes[i]), y);
    begin += sizes[i];
  });
}

const split: TfConverter = (op, c) => {
  const x = operand(op, 1),
    [axis] = integers(operand(op, 0)),
    n = op.outputs.length;
  splitInto(op, c, x, axis, new Array<number>(n).fill(x.shape.at(axis)! / n));
};

const splitV: TfConverter = (op, c) => {
  const x = operand(op, 0),
    sizes = integers(operand(op, 1)),
    [axis] = integers(operand(op, 2)),
    named = sizes.reduce((sum, n) => sum + Math.max(n, 0), 0);
  splitInto(
    op,
    c,
    x,
    axis,
    sizes.map((n) => (n === -1 ? x.shape.at(axis)! - named : n)),
  );
};

const unpack: TfConverter = (op, c) => {
  const x = operand(op, 0);
  splitInto(
    op,
    c,
    x,
    op.options?.int32(1) ?? 0,
    op.outputs.map(() => 1),
  );
};

const reverse: TfConverter = (op, c) => {
  const x = operand(op, 0),
    axes = integers(operand(op, 1)).map((a) => (a < 0 ? a + x.shape.length : a));
  const parts = x.shape.map((n, d) => (axes.includes(d) ? { begin: n - 1, stride: -1, count: n } : whole(n)));
  emitPart(c, x, result(op), parts);
};

/** Along one axis, by a list of places. */
const gather: TfConverter = (op, c) => {
  const x = operand(op, 0),
    places = integers(operand(op, 1)),
    given = op.options?.int32(0) ?? 0,
    axis = given < 0 ? given + x.shape.length : given,
    stride = (places[1] ?? places[0] + 1) - places[0];
  need((op.options?.int32(1) ?? 0) === 0, 'it has batch dimensions');
  need(
    places.every((p) => p >= 0 && p < x.shape[axis]),
    `it takes [${places}] along axis ${axis} of [${x.shape}]`,
  );
  const even = stride !== 0 && places.every((p, i) => p === places[0] + i * stride);
  if (even) {
    const part = { begin: places[0], stride, count: places.length };
    return emitPart(c, x, result(op), along(x.shape, axis, part));
  }
  needScaleOf(result(op), x, 'taking parts');
  finish(c, picked(c, valueOf(c, x), axis, places), result(op));
};

export const slices: Record<string, TfConverter> = {
  STRIDED_SLICE: stridedSlice,
  SLICE: slice,
  SPLIT: split,
  SPLIT_V: splitV,
  UNPACK: unpack,
  GATHER: gather,
  REVERSE_V2: reverse,
};
