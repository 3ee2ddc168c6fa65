/** A graph in the making: what each node of a model finds there and adds to it. */
import {
  elements,
  sameQuantization,
  type FloatGraph,
  type FloatParameters,
  type Node,
  type Quantization,
} from '../../graph';
import { Refusal, need, type Integers, type OnnxContext, type Part, type Value } from './context';
import { LARGEST, inputsOf, tensorOf } from './graph-inputs';
import type { Layout } from './layout';
import type { OnnxModel, OnnxNode } from './read';

/** What is known so far. */
export interface Draft {
  graph: FloatGraph;
  /** Values of the model by name, constants apart. */
  values: Map<string, Value>;
  /** Quantizations that the model itself gives, by tensor. */
  given: Map<string, Quantization>;
  integers: Integers;
  contextOf(node: OnnxNode): OnnxContext;
}

/** A graph that holds the model's inputs, and no node yet. */
export function draftOf(model: OnnxModel, name: string): Draft {
  const graph: FloatGraph = { name, inputs: [], outputs: [], tensors: new Map(), nodes: [] };
  const values = new Map<string, Value>(),
    constants = model.constants,
    given = new Map<string, Quantization>(),
    integers: Integers = new Map(),
    moved = new Map<string, string>(); // what several nodes want in the same order is moved once

  const define = (tensor: string, layout: Layout, source = tensor, shape?: number[]): string => {
    need(
      elements(layout.shape) <= LARGEST,
      `its output [${layout.shape}] is larger than any microcontroller's memory`,
    );
    need(tensor, 'its first output has no name');
    need(!graph.tensors.has(tensor), `its output ${tensor} has the name of another tensor`);
    graph.tensors.set(tensor, tensorOf(layout, source, shape));
    return tensor;
  };
  for (const value of inputsOf(model)) {
    define(value.name, value);
    values.set(value.name, value);
    graph.inputs.push(value.name);
  }
  for (const { name: input, integers: isInteger } of model.inputs) {
    if (isInteger) integers.set(input, []);
  }

  const contextOf = (node: OnnxNode): OnnxContext => {
    const [output] = node.outputs;
    const add = (part: Part, tensor: string, suffix = ''): void =>
      void graph.nodes.push({ ...part, output: tensor, name: node.name + suffix } as Node<FloatParameters>);
    return {
      graph,
      node,
      opset: model.opset,
      value(i) {
        const value = values.get(node.inputs[i]);
        if (!value)
          throw new Refusal(
            constants.has(node.inputs[i]) ? `its input ${i} is a constant` : `its input ${i} is missing`,
          );
        return value;
      },
      constant: (i) => constants.get(node.inputs[i]),
      emit(part, { shape, axes, order }, ours, i = 0) {
        const tensor = node.outputs[i];
        add(part, define(tensor, { shape, axes, order }, tensor, ours));
        values.set(tensor, { tensor, name: tensor, shape, axes, order });
      },
      before(part, { shape, axes, order }, source, ours) {
        const key =
            part.op === 'reshape' || part.op === 'transpose' ? JSON.stringify([part, ours, source]) : '',
          known = moved.get(key);
        if (known) return { tensor: known, name: source, shape, axes, order };
        const isTaken = graph.tensors.has(source) || node.outputs.includes(source);
        let tensor = isTaken ? `${output}/before` : source; // as the model names it
        while (graph.tensors.has(tensor)) tensor += "'";
        add(part, define(tensor, { shape, axes, order }, source, ours));
        if (key) moved.set(key, tensor);
        const own = part.op === 'constant' && constants.get(source)?.quantization;
        if (own) given.set(tensor, own);
        return { tensor, name: source, shape, axes, order };
      },
      alias: (value) => void values.set(output, value),
      seenAs({ shape, axes, order }) {
        const { tensor } = values.get(node.inputs[0])!;
        values.set(output, { tensor, name: output, shape, axes, order });
      },
      quantized(value, quantization) {
        const known = given.get(value.tensor);
        if (known && !sameQuantization(known, quantization))
          throw new Refusal(
            `it reads integers of scale ${quantization.scale} and zero point ${quantization.zeroPoint}, ` +
              `which are of ${known.scale} and ${known.zeroPoint}`,
          );
        given.set(value.tensor, quantization);
      },
      quantization: (value) => given.get(value.tensor),
      integers,
    };
  };

  return { graph, values, given, integers, contextOf };
}
