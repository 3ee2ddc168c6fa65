/** Operands from ONNX that are repeated over each other. */
import { elements } from '../graph';
import { need, type OnnxContext, type Value } from '../import/onnx/context';
import { broadcastShape, repeatedOver } from '../import/onnx/repeat';
import { axesOfDims, inMemory, layoutOf, usualOrder, type Layout } from '../import/onnx/layout';
import { inDims, inOrder, shaped } from '../import/onnx/order';

/** Two operands. */
interface Pair {
  /** One of the output's shape. */
  large: Value;
  /** One that is repeated over it. */
  small: Value;
}

/** The value with dimensions of 1 in front, so that it has as many. */
function widened(value: Value, rank: number): Value {
  const ones = new Array<number>(rank - value.shape.length).fill(1);
  return { ...value, shape: [...ones, ...value.shape] };
}

/** A constant as a value, in the order that suits its shape. */
export function constantInput(c: OnnxContext, i: number): Value {
  const { shape, data } = checked(c, i),
    layout = layoutOf(shape);
  return c.before({ op: 'constant', inputs: [], data: inMemory(data, layout) }, layout, c.node.inputs[i]);
}

function checked(c: OnnxContext, i: number): { shape: number[]; data: Float32Array } {
  const { shape, data } = c.constant(i)!,
    name = c.node.inputs[i];
  need(data instanceof Float32Array, `its constant ${name} must be of floats`);
  const used = c.node.type === 'Div' ? data.map((v) => 1 / v) : data; // who divides multiplies
  need(
    used.every(Number.isFinite),
    `its constant ${name} holds values that are not finite, or divides by zero`,
  );
  return { shape, data: used };
}

/** The innermost axes of a layout that hold all those of which `needs` is true, in memory's order. */
function suffix({ order }: Layout, needs: (axis: number) => boolean): number[] {
  const first = order.findIndex(needs);
  return first < 0 ? [] : order.slice(first);
}

/** A tensor of which n values are the last dimensions, and the shape of what is repeated under it. */
function over(c: OnnxContext, given: Value, n: number): { large: Value; under: number[] } {
  const { shape } = c.graph.tensors.get(given.tensor)!,
    from = shape.findIndex((_, d) => elements(shape.slice(d)) === n);
  if (n === 1) return { large: given, under: shape.map(() => 1) };
  if (from >= 0) return { large: given, under: shape.map((size, d) => (d < from ? 1 : size)) };
  return { large: shaped(c, given, [elements(shape) / n, n]), under: [1, n] };
}

/** A constant that is repeated over a value of the output's shape. */
function constantUnder(c: OnnxContext, i: number, given: Value): Pair {
  const { shape, data } = checked(c, i),
    places = repeatedOver(shape, given.shape),
    dims = axesOfDims(given),
    missing = given.shape.length - shape.length,
    varying = new Set(dims.flatMap((own, d) => (d >= missing && shape[d - missing] > 1 ? own : []))),
    inner = suffix(given, (a) => varying.has(a)),
    count = elements(inner.map((a) => given.axes[a])),
    { large, under } = over(c, given, count);
  // Memory's first values are those of every axis that is not repeated.
  const values = inMemory(
    Float32Array.from(places, (p) => data[p]),
    given,
  ).slice(0, count);
  const layout = { shape: [1, count], axes: count > 1 ? [count] : [], order: count > 1 ? [0] : [] };
  const small = c.before({ op: 'constant', inputs: [], data: values }, layout, c.node.inputs[i], under);
  return { large, small };
}

/** The value repeated n times along dimension d, which is 1. @param place where the axis goes in memory */
function repeated(c: OnnxContext, value: Value, d: number, n: number, place: number): Value {
  const outer = elements(value.order.slice(0, place).map((a) => value.axes[a])),
    inner = elements(value.order.slice(place).map((a) => value.axes[a])),
    axis = axesOfDims(value).slice(0, d).flat().length,
    from = shaped(c, value, [1, outer, 1, inner]),
    rows = Array.from({ length: outer }, (_, i) => i),
    columns = new Array<number>(n).fill(0);
  need(outer <= 32767 && n <= 32767, `it repeats [${value.shape}] more often than can be stored`);
  const order = value.order.map((a) => (a >= axis ? a + 1 : a));
  order.splice(place, 0, axis);
  const layout = {
    shape: value.shape.map((size, i) => (i === d ? n : size)),
    axes: [...value.axes.slice(0, axis), n, ...value.axes.slice(axis)],
    order,
  };
  return c.before({ op: 'resizeNearest', inputs: [from.tensor], rows, columns }, layout, value.name, [
    1,
    outer,
    n,
    inner,
  ]);
}

/** The value repeated along every dimension of 1 until it has the given shape. */
export function expanded(c: OnnxContext, value: Value, shape: number[]): Value {
  const dims = usualOrder(shape);
  let result = inDims(c, widened(value, shape.length), dims);
  for (const [k, d] of dims.entries())
    if (result.shape[d] !== shape[d]) {
      const own = axesOfDims(result),
        place = dims.slice(0, k).flatMap((before) => own[before]).length;
      result = repeated(c, result, d, shape[d], place);
    }
  return result;
}

/** Two values whose dimensions have the same axes, where both have them. */
function alike(c: OnnxContext, a: Value, b: Value): [Value, Value] {
  const sizes = (v: Value): string[] => axesOfDims(v).map((own) => own.map((i) => v.axes[i]).join());
  const [first, second] = [sizes(a), sizes(b)],
    same = first.every((own, d) => !own || !second[d] || own === second[d]);
  if (same) return [a, b];
  const [whole, other] = [a, b].map((v) => inDims(c, v, usualOrder(v.shape)));
  return [whole, other];
}

/** The smaller operand as it is repeated in memory to fill the larger. */
function repeatedUnder(c: OnnxContext, large: Value, given: Value): Pair {
  const ours = axesOfDims(given),
    theirs = axesOfDims(large),
    axisOf = new Map(ours.flatMap((own, d) => own.map((a, i): [number, number] => [theirs[d][i], a]))),
    present = large.order.filter((a) => axisOf.has(a));
  let small = inOrder(
    c,
    given,
    present.map((a) => axisOf.get(a)!),
  );
  const inner = suffix(large, (a) => axisOf.has(a));
  for (const [place, a] of inner.entries())
    if (!axisOf.has(a)) {
      // Seen as a vector per axis, so that one dimension more can be filled.
      const sizes = inner.map((b, k) => (axisOf.has(b) || k < place ? large.axes[b] : 1)),
        list = {
          ...small,
          ...layoutOf(
            sizes,
            sizes.map((_, k) => k),
          ),
        };
      small = repeated(c, list, place, large.axes[a], sizes.slice(0, place).filter((n) => n > 1).length);
    }
  const fitted = over(c, large, elements(inner.map((a) => large.axes[a])));
  return { large: fitted.large, small: shaped(c, small, fitted.under) };
}

/** The operands of an element-wise operator. */
export interface Operands extends Pair {
  /** Whether the larger one was the second. */
  swapped: boolean;
}

/** The operands at inputs 0 and 1, the larger one first, in a common order. */
export function onnxOperands(c: OnnxContext): Operands {
  const constant = c.constant(0) ? 0 : c.constant(1) ? 1 : -1,
    shapes = [0, 1].map((i) => (c.constant(i) ? c.constant(i)!.shape : c.value(i).shape)),
    shape = broadcastShape(shapes[0], shapes[1]);
  if (constant >= 0) {
    const x = widened(c.value(1 - constant), shape.length);
    if (elements(x.shape) === elements(shape))
      return { ...constantUnder(c, constant, x), swapped: constant === 0 };
  }
  const [a, b] = [0, 1].map((i) => widened(i === constant ? constantInput(c, i) : c.value(i), shape.length)),
    swapped = elements(b.shape) > elements(a.shape),
    [first, second] = swapped ? [b, a] : [a, b],
    whole = elements(first.shape) === elements(shape) ? first : expanded(c, first, shape),
    [large, small] = alike(c, whole, second);
  return { ...repeatedUnder(c, large, small), swapped };
}
