/** TFLite's operators that make a batch of the phases of an image, and put them together again. */
import { elements } from '../graph';
import { finish, valueOf, viewed } from '../import/tflite/chain';
import { integers, need, needScaleOf, operand, result, type TfConverter } from '../import/tflite/context';
import type { TfOperator } from '../import/tflite/read';
import { padded, sidesOf } from './pad';
import { cut } from './slice-tflite';
import { transposed } from './transpose';

/** The blocks and the paddings or crops of such an operator, dimension by dimension from the second on. */
function blocksOf(op: TfOperator): { blocks: number[]; before: number[]; after: number[] } {
  const { shape } = operand(op, 0),
    blocks = integers(operand(op, 1)),
    pairs = integers(operand(op, 2));
  const fits =
    blocks.length < shape.length &&
    pairs.length === 2 * blocks.length &&
    blocks.every((n) => n >= 1) &&
    pairs.every((n) => n >= 0);
  need(fits, `its blocks [${blocks}] and its paddings or crops [${pairs}] do not fit its input [${shape}]`);
  return { blocks, ...sidesOf(pairs) };
}

/** Indices of so many dimensions, from `first` on and `step` apart. */
const every = (count: number, first: number, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => first + i * step);

/** What it adds is zero, as in TensorFlow Lite; TensorFlow Lite Micro takes the integer 0 for it. */
export const spaceToBatch: TfConverter = (op, c) => {
  const x = operand(op, 0),
    { blocks, before, after } = blocksOf(op),
    n = blocks.length,
    border = (list: number[]): number[] => x.shape.map((_, d) => list[d - 1] ?? 0);
  needScaleOf(result(op), x, 'turning');
  const image = padded(c, valueOf(c, x), border(before), border(after), 0),
    [batch, ...sizes] = image.shape,
    places = sizes.slice(0, n).flatMap((size, d) => [size / blocks[d], blocks[d]]);
  need(places.every(Number.isInteger), `its blocks [${blocks}] do not fit its padded input [${image.shape}]`);
  const apart = viewed(c, image, [batch, ...places, ...sizes.slice(n)]),
    rest = every(sizes.length - n, 2 * n + 1);
  finish(c, transposed(c, apart, [...every(n, 2, 2), 0, ...every(n, 1, 2), ...rest]), result(op));
};

export const batchToSpace: TfConverter = (op, c) => {
  const x = operand(op, 0),
    { blocks, before, after } = blocksOf(op),
    n = blocks.length,
    [phases, ...sizes] = x.shape,
    batch = phases / elements(blocks);
  needScaleOf(result(op), x, 'turning');
  need(Number.isInteger(batch), `its blocks [${blocks}] do not fit its input [${x.shape}]`);
  const apart = viewed(c, valueOf(c, x), [...blocks, batch, ...sizes]),
    pairs = blocks.flatMap((_, d) => [n + 1 + d, d]),
    turned = transposed(c, apart, [n, ...pairs, ...every(sizes.length - n, 2 * n + 1)]);
  let image = viewed(c, turned, [batch, ...sizes.map((size, d) => size * (blocks[d] ?? 1))]);
  blocks.forEach((_, d) => {
    const left = image.shape[d + 1] - before[d] - after[d];
    need(left > 0, `it crops all of [${image.shape}]`);
    image = cut(c, image, d + 1, before[d], left);
  });
  finish(c, image, result(op));
};
