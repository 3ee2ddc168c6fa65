import { tapsOf, type FloatGraph, type FloatParameters, type Layer } from '../graph';
import { affineExpression } from '../operators/affine';
import { ONE_PIXEL } from '../operators/window';
import { mergePairs, onImage } from './rewrite';

/**
 * Batch normalization (and arithmetic with constants per channel) goes into the weights and bias of the layer
 * before it, or of the one behind it; several in a row are one.
 *
 * Not when what lies between is read by others too, or has an activation; nor into a layer behind it that
 * pads with zeros, which are not what the normalization makes of zeros.
 */
export function foldAffine(graph: FloatGraph): FloatGraph {
  const single = mergePairs(graph, (first, second) => {
    if (first.op !== 'affine' || second.op !== 'affine') return undefined;
    if (first.factors.length !== second.factors.length) return undefined;
    return {
      ...second,
      inputs: first.inputs,
      factors: second.factors.map((f, c) => f * first.factors[c]),
      offsets: second.offsets.map((o, c) => o + second.factors[c] * first.offsets[c]),
    };
  });
  const before = mergePairs(single, (layer, affine) => {
    if (affine.op !== 'affine' || !('parameters' in layer) || layer.activation !== 'none') return undefined;
    const { weights, bias, scales } = layer.parameters,
      taps = tapsOf(layer.parameters);
    if (affine.factors.length !== bias.length) return undefined;
    return {
      ...layer,
      output: affine.output,
      parameters: {
        weights: weights.map((w, i) => w * affine.factors[Math.floor(i / taps)]),
        bias: bias.map((b, c) => b * affine.factors[c] + affine.offsets[c]),
        // A channel of factor 0 has no weights but zeros, which are multiples of anything.
        scales:
          scales && Array.from(affine.factors, (f, c) => (Math.abs(f) || 1) * scales[c % scales.length]),
      },
    };
  });
  return mergePairs(before, (affine, layer) => {
    if (affine.op !== 'affine' || !('parameters' in layer) || layer.parameters.scales) return undefined;
    const padded = 'window' in layer && layer.window.pads.some((p) => p > 0);
    if (padded && affine.offsets.some((o) => o !== 0)) return undefined;
    return { ...layer, inputs: affine.inputs, parameters: behind(affine, layer) };
  });
}

/** A layer's parameters with what is done to its input before. */
function behind(
  { factors, offsets }: { factors: Float32Array; offsets: Float32Array },
  layer: Layer<FloatParameters>,
): FloatParameters {
  const { weights, bias } = layer.parameters,
    taps = tapsOf(layer.parameters),
    channelOf = (i: number): number =>
      layer.op === 'depthwiseConv2d' ? Math.floor(i / taps / layer.multiplier) : i % factors.length;
  const sums = Float64Array.from(bias);
  weights.forEach((w, i) => (sums[Math.floor(i / taps)] += w * offsets[channelOf(i)]));
  return { weights: weights.map((w, i) => w * factors[channelOf(i)]), bias: Float32Array.from(sums) };
}

/**
 * What could not be folded runs as a table where it is one function for all channels, else as a depthwise
 * convolution of one tap.
 */
export function affineAlone(graph: FloatGraph): FloatGraph {
  const tensors = new Map(graph.tensors);
  const nodes = graph.nodes.flatMap((node): FloatGraph['nodes'] => {
    if (node.op !== 'affine') return [node];
    const { name, inputs, output, factors, offsets } = node,
      expression = affineExpression(node);
    if (expression) return [{ op: 'lookup', name, inputs, output, function: 'expression', expression }];
    return onImage(tensors, {
      op: 'depthwiseConv2d',
      name,
      inputs,
      output,
      window: ONE_PIXEL,
      multiplier: 1,
      activation: 'none',
      parameters: { weights: factors, bias: offsets },
    });
  });
  return { ...graph, tensors, nodes };
}
