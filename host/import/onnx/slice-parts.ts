/** What ONNX's Slice takes of a tensor, by its lists. */
import { partOf, whole, type Part } from '../../operators/parts';
import { axisOf, need } from './context';

/** The slice of each dimension. @throws Refusal where the lists do not fit each other */
export function partsOf(
  shape: number[],
  starts: number[],
  ends: number[],
  axes = starts.map((_, i) => i),
  steps = starts.map(() => 1),
): Part[] {
  const dims = axes.map((a) => axisOf(a, shape.length)),
    parts = shape.map(whole);
  need(
    [ends, dims, steps].every((l) => l.length === starts.length) && steps.every((s) => s !== 0),
    'its starts, ends, axes and steps do not fit each other',
  );
  dims.forEach((d, i) => (parts[d] = partOf(shape[d], starts[i], ends[i], steps[i])));
  return parts;
}
