/** A float ONNX model as our graph. Everything that cannot run is told at once, before any other work. */
import { FlintError } from '../../../src/error';
import {
  elements,
  sameQuantization,
  type FloatGraph,
  type FloatParameters,
  type Node,
  type Quantization,
  type TensorInfo,
} from '../../graph';
import { operators } from '../../operators';
import {
  Refusal,
  need,
  refuse,
  type Integers,
  scalar,
  shapeOf,
  type OnnxContext,
  type OnnxConverter,
  type Part,
  type Value,
} from './context';
import { folded } from './fold';
import { layoutOf, ownOrder, usualOrder, viewOf, type Layout } from './layout';
import { commonOrder, inDims } from './order';
import { spelledOut } from './qoperator';
import { dequantizeLinear, dequantized, quantizeLinear, quantized } from './quantized';
import { readOnnx, type Constant, type OnnxModel, type OnnxNode } from './read';

const same: OnnxConverter = (c) => c.alias(c.value(0));

/** Nothing is dropped when a model is used. */
const dropout: OnnxConverter = (c) => {
  need(!scalar(c, 2, 'training_mode', 0), 'it is in training mode: export the model in evaluation mode');
  same(c);
};

/** Nodes that compute nothing on the device, by ONNX's names. */
export const passedOver: Record<string, OnnxConverter> = {
  Cast: same,
  DequantizeLinear: dequantizeLinear,
  Dropout: dropout,
  Identity: same,
  QuantizeLinear: quantizeLinear,
};

const converters: Record<string, OnnxConverter> = Object.assign(
  {},
  passedOver,
  ...operators.map(({ onnx }) => onnx),
);

const dynamic =
  'it quantizes while the model runs (quantize_dynamic): use quantize_static of ONNX Runtime, which takes ' +
  'calibration data, or give the float model and calibration images';

/** What to do instead of operators people meet. */
const suggestions: Record<string, string> = {
  ArgMax: 'take it out of the model: the device finds the highest score itself',
  ConvInteger: dynamic,
  ConvTranspose: 'it has no counterpart on the device',
  GRU: 'recurrent networks do not run',
  DynamicQuantizeLinear: dynamic,
  LSTM: 'recurrent networks do not run',
  MatMulInteger: dynamic,
  NonMaxSuppression: 'take it out of the model, and choose among the boxes in the app',
  TopK: 'take it out of the model: the device finds the highest scores itself',
  'com.microsoft.DynamicQuantizeMatMul': dynamic,
  'com.microsoft.MatMulIntegerToFloat': dynamic,
};

/** No microcontroller has room for a larger tensor, and no file makes us allocate for one. */
const LARGEST = 2 ** 25;

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

const own = <T>(table: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** Operators that compute each value from one alone: they leave the order of values as it is. */
const pointwise = new Set([
  'Cast',
  'DequantizeLinear',
  'Identity',
  'QuantizeLinear',
  'Add',
  'Sub',
  'Mul',
  'Div',
]);

/**
 * The order of an input's dimensions in memory: images have channels last, whether the model takes them so
 * (as tf2onnx writes it: a Transpose follows) or with channels first.
 */
function inputOrder(model: OnnxModel, name: string, shape: number[]): number[] {
  for (let reader = model.nodes.find((n) => n.inputs.includes(name)); reader;) {
    const [output] = reader.outputs;
    if (reader.type === 'Transpose')
      return String(reader.attributes.get('perm')) === '0,3,1,2' ? ownOrder(shape) : usualOrder(shape);
    if (!pointwise.has(reader.type)) break;
    reader = model.nodes.find((n) => n.inputs.includes(output));
  }
  return usualOrder(shape);
}

/** The model's inputs as values of ours. @throws FlintError naming one that cannot be */
function inputsOf(model: OnnxModel): Value[] {
  return model.inputs.map(({ name, shape }) => {
    if (shape.some((d) => d < 1) || shape.length < 1)
      throw new FlintError(
        `input ${name} has the shape [${shape.map((d) => (d < 0 ? '?' : d))}]; all but the batch must be fixed: ` +
          'export the model with fixed sizes',
      );
    if (shape.length === 4 && shape[0] !== 1)
      throw new FlintError(`input ${name} has a batch of ${shape[0]}: export the model with a batch of one`);
    if (elements(shape) > LARGEST)
      throw new FlintError(
        `input ${name} has the shape [${shape}]: it is larger than any microcontroller's memory`,
      );
    return { name, tensor: name, ...layoutOf(shape, inputOrder(model, name, shape)) };
  });
}

const tensorOf = (layout: Layout, source: string, shape = shapeOf(layout)): TensorInfo => ({
  shape,
  source,
  view: viewOf(layout),
});

/** What a model takes, without a look at what it computes. @throws FlintError when the file is damaged */
export const onnxInputs = (bytes: Uint8Array): TensorInfo[] =>
  inputsOf(readOnnx(bytes)).map((value) => tensorOf(value, value.name));

/**
 * @param bytes as prepare.ts makes them
 * @param name for the model
 * @returns the graph, and the quantizations the model itself gives (by tensor; none in a float model)
 * @throws FlintError when the file is damaged, or listing every node that cannot run
 */
export function importOnnx(
  bytes: Uint8Array,
  name: string,
): FloatGraph & { given: Map<string, Quantization> } {
  const model = readOnnx(bytes),
    refusals: string[] = [];
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
        let tensor = graph.tensors.has(source) ? `${output}/before` : source; // as the model names it
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
    const convert = own(converters, node.type),
      constant = constantOutput(node);
    if (constant) constants.set(node.outputs[0], constant);
    else if (!convert)
      refuse(
        own(suggestions, node.type) ??
          'it is not supported: replace it in the model, or run that part before or after the device',
      );
    else if (node.inputs.some((i) => lost.has(i))) node.outputs.forEach((o) => lost.add(o));
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
  return { ...graph, given: integers.size ? given : new Map() };
}

/** An output in ONNX's order, but that images have their channels last. */
function asOutput(c: OnnxContext, value: Value): string {
  const dims = commonOrder([value]),
    moved = inDims(c, value, dims),
    shape = shapeOf(layoutOf(value.shape, dims));
  const { shape: ours, view } = c.graph.tensors.get(moved.tensor)!,
    sameOrder = JSON.stringify(view) === JSON.stringify(viewOf(moved));
  if (sameOrder && ours.join() === shape.join()) return moved.tensor;
  const same: Part = { op: 'reshape', inputs: [moved.tensor] };
  if (c.graph.tensors.has(c.node.name)) return c.before(same, moved, value.name, shape).tensor;
  c.emit(same, moved, shape);
  return c.node.name;
}
