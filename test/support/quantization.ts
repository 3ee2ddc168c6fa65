/** A small network of every kind of layer, its quantization, and what that is compared with. */
import type { FloatGraph, IntGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { silent } from '../../host/system/progress';
import { quantizeFloat } from '../../host/quantize/float';
import { plain, type Scheme } from '../../host/recipe/scheme';
import { isLayer } from '../../host/graph';
import { type FloatLayer, type Moments } from '../../host/quantize/statistics';
import { OnnxBuilder } from './onnx-builder';
import { Random } from './random';

/** Every kind of layer: convolution, depthwise, 1 x 1, pooling, fully connected. */
function network(change: (b: OnnxBuilder) => void = () => {}): Uint8Array {
  const b = new OnnxBuilder([1, 2, 8, 8]);
  change(b);
  const conv = (x: string, weights: string, bias: string, attributes: Record<string, number | number[]>): string =>
    b.node('Relu', [b.node('Conv', [x, weights, bias], attributes)]);
  const first = conv('x', b.floats([6, 2, 3, 3]), b.floats([6]), { pads: [1, 1, 1, 1] });
  const second = conv(first, b.floats([6, 1, 3, 3]), b.floats([6]), { pads: [1, 1, 1, 1], group: 6, strides: [2, 2] });
  const third = conv(second, b.floats([12, 6, 1, 1]), b.floats([12]), {});
  const pooled = b.node('MaxPool', [third], { kernel_shape: [2, 2], strides: [2, 2] });
  return b.finish(b.node('Gemm', [b.node('Flatten', [pooled]), b.floats([48, 20]), b.floats([20])]));
}
export const onnx = network(), graph = optimize(importOnnx(onnx, ''));

export function images(count: number): Float32Array[] {
  const random = new Random(77);
  return Array.from({ length: count }, () => Float32Array.from({ length: 128 }, () => (random.below(2001) - 1000) / 1000));
}
export const input = { scale: 1 / 127, zeroPoint: 0 };
export const quantized = (scheme: Partial<Scheme>, inputs = images(20), model = onnx, float = graph): Promise<IntGraph> =>
  quantizeFloat(model, float, inputs, input, { ...plain, ...scheme }, silent);

/** The float graph with the integers' real values for weights and biases. */
export function fakeQuantized(float: FloatGraph, int: IntGraph): FloatGraph {
  return {
    ...float,
    tensors: int.tensors,
    nodes: float.nodes.map((node, i) => {
      const made = int.nodes[i];
      if (!isLayer(node) || !('parameters' in made)) return node;
      const { weights, bias, scales } = made.parameters, outputs = bias.length,
        channel = (k: number): number => (scales.length === 1 ? 0 : Math.floor(k / (weights.length / outputs)));
      const from = int.tensors.get(made.inputs[0])!.quantization!.scale;
      return { ...node, parameters: { weights: Float32Array.from(weights, (w, k) => w * scales[channel(k)]), bias: Float32Array.from(bias, (v, c) => v * from * scales[scales.length === 1 ? 0 : c]) } };
    }),
  };
}

/** Mean squared error that other weights make in the layer's output: e H e over the inputs' second moments. */
export function outputError(node: FloatLayer, moments: Moments[], real: ArrayLike<number>): number {
  const { weights, bias } = node.parameters, outputs = bias.length, n = weights.length / outputs;
  let sum = 0;
  for (let c = 0; c < outputs; c++) {
    const depthwise = node.op === 'depthwiseConv2d', { products, count } = moments[depthwise ? Math.floor(c / node.multiplier) : 0];
    const e = Array.from({ length: n }, (_, k) => weights[c * n + k] - real[c * n + k]);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) sum += ((i === j ? 1 : 2) * e[i] * e[j] * products[i * n + j]) / count;
  }
  return sum;
}
