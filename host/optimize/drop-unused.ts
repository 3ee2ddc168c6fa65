import type { Graph } from '../graph';

/** Operators and tensors that no output depends on are left out. */
export function dropUnused<P>(graph: Graph<P>): Graph<P> {
  const needed = new Set([...graph.outputs, ...graph.inputs]);
  const nodes = [...graph.nodes].reverse().filter((node) => {
    if (!needed.has(node.output)) return false;
    node.inputs.forEach((input) => needed.add(input));
    return true;
  });
  return {
    ...graph,
    nodes: nodes.reverse(),
    tensors: new Map([...graph.tensors].filter(([name]) => needed.has(name))),
  };
}
