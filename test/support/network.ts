/** Networks of one operator, made from random numbers. */
import { packGraph, type GraphOptions } from '../../host/file/pack-graph';
import {
  elements,
  type Activation,
  type IntGraph,
  type IntParameters,
  type Node,
  type Quantization,
  type Window,
} from '../../host/graph';
import { load, run, type Model } from '../../src/model';
import { Random } from './random';

interface LayerOptions {
  perTensor?: boolean;
  /** Percent of weights that are not zero. */
  density?: number;
}

/**
 * Weights of 8 bits, or of 4 or 2, which are stored side by side; their scales make up for it. Some channels'
 * are not symmetric.
 * @param count of weights
 */
export function layerParameters(
  random: Random,
  count: number,
  channels: number,
  { perTensor = false, density = 100 }: LayerOptions = {},
): IntParameters {
  const narrow = random.pick([0, 0, 4, 6]),
    half = 128 >> narrow,
    asymmetric = narrow > 0 && random.below(2) > 0,
    taps = count / channels;
  const moved = Array.from({ length: channels }, () => (asymmetric ? random.between(1 - half, half) : 0)),
    kept = (w: number, i: number): number => (w >> narrow) + moved[Math.floor(i / taps)];
  return {
    weights: random.bytes(count, -127).map((w, i) => (random.below(100) < density ? kept(w, i) : 0)),
    scales: Float64Array.from(
      { length: perTensor ? 1 : channels },
      () => Math.fround((0.5 + random.below(1000) / 1000) / 100) * 2 ** narrow,
    ),
    bias: Int32Array.from({ length: channels }, () => random.between(-3000, 3000)),
  };
}

/** An output scale under which most sums of so many products fit int8, or few do, or all are near zero. */
export const sumScale = (random: Random, inputScale: number, taps: number): number =>
  Math.fround(inputScale * 0.01 * Math.sqrt(taps) * random.pick([5, 40, 100, 0.5]));

export function window(random: Random, most: number, dilate: boolean): Window {
  const kernel: [number, number] = [random.between(1, most), random.between(1, most)],
    side = (): [number, number] => [random.between(1, 3), random.between(1, 3)];
  return {
    kernel,
    stride: side(),
    dilation: dilate && random.below(4) === 0 ? side() : [1, 1],
    pads:
      random.below(3) === 0
        ? [0, 0, 0, 0]
        : [
            random.below(kernel[0]),
            random.below(kernel[1]),
            random.below(kernel[0]),
            random.below(kernel[1]),
          ],
  };
}

/** Output height and width of a window over an input; less than 1 where it does not fit. */
export function windowOutput(w: Window, height: number, width: number): [number, number] {
  const side = (n: number, axis: 0 | 1): number => {
    const room = n + w.pads[axis] + w.pads[axis + 2] - (w.kernel[axis] - 1) * w.dilation[axis] - 1;
    return Math.floor(room / w.stride[axis]) + 1;
  };
  return [side(height, 0), side(width, 1)];
}

/** Shapes, window and activation of something that slides over a random image. */
export interface Sliding {
  window: Window;
  input: number[];
  /** Height and width of the output. */
  size: [number, number];
  activation: Activation;
}

/** @returns undefined where the window does not fit the image */
export function sliding(
  random: Random,
  channels: number,
  most: number,
  dilate: boolean,
): Sliding | undefined {
  const w = window(random, most, dilate),
    input = [1, random.between(1, 12), random.between(1, 12), channels],
    size = windowOutput(w, input[1], input[2]);
  return size[0] < 1 || size[1] < 1 ? undefined : { window: w, input, size, activation: random.activation() };
}

export interface Tensors {
  [name: string]: { shape: number[]; quantization: Quantization };
}

/** Tensors x and y of random scales. */
export const inOut = (random: Random, x: number[], y: number[]): Tensors => ({
  x: { shape: x, quantization: random.quantization() },
  y: { shape: y, quantization: random.quantization() },
});

/**
 * A network of one operator, whose inputs and output are the network's. One without inputs stands beside a
 * tensor x.
 */
export function network(node: Node<IntParameters>, tensors: Tensors): IntGraph {
  return {
    name: 'test',
    inputs: node.inputs.length ? [...new Set(node.inputs)] : ['x'],
    outputs: [node.output],
    nodes: [node],
    tensors: new Map(Object.entries(tensors).map(([name, t]) => [name, { ...t, source: name }])),
  };
}

export const randomInputs = (random: Random, node: Node<IntParameters>, tensors: Tensors): Int8Array[] =>
  [...new Set(node.inputs)].map((name) => random.bytes(elements(tensors[name].shape)));

/** Packs and loads a graph, fills its inputs and runs it. */
export function runGraph(
  graph: IntGraph,
  inputs: Int8Array[],
  options: GraphOptions = {},
): { model: Model; output: Int8Array } {
  const model = load(packGraph(graph, options).file.buffer);
  inputs.forEach((values, i) => model.inputs[i].set(values));
  run(model);
  return { model, output: model.outputs[0] };
}

/** The same graph with other weights. */
export const withWeights = (graph: IntGraph, change: (w: number, i: number) => number): IntGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) =>
    'parameters' in node
      ? { ...node, parameters: { ...node.parameters, weights: node.parameters.weights.map(change) } }
      : node,
  ),
});
