/**
 * Scales that lanes can requantize with. Rounding twice leaves some channel in some thousand without a multiply-add that equals it (see
 * fit.ts), and with it its layer off lanes. Where the packer chose the scales itself, it may choose another one: nearly all have one.
 */
import type { IntGraph, IntParameters, Node } from '../graph';
import { fitChannels } from './encode';
import type { Convolution } from './taps';

/** Scales change by so much a step, in turn up and down: far less than the rounding of an int8 weight. */
const STEP = 2 ** -13, STEPS = 32;

/** The same layer with another scale, and its bias in units of it, for some channels. */
function scaledBy(node: Convolution, factor: number[]): Convolution {
  const { scales, bias } = node.parameters;
  return {
    ...node,
    parameters: { ...node.parameters, scales: scales.map((s, c) => Math.fround(s * factor[c])), bias: bias.map((b, c) => Math.round(b / factor[c])) },
  };
}

/** @param graph quantized by the packer: the scales of imported models are what they are */
export function settled(graph: IntGraph, single: boolean): IntGraph {
  return { ...graph, nodes: graph.nodes.map((node): Node<IntParameters> => {
    if ((node.op !== 'conv2d' && node.op !== 'depthwiseConv2d') || node.parameters.scales.length === 1) return node;
    const input = graph.tensors.get(node.inputs[0])!.quantization!, output = graph.tensors.get(node.output)!.quantization!;
    const without = (candidate: Convolution): boolean[] => fitChannels(candidate, input, output, single).map((f) => !f), missing = without(node);
    const factor = missing.map(() => 1);
    for (let step = 1; step <= STEPS && missing.includes(true); step++) {
      missing.forEach((m, c) => m && (factor[c] = 1 + (step & 1 ? (step + 1) >> 1 : -(step >> 1)) * STEP));
      const still = without(scaledBy(node, factor));
      missing.forEach((m, c) => m && !still[c] && (missing[c] = false));
    }
    missing.forEach((m, c) => m && (factor[c] = 1));
    return factor.every((f) => f === 1) ? node : scaledBy(node, factor);
  }) };
}
