/** The scales of a model that brings its own: what the file says of some tensors, and what follows for others. */
import {
  sameQuantization,
  type FloatGraph,
  type FloatParameters,
  type Node,
  type Quantization,
} from '../../graph';
import { scaleRule } from '../../operators';

/** How tensors are quantized, by their names. */
export type Scales = Map<string, Quantization>;

/** A graph, and the scales of its tensors, or of some. */
export interface Scaled {
  graph: FloatGraph;
  scales: Scales;
}

/** Whether a node's inputs and output have one scale, as far as integers go. */
const keepsScale = (node: Node<FloatParameters>): boolean =>
  node.op === 'activation' || scaleRule(node) === 'input';

/** Whether values may be rounded and clipped in front of a node as well as behind it. A mean may not. */
const commutes = (node: Node<FloatParameters>): boolean => keepsScale(node) && node.op !== 'averagePool2d';

/**
 * The scales that follow from those that are given: integers are moved and compared as they are. What is
 * rounded only after it was moved is rounded before, when nobody else reads it.
 * @returns those of tensors of the graph
 */
export function spread({ nodes, outputs, tensors }: FloatGraph, given: Scales): Scales {
  const scales = new Map([...given].filter(([name]) => tensors.has(name))),
    readers = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs])
    readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const node of [...nodes].reverse()) {
    const scale = scales.get(node.output);
    if (!scale || !commutes(node)) continue;
    for (const name of node.inputs) if (!scales.has(name) && readers.get(name) === 1) scales.set(name, scale);
  }
  for (const node of nodes) {
    const [first, ...others] = node.inputs.map((name) => scales.get(name));
    if (!first || scales.has(node.output) || !keepsScale(node)) continue;
    if (others.every((other) => other && sameQuantization(first, other))) scales.set(node.output, first);
  }
  return scales;
}
