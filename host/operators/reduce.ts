/** Reductions over any dimensions. */
import { elements, type IntParameters, type Node } from '../graph';
import {
  axisOf,
  integers as integersOnnx,
  need as needOnnx,
  number,
  type OnnxContext,
  type Part,
} from '../import/onnx/context';
import { axesOfDims, type Layout } from '../import/onnx/layout';
import { around, shaped } from '../import/onnx/order';
import { finish, temporary, valueOf, viewed, type Value } from '../import/tflite/chain';
import { integers, need, operand, result, type TfContext, type TfConverter } from '../import/tflite/context';
import type { TfOperator } from '../import/tflite/read';
import { transposed } from './transpose';

/** A node without what it reads and writes. */
export type Reduction =
  Node<IntParameters> extends infer N
    ? N extends unknown
      ? Omit<N, 'name' | 'inputs' | 'output'>
      : never
    : never;

/**
 * Reduces a value over the axes that the operator's second input lists: as an image that becomes one pixel,
 * for which the dimensions that go are put in front of those that stay.
 * @param make the node for an image of [height, width]
 */
export function reduceOver(
  op: TfOperator,
  c: TfContext,
  x: Value,
  make: (size: [number, number]) => Reduction,
): Value {
  const rank = x.shape.length,
    given = integers(operand(op, 1)).map((a) => (a < 0 ? a + rank : a)),
    axes = [...new Set(given)].sort((a, b) => a - b);
  need(
    axes.every((a) => a >= 0 && a < rank),
    `axes [${axes}] of [${x.shape}]`,
  );
  const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d)),
    turned = transposed(c, x, [...axes, ...kept]),
    size = elements(axes.map((a) => x.shape[a])),
    channels = elements(x.shape) / size,
    height = axes.length > 1 ? x.shape[axes[0]] : size,
    width = size / height;
  const image = viewed(c, turned, [1, height, width, channels]),
    y = temporary(c, [1, 1, 1, channels], result(op));
  c.emit({ ...make([height, width]), inputs: [image.name], output: y.name } as never);
  return y;
}

/** @param make the node for an image of [height, width] */
export const reduce =
  (make: (size: [number, number]) => Reduction): TfConverter =>
  (op, c) =>
    finish(c, reduceOver(op, c, valueOf(c, operand(op, 0)), make), result(op));

type PartOfOnnx = Part extends infer N ? (N extends unknown ? Omit<N, 'inputs'> : never) : never;

/**
 * From ONNX, over any dimensions, which are made neighbours.
 * @param make the node, and the image that it reads, for dimensions of `size` between `outer` and `inner`
 */
export const reduceOnnx =
  (make: (around: { outer: number; size: number; inner: number }) => { shape: number[]; node: PartOfOnnx }) =>
  (c: OnnxContext): void => {
    const x = c.value(0),
      rank = x.shape.length,
      listed = integersOnnx(c, 1, 'axes')?.map((a) => axisOf(a, rank)) ?? [],
      nothing = !listed.length && number(c, 'noop_with_empty_axes', 0),
      axes = listed.length ? listed : x.shape.map((_, d) => d);
    if (nothing) return c.alias(x);
    const { value, ...sizes } = around(c, x, axes),
      { shape, node } = make(sizes);
    needOnnx(
      [sizes.outer, sizes.size].every((n) => n <= 32767),
      `it reduces axes [${axes}] of [${x.shape}], which is more than windows can be`,
    );
    const inputs = [shaped(c, value, shape).tensor],
      layout = without(value, axes, !!number(c, 'keepdims', 1));
    c.emit({ ...node, inputs } as Part, layout, [1, sizes.outer, 1, sizes.inner]);
  };

/** A layout without some of its dimensions, or with ones in their places. */
function without(layout: Layout, dims: number[], keep: boolean): Layout {
  const gone = new Set(axesOfDims(layout).flatMap((own, d) => (dims.includes(d) ? own : []))),
    left = layout.axes.map((_, a) => a).filter((a) => !gone.has(a));
  return {
    shape: layout.shape.flatMap((size, d) => (dims.includes(d) ? (keep ? [1] : []) : [size])),
    axes: left.map((a) => layout.axes[a]),
    order: layout.order.filter((a) => !gone.has(a)).map((a) => left.indexOf(a)),
  };
}
