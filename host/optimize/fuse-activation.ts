import type { FloatGraph } from '../graph';
import { ONE_PIXEL } from '../operators/window';
import { mergePairs, onImage } from './rewrite';

/**
 * ReLU and ReLU6 become the clamp of the operator before them, which costs nothing.
 *
 * Not when that operator has an activation already, has no clamp (concatenation, padding, softmax), or its
 * output is read by others too.
 */
export function fuseActivation(graph: FloatGraph): FloatGraph {
  return mergePairs(graph, (first, second) => {
    if (
      second.op !== 'activation' ||
      !('activation' in first) ||
      first.op === 'activation' ||
      first.activation !== 'none'
    )
      return undefined;
    return { ...first, output: second.output, activation: second.activation };
  });
}

/** What could not be fused runs as a maximum over windows of one pixel, with that clamp. */
export function activationAlone(graph: FloatGraph): FloatGraph {
  const tensors = new Map(graph.tensors);
  return {
    ...graph,
    tensors,
    nodes: graph.nodes.flatMap((node): FloatGraph['nodes'] => {
      if (node.op !== 'activation') return [node];
      const { name, inputs, output, activation } = node;
      return onImage(tensors, { op: 'maxPool2d', name, inputs, output, window: ONE_PIXEL, activation });
    }),
  };
}
