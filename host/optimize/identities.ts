/**
 * Arithmetic with constants that leaves every byte as it is, for only its scale says what it did: as 1 / 255 does
 * to an image in front of a TFLite model. Whether it is that, the device's own kernel tells, on all 256 values.
 */
import { load, run } from '../../src/model';
import { packGraph } from '../file/pack-graph';
import { elements, type Graph, type IntGraph, type IntParameters, type Node, type NodeOf } from '../graph';
import { dropUnused } from './drop-unused';

/** A constant of more values is none that is the same for all pixels, and is not worth the look. */
const MOST = 256;

type Constant = NodeOf<'constant', IntParameters>;

/** What an operator with a constant makes of all values, beside each of the constant's. */
function isIdentity({ tensors }: IntGraph, node: Node<IntParameters>, constant: Constant): boolean {
  const [x, k] = node.inputs,
    n = constant.data.length,
    every = (name: string) => ({ ...tensors.get(name)!, shape: [256, n] });
  const probe: IntGraph = {
    ...{ name: node.name, inputs: [x], outputs: [node.output], nodes: [constant, node] },
    tensors: new Map([
      [x, every(x)],
      [k, { ...tensors.get(k)!, shape: [1, n] }],
      [node.output, every(node.output)],
    ]),
  };
  return (['double', 'single'] as const).every((rounding) => {
    const model = load(packGraph(probe, { rounding }).file.buffer),
      input = model.inputs[0].map((_, i) => Math.floor(i / n) - 128);
    model.inputs[0].set(input);
    run(model);
    return input.every((q, i) => q === model.outputs[0][i]);
  });
}

/** @returns the graph with other names of tensors in such operators' places */
export function withoutIdentities(graph: IntGraph): Graph<IntParameters> {
  const { tensors, nodes } = graph,
    constants = new Map(nodes.flatMap((node) => (node.op === 'constant' ? [[node.output, node]] : [])));
  const isOne = (node: Node<IntParameters>): boolean => {
    if (node.op !== 'multiply' && node.op !== 'add') return false;
    const [x, k] = node.inputs,
      constant = constants.get(k),
      isWhole = elements(tensors.get(x)!.shape) === elements(tensors.get(node.output)!.shape);
    return (
      !!constant &&
      !constants.has(x) &&
      isWhole &&
      constant.data.length <= MOST &&
      isIdentity(graph, node, constant)
    );
  };
  const kept = nodes.map((node): Node<IntParameters> =>
    isOne(node) ? { op: 'reshape', name: node.name, inputs: [node.inputs[0]], output: node.output } : node,
  );
  return kept.some((node, i) => node !== nodes[i]) ? dropUnused({ ...graph, nodes: kept }) : graph;
}
