/**
 * An int8 graph as the operators that the file will hold: the record and the storage of each are chosen here,
 * and nowhere else.
 */
import { FlintError } from '../../src/error';
import type { IntGraph, IntParameters, Node } from '../graph';
import { operatorOf, workOf } from '../operators';
import type { Aim, Lowered, Lowering } from '../operators/operator';

/** A node with the record that the file will hold. */
export interface LoweredNode extends Lowered {
  node: Node<IntParameters>;
  /** Steps of one run, as the device counts them. */
  work: number;
}

/** A graph whose every choice is made. */
export interface LoweredGraph {
  graph: IntGraph;
  /** In execution order; nodes that only name bytes anew are not among them. */
  nodes: LoweredNode[];
  /** For every tensor the one whose bytes it is: itself, or the first of a chain of reshapes. */
  base: Map<string, string>;
  single: boolean;
}

/** What the choices depend on besides the graph. */
export interface LowerOptions {
  rounding: 'double' | 'single';
  aim: Aim;
}

/** Reshapes cost nothing: each output is another view of the first tensor in the chain. */
function viewBases(graph: IntGraph): Map<string, string> {
  const base = new Map<string, string>();
  for (const name of graph.tensors.keys()) base.set(name, name);
  for (const node of graph.nodes) if (node.op === 'reshape') base.set(node.output, base.get(node.inputs[0])!);
  return base;
}

/**
 * @param graph int8, every tensor quantized, nodes in execution order
 * @throws FlintError when the graph cannot be expressed
 */
export function lower(graph: IntGraph, { rounding, aim }: LowerOptions): LoweredGraph {
  const names = new Map([...graph.tensors.keys()].map((name, i) => [name, i])),
    single = rounding === 'single';
  for (const [name, { shape }] of graph.tensors)
    if (shape.length > 4 || shape.length < 1)
      throw new FlintError(`tensor ${name} has ${shape.length} dimensions; 1 to 4 can be stored`);
  const lowering: Lowering = {
    tensor: (name) => graph.tensors.get(name) as ReturnType<Lowering['tensor']>,
    index: (name) => names.get(name)!,
    single,
    aim,
  };
  const nodes = graph.nodes
    .filter((node) => node.op !== 'reshape')
    .map((node): LoweredNode => {
      const { lower: toRecord } = operatorOf(node);
      if (!toRecord) throw new Error(`a node of kind ${node.op} has no record`);
      return { ...toRecord(node as never, lowering), node, work: workOf(node, graph.tensors) };
    });
  if (!nodes.length)
    throw new FlintError(`${graph.name} computes nothing: its output is its input, in another shape at most`);
  return { graph, nodes, base: viewBases(graph), single };
}
