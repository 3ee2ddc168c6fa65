import type { FloatGraph } from '../graph';
import { mergePairs } from './rewrite';

/**
 * ReLU and ReLU6 become the clamp of the operator before them, which costs nothing.
 *
 * Not when that operator has an activation already, has no clamp (concatenation, padding, softmax), or its output is read by others
 * too: there the activation stays, as a maximum over windows of one pixel with that clamp.
 */
export function fuseActivation(graph: FloatGraph): FloatGraph {
  const fused = mergePairs(graph, (first, second) => {
    if (second.op !== 'activation' || !('activation' in first) || first.op === 'activation' || first.activation !== 'none') return undefined;
    return { ...first, output: second.output, activation: second.activation };
  });
  const tensors = new Map(fused.tensors);
  return {
    ...fused,
    tensors,
    nodes: fused.nodes.flatMap((node): FloatGraph['nodes'] => {
      if (node.op !== 'activation') return [node];
      const { name, inputs, output, activation } = node, { shape } = tensors.get(inputs[0])!;
      const window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as never;
      if (shape.length === 4) return [{ op: 'maxPool2d', name, inputs, output, window, activation }];
      // A vector is pooled as an image of one pixel.
      const image = [`${output}/in`, `${output}/out`];
      for (const t of image) tensors.set(t, { shape: [1, 1, 1, shape[1]], source: t.endsWith('/in') ? tensors.get(inputs[0])!.source : tensors.get(output)!.source });
      return [
        { op: 'reshape', name, inputs, output: image[0] },
        { op: 'maxPool2d', name, inputs: [image[0]], output: image[1], window, activation },
        { op: 'reshape', name, inputs: [image[1]], output },
      ];
    }),
  };
}
