/**
 * The int8 operators once more, as directly as they can be written down: one output at a time, in 64-bit
 * integers, with nothing that the kernels use. From the definitions of TensorFlow Lite's reference kernels.
 */
import type { IntGraph, IntParameters, Kind, Node } from '../../host/graph';
import * as elementWise from './reference/element-wise';
import * as layers from './reference/layers';
import * as moves from './reference/moves';
import { positions, type Operand, type Reference } from './reference/operand';
import * as pooling from './reference/pooling';
import { logSoftmax } from './reference/log-softmax';
import { softmax } from './reference/softmax';

const references: { [K in Kind]?: Reference<K> } = {
  ...elementWise,
  ...layers,
  ...moves,
  ...pooling,
  softmax,
  logSoftmax,
};

/** What the one node of a graph should give. @param inputs of the graph, in its order */
export function reference(
  graph: IntGraph,
  node: Node<IntParameters>,
  inputs: Int8Array[],
  single: boolean,
): Int8Array {
  const operand = (name: string): Operand => {
    const { shape, quantization } = graph.tensors.get(name)!;
    return { shape, ...quantization!, values: inputs[graph.inputs.indexOf(name)] };
  };
  const compute = references[node.op] as Reference<never> | undefined;
  if (!compute) throw new Error(`${node.op} has no reference`);
  const output = operand(node.output),
    value = compute(node as never, node.inputs.map(operand), output, single);
  return Int8Array.from(positions(output.shape), value);
}
