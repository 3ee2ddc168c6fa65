import type { FloatGraph } from '../graph';
import { channelOf } from '../quantize';
import { mergePairs } from './rewrite';

/**
 * Batch normalization (and a constant added per channel) goes into the weights and bias of the layer before it.
 *
 * Not when that layer's output is read by others too, or has an activation in between: there the normalization
 * stays, as a depthwise convolution of one tap.
 */
export function foldAffine(graph: FloatGraph): FloatGraph {
  const folded = mergePairs(graph, (layer, affine) => {
    if (affine.op !== 'affine' || !('parameters' in layer) || layer.activation !== 'none') return undefined;
    const { weights, bias } = layer.parameters, channel = channelOf(layer, bias.length, weights.length / bias.length);
    return {
      ...layer,
      output: affine.output,
      parameters: { weights: weights.map((w, i) => w * affine.factors[channel(i)]), bias: bias.map((b, c) => b * affine.factors[c] + affine.offsets[c]) },
    };
  });
  return {
    ...folded,
    nodes: folded.nodes.map((node) => {
      if (node.op !== 'affine') return node;
      const { name, inputs, output } = node, parameters = { weights: node.factors, bias: node.offsets };
      if (folded.tensors.get(inputs[0])!.shape.length === 4)
        return { op: 'depthwiseConv2d', name, inputs, output, window: { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] }, multiplier: 1, activation: 'none', parameters };
      // A vector: a diagonal matrix.
      const n = node.factors.length, weights = new Float32Array(n * n);
      node.factors.forEach((f, i) => (weights[i * n + i] = f));
      return { op: 'fullyConnected', name, inputs, output, activation: 'none', parameters: { weights, bias: node.offsets } };
    }),
  };
}
