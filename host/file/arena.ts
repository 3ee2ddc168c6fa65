/**
 * The arena of a lowered graph: how long every tensor and every operator's scratch is needed, and where they
 * lie.
 */
import { elements } from '../graph';
import type { LoweredGraph } from './lower';
import { plan, type Block } from './plan';

/** Where everything lies in the arena. */
export interface ArenaPlan {
  /** Of tensors that own their bytes, by name. */
  tensors: Map<string, { address: number; first: number; last: number }>;
  /** Of each operator's scratch. */
  scratch: number[];
  arenaBytes: number;
  /** No arrangement of this graph's tensors needs less. */
  lowerBound: number;
}

/**
 * Lifetimes are counted in operators: -1 is before the first, for inputs; the operators' number is after the
 * last, for outputs.
 */
export function planArena({ graph, nodes, base }: LoweredGraph): ArenaPlan {
  const count = nodes.length,
    owners = [...graph.tensors.keys()].filter((name) => base.get(name) === name),
    first = new Map(graph.inputs.map((name) => [name, -1])),
    last = new Map<string, number>();
  nodes.forEach(({ node }, i) => {
    first.set(node.output, i);
    for (const name of node.inputs) last.set(base.get(name)!, i);
  });
  for (const name of graph.outputs) last.set(base.get(name)!, count);
  const blocks = owners.map((name): Block => {
    const from = first.get(name) ?? -1;
    return {
      bytes: elements(graph.tensors.get(name)!.shape),
      first: from,
      last: Math.max(from, last.get(name) ?? from),
    };
  });
  nodes.forEach(({ scratchBytes = 0 }, i) => blocks.push({ bytes: scratchBytes, first: i, last: i }));
  const { addresses, arenaBytes, lowerBound } = plan(blocks);
  const tensors = owners.map((name, i): [string, { address: number; first: number; last: number }] => [
    name,
    { address: addresses[i], first: blocks[i].first, last: blocks[i].last },
  ]);
  return { tensors: new Map(tensors), scratch: addresses.slice(owners.length), arenaBytes, lowerBound };
}
