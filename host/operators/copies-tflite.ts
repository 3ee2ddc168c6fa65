/** Values of TFLite's operators along their dimensions in any order, or again and again. */
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
import { repeated } from './broadcast-tflite';
import { padsOf } from './pad';

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/**
 * What stands at these places along an axis, in this order: an image of another size.
 * @param rows the same of all dimensions before it, taken as one
 */
export function picked(c: TfContext, x: Value, axis: number, places: number[], rows?: number[]): Value {
  const outer = elements(x.shape.slice(0, axis)),
    inner = elements(x.shape.slice(axis + 1)),
    lines = rows ?? all(outer),
    y = temporary(c, [1, lines.length, places.length, inner], x.like);
  c.emit({
    op: 'resizeNearest',
    inputs: [viewed(c, x, [1, outer, x.shape[axis], inner]).name],
    output: y.name,
    rows: lines,
    columns: places,
  });
  const before = rows ? [rows.length] : x.shape.slice(0, axis);
  return viewed(c, y, [...before, places.length, ...x.shape.slice(axis + 1)]);
}

/** A border of mirrored values: with the outermost ones (SYMMETRIC) or without them (REFLECT). */
export const mirrorPad: TfConverter = (op, c) => {
  const x = operand(op, 0),
    y = result(op),
    { before, after } = padsOf(op),
    edge = op.options?.int8(0) === 1 ? 0 : 1;
  const inside = [...before, ...after].every((n, i) => n <= x.shape[i % x.shape.length] - edge);
  need(inside, `paddings [${before}] and [${after}] are wider than what [${x.shape}] has to mirror`);
  needScaleOf(y, x, 'padding');
  const places = x.shape.map((n, d) =>
    Array.from({ length: before[d] + n + after[d] }, (_, i) => {
      const at = i - before[d];
      return at < 0 ? -at - 1 + edge : at < n ? at : 2 * n - 1 - edge - at;
    }),
  );
  // Two dimensions at once where nothing lies outside of them, as of an image.
  let value = valueOf(c, x);
  for (let d = 0; d < x.shape.length; d++) {
    if (places[d].length === x.shape[d]) continue;
    const pair = d + 1 < x.shape.length && elements(x.shape.slice(0, d)) === 1;
    value = pair
      ? picked(c, viewed(c, value, x.shape.slice(d)), 1, places[d + 1], places[d])
      : picked(c, value, d, places[d]);
    if (pair) value = viewed(c, value, [...x.shape.slice(0, d), ...value.shape]);
    if (pair) d++;
  }
  finish(c, value, y);
};

/** All of a value, several times along its dimensions. */
function tiled(c: TfContext, x: Value, times: number[]): Value {
  need(
    times.every((n) => n >= 1 && n <= 32767),
    `it repeats [${x.shape}] so often: [${times}]`,
  );
  let value = x;
  for (let d = times.length - 1; d >= 0; d--) if (times[d] > 1) value = repeated(c, value, d, times[d]);
  return value;
}

export const tile: TfConverter = (op, c) => {
  const x = operand(op, 0),
    times = integers(operand(op, 1));
  need(times.length === x.shape.length, `it repeats [${x.shape}] so often: [${times}]`);
  needScaleOf(result(op), x, 'repeating');
  finish(c, tiled(c, valueOf(c, x), times), result(op));
};

/** To the shape of its output. */
export const broadcastTo: TfConverter = (op, c) => {
  const x = operand(op, 0),
    { shape } = result(op),
    from = [...new Array<number>(Math.max(0, shape.length - x.shape.length)).fill(1), ...x.shape],
    fits = from.length === shape.length && from.every((n, d) => n === 1 || n === shape[d]);
  need(fits, `it makes [${shape}] of [${x.shape}]`);
  needScaleOf(result(op), x, 'repeating');
  const times = shape.map((n, d) => n / from[d]);
  finish(c, tiled(c, viewed(c, valueOf(c, x), from), times), result(op));
};
