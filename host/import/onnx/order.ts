/** Values as operators want them in memory: moved where they lie otherwise. */
import { elements } from '../../graph';
import { need, type OnnxContext, type Part, type Value } from './context';
import { axesOfDims, layoutOf, moves, ownOrder, reshaped, simplified, usualOrder } from './layout';

/** The same values in a tensor of the given shape, which costs nothing. */
export function shaped(c: OnnxContext, value: Value, shape: number[]): Value {
  if (c.graph.tensors.get(value.tensor)!.shape.join() === shape.join()) return value;
  return c.before({ op: 'reshape', inputs: [value.tensor] }, value, value.name, shape);
}

/** The value with its axes in the given order in memory: by as many transposes as it takes. */
export function inOrder(c: OnnxContext, value: Value, order: number[]): Value {
  const moved = transposedTo(c, value, order);
  return { ...moved, ...simplified(moved) };
}

function transposedTo(c: OnnxContext, value: Value, order: number[]): Value {
  if (value.order.join() === order.join()) return value;
  const { sizes, permutation } = moves(value, order);
  if (sizes.length > 4) return transposedTo(c, transposedTo(c, value, nearer(value.order, order)), order);
  const from = shaped(c, value, sizes);
  return c.before(
    { op: 'transpose', inputs: [from.tensor], permutation },
    { ...value, order },
    value.name,
    permutation.map((p) => sizes[p]),
  );
}

/** A nearer order: the first part that stands elsewhere than wanted is put there, those before it behind it. */
function nearer(order: number[], wanted: number[]): number[] {
  const place = order.findIndex((a, k) => a !== wanted[k]),
    from = order.indexOf(wanted[place]);
  let end = from + 1;
  while (end < order.length && order[end] === wanted[place + end - from]) end++;
  return [
    ...order.slice(0, place),
    ...order.slice(from, end),
    ...order.slice(place, from),
    ...order.slice(end),
  ];
}

/** The value with its dimensions in the given order in memory. */
export function inDims(c: OnnxContext, value: Value, dims: number[]): Value {
  const own = axesOfDims(value);
  return inOrder(
    c,
    value,
    dims.flatMap((d) => own[d]),
  );
}

/** Whether memory holds the dimensions in the given order. */
export const lies = (value: Value, dims: number[]): boolean =>
  layoutOf(value.shape, dims).order.join() === simplified(value).order.join();

/** The order of dimensions in which all values lie already, else the usual one. */
export function commonOrder(values: Value[]): number[] {
  const [{ shape }] = values,
    usual = usualOrder(shape),
    own = ownOrder(shape);
  return !values.every((v) => lies(v, usual)) && values.every((v) => lies(v, own)) ? own : usual;
}

/** Whether the node's input is a row [1, channels, n] instead of an image. */
export const isRow = (c: OnnxContext): boolean => c.value(0).shape.length === 3;

/**
 * Input i as an image [1, height, width, channels] in memory; a row is an image of one row.
 * @throws Refusal when it is neither
 */
export function image(c: OnnxContext, i = 0): Value {
  const given = c.value(i),
    [batch, channels, length] = given.shape,
    row = given.shape.length === 3 && reshaped(given, [batch, channels, 1, length]),
    value = row ? { ...given, ...row } : given,
    { shape } = value;
  need(
    shape.length === 4 && shape[0] === 1,
    `its input has the shape [${shape}]; an image [1, channels, height, width] is needed`,
  );
  return shaped(c, inDims(c, value, usualOrder(shape)), [1, shape[2], shape[3], shape[1]]);
}

/** Adds a node whose output is an image [1, channels, height, width]; a row where its input is one. */
export function emitImage(c: OnnxContext, part: Part, shape: number[]): void {
  const layout = layoutOf(shape),
    [batch, channels, height, width] = shape,
    row = isRow(c) && reshaped(layout, [batch, channels, width]);
  c.emit(part, row || layout, [batch, height, width, channels]);
}

/** A value as [outer, size, inner] in memory. */
interface Around {
  value: Value;
  outer: number;
  size: number;
  inner: number;
}

/**
 * A value around some of its dimensions, which are neighbours in memory.
 * @param innermost whether nothing may lie within them
 */
export function around(c: OnnxContext, value: Value, dims: number[], innermost = false): Around {
  const own = axesOfDims(value),
    wanted = dims.flatMap((d) => own[d]),
    first = value.order.findIndex((a) => wanted.includes(a)),
    end = first + wanted.length,
    together = value.order.slice(first, end).every((a) => wanted.includes(a)),
    size = elements(dims.map((d) => value.shape[d])),
    all = elements(value.shape);
  if (!wanted.length) return { value, outer: all, size: 1, inner: 1 };
  if (together && (!innermost || end === value.order.length)) {
    const inner = elements(value.order.slice(end).map((a) => value.axes[a]));
    return { value, outer: all / size / inner, size, inner };
  }
  const others = value.order.filter((a) => !wanted.includes(a)),
    moved = inOrder(c, value, [...others, ...value.order.filter((a) => wanted.includes(a))]);
  return { value: moved, outer: all / size, size, inner: 1 };
}

/** Adds a node whose output has the order and shape of x. */
export const emitAlike = (c: OnnxContext, x: Value, part: Part): void =>
  c.emit(part, x, c.graph.tensors.get(x.tensor)!.shape);
