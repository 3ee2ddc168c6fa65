/**
 * In which order the values of an ONNX tensor lie in our memory.
 *
 * A tensor's dimensions, each perhaps taken apart into finer ones, are its axes. Memory holds them in an
 * order of its own: an image [1, c, h, w] has the axes c, h, w, which lie as h, w, c. So Transpose, Reshape
 * and Flatten only change how values are looked at; they are carried out where an operator needs an order
 * that memory does not have.
 */
import { elements, type View } from '../../graph';
import { indicesOf, stridesOf } from '../../view';

/** A shape, and how memory holds it. */
export interface Layout {
  /** As ONNX has it. */
  shape: number[];
  /** Sizes of the axes, outermost first as ONNX has them; those of one are left out. */
  axes: number[];
  /** The axes (by index) as memory holds them, outermost first. */
  order: number[];
}

/** Dimensions of an image [1, channels, height, width] as memory holds them. */
export const NHWC = [0, 2, 3, 1];

/** Dimensions in ONNX's own order. */
export const ownOrder = (shape: number[]): number[] => shape.map((_, i) => i);

/** Dimensions in the order that memory holds them in unless there is a reason for another. */
export const usualOrder = (shape: number[]): number[] => (shape.length === 4 ? NHWC : ownOrder(shape));

/** A layout of a shape whose dimensions lie in the given order. */
export function layoutOf(shape: number[], dims: number[] = usualOrder(shape)): Layout {
  const kept = ownOrder(shape).filter((d) => shape[d] !== 1);
  return {
    shape,
    axes: kept.map((d) => shape[d]),
    order: dims.filter((d) => shape[d] !== 1).map((d) => kept.indexOf(d)),
  };
}

/** The axes (by index) of each dimension. */
export function axesOfDims({ shape, axes }: Layout): number[][] {
  let next = 0;
  return shape.map((size) => {
    const own: number[] = [];
    for (let left = size; left > 1; next++) {
      own.push(next);
      left /= axes[next];
    }
    return own;
  });
}

/** Axes that are neighbours in ONNX's order and in memory, in both alike, and of one dimension are one. */
export function simplified(layout: Layout): Layout {
  const { shape, axes, order } = layout,
    dimOf = axesOfDims(layout).flatMap((own, d) => own.map(() => d));
  const joins = axes.map(
    (_, a) => a > 0 && dimOf[a] === dimOf[a - 1] && order.indexOf(a) === order.indexOf(a - 1) + 1,
  );
  const index: number[] = [],
    sizes: number[] = [];
  axes.forEach((size, a) => {
    if (joins[a]) sizes[sizes.length - 1] *= size;
    else sizes.push(size);
    index.push(sizes.length - 1);
  });
  return { shape, axes: sizes, order: order.filter((a) => !joins[a]).map((a) => index[a]) };
}

/** Every axis in the given pieces. @param pieces sizes, by axis */
function splitAxes({ shape, axes, order }: Layout, pieces: number[][]): Layout {
  const first = pieces.map((_, a) => pieces.slice(0, a).reduce((sum, p) => sum + p.length, 0));
  return {
    shape,
    axes: axes.flatMap((_, a) => pieces[a]),
    order: order.flatMap((a) => pieces[a].map((_, i) => first[a] + i)),
  };
}

/**
 * The same values under another shape.
 * @returns undefined where dimensions would begin within an axis at no whole part of it
 */
export function reshaped(layout: Layout, shape: number[]): Layout | undefined {
  const cuts = shape.map((_, d) => elements(shape.slice(d))); // values from each dimension's beginning on
  const pieces: number[][] = [];
  let behind = elements(layout.axes);
  for (const size of layout.axes) {
    const inner = behind / size,
      within = [...new Set(cuts)].filter((cut) => cut > inner && cut < behind).sort((a, b) => b - a),
      ends = [behind, ...within, inner];
    const parts = ends.slice(1).map((end, i) => ends[i] / end);
    if (!parts.every(Number.isInteger)) return undefined;
    pieces.push(parts);
    behind = inner;
  }
  return simplified({ ...splitAxes(layout, pieces), shape });
}

/** Dimensions in another order, seen so: nothing moves. */
export function transposed(layout: Layout, perm: number[]): Layout {
  const { axes, order, shape } = layout,
    own = axesOfDims(layout),
    moved = perm.flatMap((d) => own[d]);
  return simplified({
    shape: perm.map((d) => shape[d]),
    axes: moved.map((a) => axes[a]),
    order: order.map((a) => moved.indexOf(a)),
  });
}

/** Where memory's values lie in ONNX's. */
export function viewOf(layout: Layout): View {
  const strides = stridesOf(layout.axes);
  return {
    dims: layout.shape,
    sizes: layout.order.map((a) => layout.axes[a]),
    strides: layout.order.map((a) => strides[a]),
  };
}

/** Values given in ONNX's order, in memory's. */
export function inMemory(values: ArrayLike<number>, layout: Layout): Float32Array {
  return Float32Array.from(indicesOf(viewOf(layout)), (i) => values[i]);
}

/** How a transpose moves memory from one order of the axes to another: few dimensions, axes that stay
 * neighbours being one.
 * @returns the sizes before it, and its permutation
 */
export function moves(layout: Layout, wanted: number[]): { sizes: number[]; permutation: number[] } {
  const runs: number[][] = [];
  layout.order.forEach((a, k) => {
    const before = layout.order[k - 1],
      follows = k > 0 && wanted.indexOf(a) === wanted.indexOf(before) + 1;
    if (follows) runs[runs.length - 1].push(a);
    else runs.push([a]);
  });
  const place = runs.map((_, i) => i).sort((i, j) => wanted.indexOf(runs[i][0]) - wanted.indexOf(runs[j][0]));
  return { sizes: runs.map((run) => elements(run.map((a) => layout.axes[a]))), permutation: place };
}
