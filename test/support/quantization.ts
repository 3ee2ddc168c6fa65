/** A small network of every kind of layer, its quantization, and what that is compared with. */
import {
  isLayer,
  tapsOf,
  type FloatGraph,
  type FloatParameters,
  type IntGraph,
  type IntParameters,
} from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { quantizeFloat } from '../../host/quantize/float';
import type { FloatLayer, Moments } from '../../host/quantize/statistics';
import { plain, type Scheme } from '../../host/recipe/scheme';
import { silent } from '../../host/system/progress';
import { model } from './onnx';
import { Random } from './random';

/** Convolution, depthwise, 1 x 1, pooling, fully connected. */
export const onnx = model(
  (b) => {
    const relu = (x: string, weights: number[], attributes = {}): string => {
      const layer = b.node('Conv', [x, b.floats(weights), b.floats([weights[0]])], attributes);
      return b.node('Relu', [layer]);
    };
    const around = { pads: [1, 1, 1, 1] },
      first = relu('x', [6, 2, 3, 3], around),
      second = relu(first, [6, 1, 3, 3], { ...around, group: 6, strides: [2, 2] }),
      pooled = b.node('MaxPool', [relu(second, [12, 6, 1, 1])], { kernel_shape: [2, 2], strides: [2, 2] });
    return b.node('Gemm', [b.node('Flatten', [pooled]), b.floats([48, 20]), b.floats([20])]);
  },
  [1, 2, 8, 8],
);

export const graph = optimize(importOnnx(onnx, ''));

export function images(count: number): Float32Array[] {
  const random = new Random(77);
  return Array.from({ length: count }, () => random.reals(128));
}

/** Of the network's input. */
export const input = { scale: 1 / 127, zeroPoint: 0 };

/** An image as the quantized network takes it. */
export const asInput = (image: Float32Array): Int8Array =>
  Int8Array.from(image, (v) => Math.round(v / input.scale));

export const quantized = (
  scheme: Partial<Scheme>,
  inputs = images(20),
  file = onnx,
  float = graph,
): Promise<IntGraph> =>
  quantizeFloat(file, float, inputs, new Map([[float.inputs[0], input]]), { ...plain, ...scheme }, silent);

/** The share of a layer's weights that are zero. */
export const sparsityOf = ({
  weights,
}: {
  weights: IntParameters['weights'] | FloatParameters['weights'];
}): number => Array.from(weights).filter((w) => w === 0).length / weights.length;

/** The real values of a layer's integers. @param inputScale of the tensor that it reads */
function real({ weights, bias, scales }: IntParameters, inputScale: number): FloatParameters {
  const taps = weights.length / bias.length,
    scaleOf = (channel: number): number => scales[scales.length === 1 ? 0 : channel];
  return {
    weights: Float32Array.from(weights, (w, k) => w * scaleOf(Math.floor(k / taps))),
    bias: Float32Array.from(bias, (v, c) => v * inputScale * scaleOf(c)),
  };
}

/** The float graph with the integers' real values for weights and biases. */
export function fakeQuantized(float: FloatGraph, int: IntGraph): FloatGraph {
  const nodes = float.nodes.map((node, i) => {
    const made = int.nodes[i];
    if (!isLayer(node) || !isLayer(made)) return node;
    return {
      ...node,
      parameters: real(made.parameters, int.tensors.get(made.inputs[0])!.quantization!.scale),
    };
  });
  return { ...float, tensors: int.tensors, nodes };
}

/**
 * Mean squared error that other weights make in the layer's output: e H e over the inputs' second moments.
 */
export function outputError(node: FloatLayer, moments: Moments[], other: ArrayLike<number>): number {
  const { weights, bias } = node.parameters,
    n = tapsOf(node.parameters);
  let sum = 0;
  for (let c = 0; c < bias.length; c++) {
    const which = node.op === 'depthwiseConv2d' ? Math.floor(c / node.multiplier) : 0,
      { products, count } = moments[which],
      e = Array.from({ length: n }, (_, k) => weights[c * n + k] - other[c * n + k]);
    for (let i = 0; i < n; i++)
      for (let j = i; j < n; j++) sum += ((i === j ? 1 : 2) * e[i] * e[j] * products[i * n + j]) / count;
  }
  return sum;
}
