import { elements, type FloatGraph, type FloatParameters, type Node } from '../graph';

/** The node that computes a tensor. */
const producer = (graph: FloatGraph, tensor: string): Node<FloatParameters> | undefined =>
  graph.nodes.find((node) => node.output === tensor);

/** Whether only `node` reads the tensor, and it is no output of the model. */
function onlyReadBy(graph: FloatGraph, tensor: string, node: Node<FloatParameters>): boolean {
  return (
    !graph.outputs.includes(tensor) && graph.nodes.every((n) => n === node || !n.inputs.includes(tensor))
  );
}

/**
 * Tries `merge` on every pair of neighbours of which the second is the first's only reader: what it returns
 * takes the place of both, and the tensor between them is gone.
 */
export function mergePairs(
  graph: FloatGraph,
  merge: (first: Node<FloatParameters>, second: Node<FloatParameters>) => Node<FloatParameters> | undefined,
): FloatGraph {
  const result: FloatGraph = { ...graph, tensors: new Map(graph.tensors), nodes: [...graph.nodes] };
  for (let i = 0; i < result.nodes.length; i++) {
    const second = result.nodes[i],
      first = second.inputs.length === 1 ? producer(result, second.inputs[0]) : undefined;
    if (!first || !onlyReadBy(result, first.output, second)) continue;
    const merged = merge(first, second);
    if (!merged) continue;
    result.tensors.delete(first.output);
    result.nodes[i] = merged;
    result.nodes.splice(result.nodes.indexOf(first), 1);
    i -= 2; // the merged node may go on with what now stands before it
  }
  return result;
}

/**
 * An operator on images that maps each value alone, for a tensor of any shape: a vector becomes an image of
 * one pixel and back, which costs nothing.
 * @param tensors receives those two images
 */
export function onImage(
  tensors: FloatGraph['tensors'],
  node: Node<FloatParameters>,
): Node<FloatParameters>[] {
  const {
      name,
      inputs: [from],
      output,
    } = node,
    given = tensors.get(from)!;
  if (given.shape.length === 4 && given.shape[0] === 1) return [node];
  const channels = given.shape[given.shape.length - 1],
    shape = [1, 1, elements(given.shape) / channels, channels],
    before = `${output}/in`,
    after = `${output}/out`;
  tensors.set(before, { ...given, shape });
  tensors.set(after, { ...tensors.get(output)!, shape });
  return [
    { op: 'reshape', name, inputs: [from], output: before },
    { ...node, inputs: [before], output: after },
    { op: 'reshape', name, inputs: [after], output },
  ];
}
