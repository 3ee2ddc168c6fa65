/** Maximum over a window, then the activation's clamp. */
import { define } from './operator';
import { pooling, type PoolNode } from './pooling';
import { reduce } from './reduce';
import { wholeImage } from './window';

declare module '../graph' {
  interface NodeKinds<P> {
    maxPool2d: PoolNode;
  }
}

/** A maximum over dimensions side by side is one over a whole image. */
const reduceMax = reduce(([height, width]) => ({
  op: 'maxPool2d',
  window: wholeImage(height, width),
  activation: 'none',
}));

export const maxPool2d = define(pooling('maxPool2d', 'Max', { REDUCE_MAX: reduceMax }));
