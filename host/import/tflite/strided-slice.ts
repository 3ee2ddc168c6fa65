/** What TFLite's STRIDED_SLICE takes of a tensor, by its lists and masks. */
import { partOf, whole, type Part } from '../../operators/parts';
import type { Table } from './table';

/** Fields of the options. */
const enum Option {
  beginMask,
  endMask,
  ellipsisMask,
  newAxisMask,
  shrinkMask,
  offset,
}

/**
 * Reads the slice of each dimension, and the shape of what is left: an ellipsis stands for all dimensions
 * that no other entry names, new axes are added, and indices take theirs away.
 * @param lists begin, end and stride, an entry each
 * @returns undefined where they do not fit the shape
 */
export function partsOf(
  shape: number[],
  [begins, ends, strides]: number[][],
  options?: Table,
): { parts: Part[]; shape: number[] } | undefined {
  const n = begins.length;
  if (ends.length !== n || strides.length !== n || strides.includes(0)) return undefined;
  const has = (option: Option, i: number): boolean => (((options?.int32(option) ?? 0) >> i) & 1) === 1,
    ellipsis = begins.findIndex((_, i) => has(Option.ellipsisMask, i)),
    named = begins.filter((_, i) => i !== ellipsis && !has(Option.newAxisMask, i)).length,
    others = shape.length - named,
    relative = options?.int8(Option.offset) === 1;
  if (others < 0) return undefined;
  const parts: Part[] = [],
    left: number[] = [];
  const take = (part: Part): void => void (parts.push(part), left.push(part.count));
  const takeOthers = (): void => {
    for (let k = 0; k < others; k++) take(whole(shape[parts.length]));
  };
  for (let i = 0; i < n; i++) {
    const size = shape[parts.length],
      stride = strides[i];
    if (i === ellipsis) takeOthers();
    else if (has(Option.newAxisMask, i)) left.push(1);
    else {
      const begin = has(Option.beginMask, i) ? (stride > 0 ? 0 : size - 1) : begins[i];
      if (has(Option.shrinkMask, i)) {
        const at = begin < 0 ? begin + size : begin;
        if (at < 0 || at >= size) return undefined;
        parts.push({ begin: at, stride: 1, count: 1 });
        continue;
      }
      const end = relative ? begins[i] + ends[i] : ends[i],
        part = partOf(size, begin, has(Option.endMask, i) ? (stride > 0 ? size : -size - 1) : end, stride);
      take(part);
    }
  }
  if (ellipsis < 0) takeOthers();
  return { parts, shape: left };
}
