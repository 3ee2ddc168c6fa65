/** What a model file stores, looked for before the file is understood. */
import type { GraphProto, TensorProto } from 'onnx-buf';
import { readTensor } from './read';

/** The tensor that a file stores under a name, as an initializer or in a Constant node. */
export function storedTensor(graph: GraphProto, name: string): TensorProto | undefined {
  const stored = graph.initializer.find((t) => t.name === name);
  if (stored) return stored;
  const maker = graph.node.find((n) => n.output.includes(name));
  return maker?.opType === 'Constant' ? maker.attribute.find((a) => a.name === 'value')?.t : undefined;
}

/** The shape of a constant such as weights, which may be stored as integers. */
export function storedShape(graph: GraphProto, name: string): number[] | undefined {
  const stored = storedTensor(graph, name);
  if (stored) return stored.dims.map(Number);
  const maker = graph.node.find((n) => n.output.includes(name));
  return maker && ['Identity', 'DequantizeLinear', 'Cast'].includes(maker.opType) && maker.input[0] !== name
    ? storedShape(graph, maker.input[0])
    : undefined;
}

/** The values of a constant. */
export function storedValues(graph: GraphProto, name: string): number[] | undefined {
  const stored = storedTensor(graph, name);
  return stored && Array.from(readTensor(stored, name).data);
}

/** Operators whose output is known although their input is not. */
const OF_SHAPES = ['Shape', 'Size'];

/** Names of all that a graph can compute before it runs, its nodes being in order. */
export function constantNames(graph: GraphProto): Set<string> {
  const names = new Set(graph.initializer.map((t) => t.name));
  for (const { opType, input, output } of graph.node)
    if (OF_SHAPES.includes(opType) || input.every((name) => !name || names.has(name)))
      output.forEach((name) => names.add(name));
  return names;
}
