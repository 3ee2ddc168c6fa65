/** Maximum over a window, then the activation's clamp. */
import { finish, valueOf } from '../import/tflite/chain';
import { operand, result, type TfConverter } from '../import/tflite/context';
import { complement } from './lookup-tflite';
import { define } from './operator';
import { pooling, type PoolNode } from './pooling';
import { reduce, reduceOnnx, reduceOver, type Reduction } from './reduce';
import { row, wholeImage } from './window';

declare module '../graph' {
  interface NodeKinds<P> {
    maxPool2d: PoolNode;
  }
}

/** A maximum over dimensions side by side is one over a whole image. */
const largest = ([height, width]: [number, number]): Reduction => ({
  op: 'maxPool2d',
  window: wholeImage(height, width),
  activation: 'none',
});

/** A minimum is the complement of the largest complement. */
const reduceMin: TfConverter = (op, c) => {
  const x = operand(op, 0),
    pooled = reduceOver(op, c, complement(c, valueOf(c, x)), largest);
  finish(c, complement(c, pooled), result(op));
};

const reduceMaxOnnx = reduceOnnx(({ outer, size, inner }) => ({
  shape: [1, outer, size, inner],
  node: { op: 'maxPool2d', window: row(size), activation: 'none' },
}));

export const maxPool2d = define(
  pooling(
    'maxPool2d',
    'Max',
    { REDUCE_MAX: reduce(largest), REDUCE_MIN: reduceMin },
    { ReduceMax: reduceMaxOnnx },
  ),
);
