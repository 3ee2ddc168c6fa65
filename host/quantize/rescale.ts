/**
 * Operators whose inputs and output share one scale, where an input cannot change its own: it is the model's
 * input, or what a softmax, sigmoid or tanh gives. What the others hold beyond it would be clipped; so a
 * requantization goes in front.
 */
import {
  sameQuantization,
  type FloatGraph,
  type FloatParameters,
  type Node,
  type Quantization,
} from '../graph';
import { scaleRule } from '../operators';
import { joinRanges, rangeOf, type Range } from './observers';

/** Whether int8 values of a scale reach as far as a range, rounding aside. */
const covers = ({ scale, zeroPoint }: Quantization, { min, max }: Range): boolean =>
  (-128.5 - zeroPoint) * scale <= min && max <= (127.5 - zeroPoint) * scale;

/**
 * @param ranges observed range of every tensor that is no constant
 * @param fixed quantizations that are given: the input's
 * @returns the graph with requantizations, and the ranges of what they give besides
 */
export function rescaled(
  graph: FloatGraph,
  ranges: Map<string, Range>,
  fixed: Map<string, Quantization>,
): { graph: FloatGraph; ranges: Map<string, Range> } {
  const tensors = new Map(graph.tensors),
    known = new Map(fixed),
    all = new Map(ranges),
    copies = new Map<string, string>(),
    nodes: Node<FloatParameters>[] = [];

  /** A copy of a tensor in a scale of its own. */
  const copied = (input: string): string => {
    const made = copies.get(input);
    if (made) return made;
    let output = `${input}/rescaled`;
    while (tensors.has(output)) output += "'";
    copies.set(input, output);
    tensors.set(output, tensors.get(input)!);
    all.set(output, all.get(input)!);
    nodes.push({ op: 'lookup', function: 'requantize', name: output, inputs: [input], output });
    return output;
  };

  for (const node of graph.nodes) {
    const rule = scaleRule(node);
    if (node.op === 'constant') all.set(node.output, rangeOf(node.data));
    if (typeof rule === 'object') known.set(node.output, rule);
    const given = rule === 'input' ? node.inputs.flatMap((name) => known.get(name) ?? []) : [];
    if (!given.length) {
      nodes.push(node);
      continue;
    }
    const held = node.inputs.map((name) => all.get(name)!),
      needed = joinRanges(node.op === 'pad' ? [...held, { min: node.value, max: node.value }] : held),
      [first] = given,
      alike = given.every((q) => sameQuantization(q, first));
    // An input or softmax by itself keeps to its scale; several, or a border, may need more.
    const alone = node.inputs.length === 1 && node.op !== 'pad';
    if (alone || (alike && covers(first, needed))) {
      known.set(node.output, first);
      nodes.push(node);
    } else
      nodes.push({ ...node, inputs: node.inputs.map((name) => (known.has(name) ? copied(name) : name)) });
  }
  return { graph: { ...graph, tensors, nodes }, ranges: all };
}
