/**
 * Operators whose inputs and output share one scale on the device, or whose output has a fixed one, in a model
 * that says otherwise: what they give is requantized, by a table of the real numbers.
 */
import {
  elements,
  sameQuantization,
  type FloatParameters,
  type Node,
  type NodeOf,
  type Quantization,
} from '../../graph';
import { scaleRule } from '../../operators';
import { affineAlone } from '../../optimize/fold-affine';
import type { Scaled } from './scales';

type FloatNode = Node<FloatParameters>;

/**
 * @param model of which not every scale need be known: nodes wait until theirs are
 * @returns one in which every operator's scales are those that the device's has
 */
export function fitted({ graph, scales: given }: Scaled): Scaled {
  const tensors = new Map(graph.tensors),
    scales = new Map(given),
    nodes: FloatNode[] = [],
    copies = new Map<string, string>();

  /** A tensor like another one, under a name of its own. */
  const another = (like: string, suffix: string, scale: Quantization): string => {
    let name = `${like}/${suffix}`;
    while (tensors.has(name)) name += "'";
    tensors.set(name, tensors.get(like)!);
    scales.set(name, scale);
    return name;
  };
  const requantize = (name: string, from: string, to: string): void =>
    void nodes.push({ op: 'lookup', function: 'requantize', real: true, name, inputs: [from], output: to });

  /** The node, its output requantized from a scale. */
  const behind = (node: FloatNode, scale: Quantization): void => {
    const output = another(node.output, 'unscaled', scale);
    nodes.push({ ...node, output });
    requantize(node.name, output, node.output);
  };
  /** The node, its inputs requantized to a scale. */
  const inFront = (node: FloatNode, scale: Quantization): void => {
    const inputs = node.inputs.map((input) => {
      const known = scales.get(input);
      if (!known || sameQuantization(known, scale)) return input;
      const key = `${input} ${scale.scale} ${scale.zeroPoint}`,
        copy = copies.get(key) ?? another(input, 'rescaled', scale);
      if (!copies.has(key)) requantize(node.name, input, copy);
      copies.set(key, copy);
      return copy;
    });
    nodes.push({ ...node, inputs });
  };
  /** x * factor + offset, apart from the layer before it, which has a scale of its own. */
  const alone = (node: NodeOf<'affine', FloatParameters>): void => {
    const [input] = node.inputs,
      to = scales.get(node.output),
      { nodes: made, tensors: all } = affineAlone({ ...graph, tensors, nodes: [node] });
    for (const [name, tensor] of all) tensors.set(name, tensor);
    if (made.length > 1) {
      scales.set(made[1].inputs[0], scales.get(input)!);
      if (to) scales.set(made[1].output, to);
    }
    nodes.push(...made);
  };

  for (const node of graph.nodes) {
    const rule = scaleRule(node),
      [from] = node.inputs.map((name) => scales.get(name)),
      to = scales.get(node.output),
      differ = from && to && !sameQuantization(from, to);
    if (node.op === 'lookup') nodes.push(to ? { ...node, real: true } : node);
    else if (node.op === 'activation' && differ)
      nodes.push({ ...node, op: 'lookup', function: node.activation as 'relu', real: true });
    else if (node.op === 'affine' && from) alone(node);
    else if (node.op === 'averagePool2d' && differ && !node.window.pads.some((p) => p))
      nodes.push(averaging(node, tensors.get(node.inputs[0])!.shape));
    else if (typeof rule === 'object' && to && !sameQuantization(rule, to)) behind(node, rule);
    else if (rule === 'input' && to && (node.inputs.length > 1 || node.op === 'pad')) inFront(node, to);
    else if (rule === 'input' && differ) behind(node, from);
    else nodes.push(node);
  }
  return { graph: { ...graph, tensors, nodes }, scales };
}

/** A mean with a scale of its own: a sum that is requantized once. */
function averaging(
  { name, inputs, output, window, activation }: NodeOf<'averagePool2d', FloatParameters>,
  [, height, width, channels]: number[],
): FloatNode {
  const [kernelY, kernelX] = window.kernel,
    taps = elements(window.kernel);
  if (kernelY === height && kernelX === width && activation === 'none')
    return { op: 'mean', name, inputs, output };
  const parameters = {
    weights: new Float32Array(taps * channels).fill(1 / taps),
    bias: new Float32Array(channels),
    scales: [1 / taps],
  };
  return { op: 'depthwiseConv2d', name, inputs, output, window, multiplier: 1, activation, parameters };
}
