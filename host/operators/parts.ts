/** Parts of a tensor, dimension by dimension. */

/** One dimension of a slice. */
export interface Part {
  begin: number;
  stride: number;
  count: number;
}

/** All of a dimension. */
export const whole = (size: number): Part => ({ begin: 0, stride: 1, count: size });

/** A part of one dimension, and all of the others. */
export const along = (shape: number[], dimension: number, part: Part): Part[] =>
  shape.map((size, d) => (d === dimension ? part : whole(size)));

/** A part between two bounds, which may count from the end and lie outside, as TFLite and ONNX allow. */
export function partOf(size: number, begin: number, end: number, stride: number): Part {
  const low = stride > 0 ? 0 : -1,
    high = stride > 0 ? size : size - 1;
  const at = (v: number): number => Math.max(low, Math.min(high, v < 0 ? v + size : v));
  const first = at(begin);
  return { begin: first, stride, count: Math.max(0, Math.ceil((at(end) - first) / stride)) };
}

/** As a slice's node has them. */
export const listsOf = (parts: Part[]): { begin: number[]; stride: number[]; count: number[] } => ({
  begin: parts.map((p) => p.begin),
  stride: parts.map((p) => p.stride),
  count: parts.map((p) => p.count),
});
