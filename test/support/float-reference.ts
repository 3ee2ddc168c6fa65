/** A float graph computed as directly as it can be written down, a line of arithmetic an operator. */
import type { Activation, FloatGraph, FloatParameters, Kind, Node } from '../../host/graph';
import { evaluate } from '../../host/operators/expression';
import type { RealFunction } from '../../host/operators/real-tables';
import { conv2dSum, depthwiseConv2dSum, fullyConnectedSum } from './reference/layers';
import {
  concatenation,
  constant,
  interpolated,
  padded,
  resizeNearest,
  slice,
  transpose,
} from './reference/moves';
import { at, positions, repeatedAt, type Operand, type Reference } from './reference/operand';
import { valuesUnder } from './reference/pooling';

const clamps: Record<Activation, [number, number]> = {
  none: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
  reluN1To1: [-1, 1],
};

const between = (low: number, high: number, v: number): number => Math.min(high, Math.max(low, v));

const functions: Record<RealFunction, (v: number, alpha: number) => number> = {
  hardSwish: (v) => (v * between(0, 6, v + 3)) / 6,
  leakyRelu: (v, alpha) => (v < 0 ? alpha * v : v),
  logistic: (v) => 1 / (1 + Math.exp(-v)),
  relu: (v) => Math.max(0, v),
  relu6: (v) => between(0, 6, v),
  reluN1To1: (v) => between(-1, 1, v),
  requantize: (v) => v,
  tanh: Math.tanh,
};

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
const last = (position: number[]): number => position[position.length - 1];

const references: { [K in Kind]: Reference<K, FloatParameters> } = {
  conv2d: (node, [x]) => conv2dSum(node, x),
  depthwiseConv2d: (node, [x]) => depthwiseConv2dSum(node, x),
  fullyConnected: (node, [x], { shape }) => fullyConnectedSum(node, x, shape.slice(0, -1)),
  maxPool2d:
    (node, [x]) =>
    (position) =>
      Math.max(...valuesUnder(node.window, x, position)),
  averagePool2d:
    (node, [x]) =>
    (position) => {
      const values = valuesUnder(node.window, x, position);
      return sum(values) / values.length;
    },
  mean:
    (_, [x]) =>
    (position) => {
      const [, height, width, channels] = x.shape,
        pixels = Array.from({ length: height * width }, (_, p) => x.values[p * channels + last(position)]);
      return sum(pixels) / pixels.length;
    },
  add:
    ({ signs: [first, second] = [1, 1] }, [a, b]) =>
    (position) =>
      first * at(a, position) + second * repeatedAt(b, position),
  multiply:
    (_, [a, b]) =>
    (position) =>
      at(a, position) * repeatedAt(b, position),
  maximum:
    (_, [a, b]) =>
    (position) =>
      Math.max(at(a, position), repeatedAt(b, position)),
  prelu:
    (_, [x, slope]) =>
    (position) => {
      const v = at(x, position);
      return v < 0 ? v * repeatedAt(slope, position) : v;
    },
  lookup:
    ({ function: name, alpha = 0, expression = 'x' }, [x]) =>
    (position) =>
      name === 'expression'
        ? evaluate(expression, at(x, position))
        : functions[name as RealFunction](at(x, position), alpha),
  softmax:
    ({ beta }, [x]) =>
    (position) => {
      const row = Array.from({ length: last(x.shape) }, (_, i) => at(x, [...position.slice(0, -1), i])),
        highest = Math.max(...row),
        exponentials = row.map((v) => Math.exp(beta * (v - highest)));
      return exponentials[last(position)] / sum(exponentials);
    },
  logSoftmax:
    (_, [x]) =>
    (position) => {
      const row = Array.from({ length: last(x.shape) }, (_, i) => at(x, [...position.slice(0, -1), i])),
        highest = Math.max(...row);
      return at(x, position) - highest - Math.log(sum(row.map((v) => Math.exp(v - highest))));
    },
  concatenation,
  pad: ({ before, value }, [x]) => padded(before, x, value),
  transpose,
  slice,
  resizeBilinear: interpolated,
  resizeNearest,
  constant,
  affine:
    ({ factors, offsets }, [x]) =>
    (position) =>
      at(x, position) * factors[last(position)] + offsets[last(position)],
  activation:
    (_, [x]) =>
    (position) =>
      at(x, position),
  // The same values in the same order, whatever the shapes.
  reshape:
    (_, [x], { shape }) =>
    (position) =>
      at({ ...x, shape }, position),
};

function compute(
  graph: FloatGraph,
  node: Node<FloatParameters>,
  values: Map<string, Float32Array>,
): Float32Array {
  const operand = (name: string): Operand => {
    const { shape } = graph.tensors.get(name)!;
    return { shape, values: values.get(name) ?? [], scale: 1, zeroPoint: 0 };
  };
  const output = operand(node.output),
    reference = references[node.op] as Reference<never, FloatParameters>,
    value = reference(node as never, node.inputs.map(operand), output, false),
    [low, high] = clamps['activation' in node ? node.activation : 'none'];
  return Float32Array.from(positions(output.shape), (position) => between(low, high, value(position)));
}

/** @returns every tensor's values, by name */
export function runFloat(graph: FloatGraph, ...inputs: Float32Array[]): Map<string, Float32Array> {
  const values = new Map(graph.inputs.map((name, i) => [name, inputs[i]]));
  for (const node of graph.nodes) values.set(node.output, compute(graph, node, values));
  return values;
}
