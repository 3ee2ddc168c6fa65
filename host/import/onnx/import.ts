/** A float ONNX model as our graph. Everything that cannot run is told at once, before any other work. */
import { FlintError } from '../../../src/error';
import type { FloatGraph, Quantization } from '../../graph';
import { Refusal, refuse } from './context';
import { converterOf, suggestionFor } from './converters';
import { draftOf } from './draft';
import { folded, isFolded } from './fold';
import { asOutput } from './outputs';
import { spelledOut } from './qoperator';
import { dequantized, quantized } from './quantized';
import { readOnnx, type Constant, type OnnxModel, type OnnxNode } from './read';

/** Nodes on which an output depends. */
function used(model: OnnxModel): OnnxNode[] {
  const needed = new Set(model.outputs);
  return [...model.nodes]
    .reverse()
    .filter((node) => {
      const wanted = node.outputs.some((output) => needed.has(output));
      if (wanted) node.inputs.forEach((input) => needed.add(input));
      return wanted;
    })
    .reverse();
}

/**
 * @param bytes as prepare.ts makes them
 * @param name for the model
 * @returns the graph, the quantizations the model itself gives (by tensor; none in a float model), remarks
 * @throws FlintError when the file is damaged, or listing every node that cannot run
 */
export function importOnnx(
  bytes: Uint8Array,
  name: string,
): FloatGraph & { given: Map<string, Quantization>; remarks: string[] } {
  const model = readOnnx(bytes),
    refusals: string[] = [];
  const { graph, values, given, integers, contextOf } = draftOf(model, name),
    { constants } = model;

  /** A node that computes a constant, where it does. */
  const constantOutput = (node: OnnxNode): Constant | undefined => {
    const constant = (input: string): Constant | undefined => constants.get(input);
    if (node.type === 'DequantizeLinear' && constants.has(node.inputs[0])) return dequantized(node, constant);
    if (node.type === 'QuantizeLinear' && constants.has(node.inputs[0])) return quantized(node, constant);
    return folded(
      node,
      model.opset,
      (input) => constants.get(input),
      (input) => values.get(input)?.shape ?? constants.get(input)?.shape,
    );
  };

  const lost = new Set<string>(); // outputs of refused nodes: what reads them is not judged
  const convertNode = (node: OnnxNode): void => {
    const convert = converterOf(node.type),
      constant = constantOutput(node),
      isLost = (convert || isFolded(node.type)) && node.inputs.some((i) => lost.has(i));
    if (constant) constants.set(node.outputs[0], constant);
    else if (isLost) node.outputs.forEach((o) => lost.add(o));
    else if (!convert) refuse(suggestionFor(node.type));
    else if (node.type !== 'DequantizeLinear' && node.inputs.some((i) => integers.has(i)))
      refuse('it computes with integers: put DequantizeLinear in front of it, QuantizeLinear behind it');
    else convert(contextOf(node));
  };
  for (const node of used(model)) {
    const shapes = node.inputs
      .filter(Boolean)
      .map((i) => `[${values.get(i)?.shape ?? constants.get(i)?.shape ?? '?'}]`)
      .join(', ');
    try {
      spelledOut(node, { integers, constants, opset: model.opset }).forEach(convertNode);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      node.outputs.forEach((o) => lost.add(o));
      refusals.push(`  node ${node.index} ${node.name}: ${node.type} ${shapes}: ${error.message}`);
    }
  }
  if (refusals.length)
    throw new FlintError(
      `${refusals.length} of ${model.nodes.length} nodes cannot run on the device:\n${refusals.join('\n')}`,
    );
  for (const output of model.outputs) {
    const value = values.get(output);
    if (!value) throw new FlintError(`output ${output} is a constant`);
    const node = { index: -1, name: output, type: 'output', inputs: [output], outputs: [output] };
    graph.outputs.push(asOutput(contextOf({ ...node, attributes: new Map() }), value));
  }
  if (!graph.inputs.length) throw new FlintError('the model has no inputs');
  // Weights alone may be integers, in a model whose activations are floats.
  return { ...graph, given: integers.size ? given : new Map(), remarks: model.remarks };
}
