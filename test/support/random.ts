/** Repeatable random numbers (xorshift32) and networks of one operator made from them. */
import type { Activation, IntGraph, IntParameters, Node, Quantization, Window } from '../../host/graph';
import { packGraph, type GraphOptions } from '../../host/file/pack-graph';
import { load, run, type Model } from '../../src/model';

export class Random {
  constructor(private state: number) {}
  /** An integer in [0, n). */
  below(n: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % n;
  }
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  /** Mostly anything, sometimes only extremes. */
  bytes(length: number, low = -128): Int8Array {
    const extreme = this.below(6) === 0;
    return Int8Array.from({ length }, () => (extreme ? this.pick([low, 127]) : this.between(low, 127)));
  }
  quantization(): Quantization {
    return { scale: Math.fround(2 ** -this.between(1, 8) * (1 + this.below(1000) / 1000)), zeroPoint: this.pick([-128, 127, 0, this.between(-128, 127)]) };
  }
  activation(): Activation {
    return this.pick(['none', 'relu', 'relu6', 'reluN1To1'] as const);
  }
}

/** Output scale that puts typical sums into int8's range, with some that saturate. */
export function layerParameters(random: Random, weights: number, channels: number, perTensor = false): IntParameters {
  const scales = Float64Array.from({ length: perTensor ? 1 : channels }, () => Math.fround((0.5 + random.below(1000) / 1000) / 100));
  // Weights of 8 bits, or 4, or 2, which are stored side by side; their scales make up for it. Some channels' are not symmetric.
  const narrow = random.pick([0, 0, 4, 6]), density = random.pick([100, 100, 100, 25, 4]), half = 128 >> narrow,
    asymmetric = narrow > 0 && random.below(2) > 0;
  const moved = Array.from({ length: channels }, () => (asymmetric ? random.between(1 - half, half) : 0)), taps = weights / channels;
  return { weights: random.bytes(weights, -127).map((w, i) => (random.below(100) < density ? (w >> narrow) + moved[Math.floor(i / taps)] : 0)), scales: scales.map((s) => s * 2 ** narrow), bias: Int32Array.from({ length: channels }, () => random.between(-3000, 3000)) };
}

export function window(random: Random, most: number, dilate: boolean): Window {
  const kernel: [number, number] = [random.between(1, most), random.between(1, most)];
  return {
    kernel,
    stride: [random.between(1, 3), random.between(1, 3)],
    dilation: dilate && random.below(4) === 0 ? [random.between(1, 3), random.between(1, 3)] : [1, 1],
    pads: random.below(3) === 0 ? [0, 0, 0, 0] : [random.below(kernel[0]), random.below(kernel[1]), random.below(kernel[0]), random.below(kernel[1])],
  };
}

/** Output height and width of a window over an input; less than 1 where it does not fit. */
export function windowOutput(w: Window, height: number, width: number): [number, number] {
  const side = (n: number, axis: 0 | 1): number =>
    Math.floor((n + w.pads[axis] + w.pads[axis + 2] - (w.kernel[axis] - 1) * w.dilation[axis] - 1) / w.stride[axis]) + 1;
  return [side(height, 0), side(width, 1)];
}

export interface Tensors {
  [name: string]: { shape: number[]; quantization: Quantization };
}

/** A network of one operator, whose inputs are the network's and whose output is y. */
export function network(node: Node<IntParameters>, tensors: Tensors): IntGraph {
  return {
    name: 'test', inputs: [...node.inputs], outputs: [node.output], nodes: [node],
    tensors: new Map(Object.entries(tensors).map(([name, t]) => [name, { ...t, source: name }])),
  };
}

/** Packs and loads a graph, fills its inputs and runs it. */
export function runGraph(graph: IntGraph, inputs: Int8Array[], options: GraphOptions = {}): { model: Model; output: Int8Array } {
  const { file } = packGraph(graph, options);
  const model = load(file.buffer);
  inputs.forEach((values, i) => model.inputs[i].set(values));
  run(model);
  return { model, output: model.outputs[0] };
}
