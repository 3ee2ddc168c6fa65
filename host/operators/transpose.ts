/** Dimensions in another order. */
import { Transpose } from '../../src/operators/transpose';
import { elements } from '../graph';
import { need as needOnnx, numbers, type OnnxContext } from '../import/onnx/context';
import { ownOrder, transposed as seenTransposed } from '../import/onnx/layout';
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
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Output dimension i is input dimension permutation[i]. */
    transpose: { permutation: number[] };
  }
}

const isPermutation = (list: number[], rank: number): boolean =>
  list.length === rank && Array.from({ length: rank }, (_, i) => i).every((i) => list.includes(i));

/** Whether bytes stay where they are: dimensions of 1 may go anywhere. */
function keepsOrder(permutation: number[], shape: number[]): boolean {
  const moved = permutation.filter((d) => shape[d] !== 1);
  return moved.every((d, i) => i === 0 || d > moved[i - 1]);
}

/** Dimensions that stay side by side as one, and those of 1 left out. */
function fewest(shape: number[], permutation: number[]): { shape: number[]; permutation: number[] } {
  const order = permutation.filter((d) => shape[d] !== 1),
    dimensions = [...order].sort((a, b) => a - b),
    next = (d: number): number => dimensions[dimensions.indexOf(d) + 1];
  const groups: number[][] = [];
  for (const d of order) {
    const last = groups.at(-1);
    if (last && next(last.at(-1)!) === d) last.push(d);
    else groups.push([d]);
  }
  const inOrder = [...groups].sort(([a], [b]) => a - b);
  return {
    shape: inOrder.map((group) => elements(group.map((d) => shape[d]))),
    permutation: groups.map((group) => inOrder.indexOf(group)),
  };
}

/**
 * Dimensions of a value from TFLite in another order. Where more than four have places of their own, one
 * after another is brought to its place.
 */
export function transposed(c: TfContext, x: Value, permutation: number[]): Value {
  const shape = permutation.map((d) => x.shape[d]);
  if (keepsOrder(permutation, x.shape)) return viewed(c, x, shape);
  const few = x.shape.length <= 4 ? { shape: x.shape, permutation } : fewest(x.shape, permutation),
    from = viewed(c, x, few.shape);
  if (few.shape.length > 4) {
    const first = few.permutation.findIndex((d, i) => d !== i),
      front = few.permutation.slice(0, first + 1),
      order = [...front, ...few.shape.map((_, d) => d).filter((d) => !front.includes(d))];
    const y = transposed(
      c,
      transposed(c, from, order),
      few.permutation.map((d) => order.indexOf(d)),
    );
    return viewed(c, y, shape);
  }
  const y = temporary(
    c,
    few.permutation.map((d) => few.shape[d]),
    x.like,
  );
  c.emit({ op: 'transpose', inputs: [from.name], output: y.name, permutation: few.permutation });
  return viewed(c, y, shape);
}

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    permutation = integers(operand(op, 1));
  need(isPermutation(permutation, x.shape.length), `permutation [${permutation}] of [${x.shape}]`);
  needScaleOf(result(op), x, 'turning');
  finish(c, transposed(c, valueOf(c, x), permutation), result(op));
};

/** Blocks of pixels as channels, and back: both change places of a block's columns and the image's. */
const blocks =
  (toDepth: boolean): TfConverter =>
  (op, c) => {
    const x = operand(op, 0),
      size = op.options?.int32(0) ?? 0,
      image = toDepth ? x : result(op),
      [batch, height, width, channels] = image.shape;
    const fits = size > 0 && image.shape.length === 4 && height % size === 0 && width % size === 0;
    need(fits && elements(x.shape) === elements(result(op).shape), `blocks of ${size} in [${image.shape}]`);
    needScaleOf(result(op), x, 'turning');
    const rows = batch * (height / size),
      columns = width / size,
      lines = toDepth ? [rows, size, columns, size * channels] : [rows, columns, size, size * channels];
    finish(c, transposed(c, viewed(c, valueOf(c, x), lines), [0, 2, 1, 3]), result(op));
  };

/** From ONNX nothing moves here: operators move what lies otherwise than they want it. */
function fromOnnx(c: OnnxContext): void {
  const x = c.value(0),
    rank = x.shape.length,
    given = numbers(c, 'perm', ownOrder(x.shape).reverse(), rank);
  needOnnx(isPermutation(given, rank), `its perm is [${given}]`);
  c.seenAs(seenTransposed(x, given));
}

export const transpose = define({
  kind: 'transpose',
  device: ['transpose'],
  onnx: { Transpose: fromOnnx },
  tflite: { TRANSPOSE: fromTflite, DEPTH_TO_SPACE: blocks(false), SPACE_TO_DEPTH: blocks(true) },
  scale: () => 'input',
  lower({ permutation }) {
    const missing = 4 - permutation.length;
    const words = [...[0, 1, 2, 3].slice(0, missing), ...permutation.map((p) => p + missing)];
    return { operator: 'transpose', fields: [[Transpose.permutation, words]] };
  },
});
