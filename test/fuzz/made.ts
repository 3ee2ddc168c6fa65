/** What random operators are made of. */
import type { IntParameters, Node } from '../../host/graph';
import { inOut, type Tensors } from '../support/network';
import type { Random } from '../support/random';

/** An operator, and what it reads and writes. */
export interface Made {
  node: Node<IntParameters>;
  tensors: Tensors;
}

/** What most nodes have. */
export const common = { name: 'n', inputs: ['x'], output: 'y' },
  shapeOf = (random: Random, rank = random.between(1, 4)): number[] =>
    Array.from({ length: rank }, () => random.between(1, 5));

/** x and y of one scale. */
export function alike(random: Random, x: number[], y: number[]): Tensors {
  const tensors = inOut(random, x, y);
  return { x: tensors.x, y: { ...tensors.y, quantization: tensors.x.quantization } };
}
