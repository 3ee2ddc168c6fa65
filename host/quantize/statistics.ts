/**
 * What the inputs of each layer with weights look like, from calibration images: their mean and second moments under the window. With them
 * the error that rounding does to a layer's output is a quadratic form of the weights' errors, with nothing to train.
 */
import type { FloatGraph, FloatParameters, Node } from '../graph';
import { elements } from '../graph';

export type FloatLayer = Extract<Node<FloatParameters>, { parameters: FloatParameters }>;

/** Of the n taps of an output channel, in the order of its weights. A depthwise layer has one of these for each channel. */
export interface Moments {
  n: number;
  count: number;
  sums: Float64Array;
  /** Upper triangle of the sums of products, n x n, row by row. */
  products: Float64Array;
}

/** Window positions of an image that are looked at, at most. */
const POSITIONS = 100;

const moments = (n: number): Moments => ({ n, count: 0, sums: new Float64Array(n), products: new Float64Array(n * n) });

function add(m: Moments, x: Float32Array): void {
  const { n, sums, products } = m;
  m.count++;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    if (v === 0) continue; // most are, behind a ReLU
    sums[i] += v;
    for (let j = i, k = i * n + i; j < n; j++, k++) products[k] += v * x[j];
  }
}

export const isLayer = (node: Node<FloatParameters>): node is FloatLayer => 'parameters' in node;

/** Where tap k of output channel c stands among a layer's weights. */
export function placeOf({ op, parameters: { weights, bias } }: FloatLayer, c: number, k: number): number {
  return op === 'depthwiseConv2d' ? k * bias.length + c : c * (weights.length / bias.length) + k;
}

/** Gathers the moments of one layer. */
export class LayerStatistics {
  readonly list: Moments[];
  private next = 0;

  constructor(private readonly node: FloatLayer, private readonly graph: FloatGraph) {
    const channels = node.parameters.bias.length, n = node.parameters.weights.length / channels;
    const inputs = graph.tensors.get(node.inputs[0])!.shape;
    this.list = Array.from({ length: node.op === 'depthwiseConv2d' ? inputs[3] : 1 }, () => moments(n));
  }

  /** @param x the layer's input, NHWC */
  update(x: Float32Array): void {
    const { node, graph, list } = this;
    if (node.op === 'fullyConnected') {
      for (let i = 0, n = list[0].n; i < x.length; i += n) add(list[0], x.subarray(i, i + n));
      return;
    }
    const [, height, width, channels] = graph.tensors.get(node.inputs[0])!.shape, [, rows, columns] = graph.tensors.get(node.output)!.shape;
    const { kernel, stride, dilation, pads } = node.window, taps = kernel[0] * kernel[1], all = new Float32Array(taps * channels);
    // Other positions in every image, spread over it.
    const step = Math.max(1, Math.floor((rows * columns) / POSITIONS));
    for (let p = this.next++ % step; p < rows * columns; p += step) {
      const top = Math.floor(p / columns) * stride[0] - pads[0], left = (p % columns) * stride[1] - pads[1];
      for (let ky = 0, i = 0; ky < kernel[0]; ky++) for (let kx = 0; kx < kernel[1]; kx++, i += channels) {
        const y = top + ky * dilation[0], from = left + kx * dilation[1];
        if (y < 0 || y >= height || from < 0 || from >= width) all.fill(0, i, i + channels);
        else all.set(x.subarray((y * width + from) * channels, (y * width + from + 1) * channels), i);
      }
      if (node.op === 'conv2d') add(list[0], all);
      else list.forEach((m, c) => add(m, Float32Array.from({ length: taps }, (_, k) => all[k * channels + c])));
    }
  }
}

/** The tensor a layer reads, before it was flattened: then it has rows, columns and channels whose order is known. */
export function imageBehind(graph: FloatGraph, name: string): string {
  const maker = graph.nodes.find((node) => node.output === name);
  return maker?.op === 'reshape' ? imageBehind(graph, maker.inputs[0]) : name;
}

/** ONNX has channels first; here they are last. @param shape NHWC, or of a vector */
export function channelsLast(values: Float32Array, shape: number[], factors?: Float32Array): Float32Array {
  if (shape.length !== 4) return factors ? values.map((v, i) => v * factors[i % factors.length]) : values;
  const [, height, width, channels] = shape, pixels = height * width, result = new Float32Array(elements(shape));
  for (let c = 0; c < channels; c++) for (let p = 0, f = factors ? factors[c] : 1; p < pixels; p++) result[p * channels + c] = values[c * pixels + p] * f;
  return result;
}
