import type { FloatGraph } from '../graph';
import { ONE_PIXEL } from '../operators/window';
import { mergePairs, onImage } from './rewrite';

/**
 * ReLU and ReLU6 become the clamp of the operator before them, which costs nothing.
 *
 * Not when that operator has an activation already, has no clamp (concatenation, padding, softmax), or its
 * output is read by others too: there the activation stays, as a maximum over windows of one pixel with that
 * clamp.
 */
export function fuseActivation(graph: FloatGraph): FloatGraph {
  const fused = mergePairs(graph, (first, second) => {
    if (
      second.op !== 'activation' ||
      !('activation' in first) ||
      first.op === 'activation' ||
      first.activation !== 'none'
    )
      return undefined;
    return { ...first, output: second.output, activation: second.activation };
  });
  const tensors = new Map(fused.tensors);
  return {
    ...fused,
    tensors,
    nodes: fused.nodes.flatMap((node): FloatGraph['nodes'] => {
      if (node.op !== 'activation') return [node];
      const { name, inputs, output, activation } = node;
      return onImage(tensors, { op: 'maxPool2d', name, inputs, output, window: ONE_PIXEL, activation });
    }),
  };
}
