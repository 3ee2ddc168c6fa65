/**
 * Mean over a window, then the activation's clamp. It keeps its input's scale; a mean with a scale of its own
 * is in mean.ts.
 */
import { define } from './operator';
import { pooling, type PoolNode } from './pooling';

declare module '../graph' {
  interface NodeKinds<P> {
    averagePool2d: PoolNode;
  }
}

export const averagePool2d = define(pooling('averagePool2d', 'Average'));
