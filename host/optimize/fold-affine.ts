import { tapsOf, type FloatGraph } from '../graph';
import { ONE_PIXEL } from '../operators/window';
import { mergePairs, onImage } from './rewrite';

/**
 * Batch normalization (and a constant added per channel) goes into the weights and bias of the layer before
 * it.
 *
 * Not when that layer's output is read by others too, or has an activation in between: there the
 * normalization stays, as a depthwise convolution of one tap.
 */
export function foldAffine(graph: FloatGraph): FloatGraph {
  const folded = mergePairs(graph, (layer, affine) => {
    if (affine.op !== 'affine' || !('parameters' in layer) || layer.activation !== 'none') return undefined;
    const { weights, bias } = layer.parameters,
      taps = tapsOf(layer.parameters);
    return {
      ...layer,
      output: affine.output,
      parameters: {
        weights: weights.map((w, i) => w * affine.factors[Math.floor(i / taps)]),
        bias: bias.map((b, c) => b * affine.factors[c] + affine.offsets[c]),
      },
    };
  });
  const tensors = new Map(folded.tensors);
  return {
    ...folded,
    tensors,
    nodes: folded.nodes.flatMap((node): FloatGraph['nodes'] => {
      if (node.op !== 'affine') return [node];
      const { name, inputs, output } = node,
        parameters = { weights: node.factors, bias: node.offsets };
      return onImage(tensors, {
        op: 'depthwiseConv2d',
        name,
        inputs,
        output,
        window: ONE_PIXEL,
        multiplier: 1,
        activation: 'none',
        parameters,
      });
    }),
  };
}
