/** Values copied along dimensions, in any order and as often as wanted: as resizing copies an image's columns. */
import { elements } from '../graph';
import { integers, need, refuse, type OnnxContext, type Part, type Value } from '../import/onnx/context';
import { layoutOf } from '../import/onnx/layout';
import { commonOrder, inDims, shaped } from '../import/onnx/order';

/**
 * The value whose places along dimension d are those of x that are listed.
 * @param source what it is in the model
 */
export function copied(c: OnnxContext, x: Value, d: number, places: number[], source: string): Value {
  const dims = commonOrder([x]),
    sizes = dims.map((dim) => x.shape[dim]),
    k = dims.indexOf(d),
    outer = elements(sizes.slice(0, k)),
    inner = elements(sizes.slice(k + 1)),
    from = shaped(c, inDims(c, x, dims), [1, outer, sizes[k], inner]),
    shape = x.shape.map((size, i) => (i === d ? places.length : size));
  need(outer <= 32767 && sizes[k] <= 32767 && places.length <= 32767, `it makes [${shape}] of [${x.shape}]`);
  const rows = Array.from({ length: outer }, (_, i) => i),
    part: Part = { op: 'resizeNearest', inputs: [from.tensor], rows, columns: places };
  return c.before(part, layoutOf(shape, dims), source, [1, outer, places.length, inner]);
}

/** The whole again and again, along each dimension. */
export function tile(c: OnnxContext): void {
  const x = c.value(0),
    repeats = integers(c, 1, 'repeats') ?? refuse('its repeats must be a constant');
  need(
    repeats.length === x.shape.length && repeats.every((n) => n >= 1 && n <= 32767),
    `it repeats [${x.shape}] [${repeats}] times`,
  );
  const often = repeats.flatMap((n, d) => (n > 1 ? [d] : [])),
    last = often[often.length - 1];
  const tiled = often.reduce((value, d) => {
    const places = Array.from({ length: repeats[d] * x.shape[d] }, (_, i) => i % x.shape[d]);
    return copied(c, value, d, places, d === last ? c.node.outputs[0] : x.name);
  }, x);
  c.alias(tiled);
}
