/** Values of the source model in the order of ours, and back. */
import { elements, type TensorInfo, type View } from './graph';

/** The shape that a tensor has in the source model. */
export const sourceShape = ({ shape, view }: Pick<TensorInfo, 'shape' | 'view'>): number[] =>
  view?.dims ?? shape;

/** Distance of neighbours along each dimension of a shape, the last being the innermost. */
export const stridesOf = (shape: number[]): number[] => shape.map((_, d) => elements(shape.slice(d + 1)));

/** The index, in the source's order, of each value of a view. */
export function indicesOf({ sizes, strides }: Pick<View, 'sizes' | 'strides'>): Int32Array {
  let indices = Int32Array.of(0);
  sizes.forEach((size, k) => {
    const next = new Int32Array(indices.length * size);
    indices.forEach((index, i) => {
      for (let j = 0; j < size; j++) next[i * size + j] = index + j * strides[k];
    });
    indices = next;
  });
  return indices;
}

/**
 * A tensor's values out of its source's.
 * @param view the same order when absent
 * @param factors what its channels are multiplied by
 */
export function viewed(values: Float32Array, view?: View, factors?: Float32Array): Float32Array {
  const own = view ? Float32Array.from(indicesOf(view), (i) => values[i]) : values;
  return factors ? own.map((v, i) => v * factors[i % factors.length]) : own;
}

/** A tensor's values in the order of its source, of which it has all. */
export function inSourceOrder(values: Float32Array, view?: View): Float32Array {
  if (!view) return values;
  const result = new Float32Array(values.length);
  indicesOf(view).forEach((at, i) => (result[at] = values[i]));
  return result;
}
