/** A float ONNX model as our graph. Everything that cannot run is told at once, before any other work. */
import { FlintError } from '../../../src/error';
import {
  elements,
  sameQuantization,
  type FloatGraph,
  type FloatParameters,
  type Node,
  type Quantization,
} from '../../graph';
import { operators } from '../../operators';
import {
  Refusal,
  need,
  nhwc,
  refuse,
  type OnnxContext,
  type OnnxConverter,
  type Part,
  type Value,
} from './context';
import { scalar } from './context';
import { dequantized, quantizeLinear } from './quantized';
import { readOnnx, type Constant, type OnnxModel, type OnnxNode } from './read';

const same: OnnxConverter = (c) => c.alias(c.value(0));

/** Nothing is dropped when a model is used. */
const dropout: OnnxConverter = (c) => {
  need(!scalar(c, 2, 'training_mode', 0), 'it is in training mode: export the model in evaluation mode');
  same(c);
};

/** Nodes that compute nothing on the device, by ONNX's names. */
export const passedOver: Record<string, OnnxConverter> = {
  DequantizeLinear: same,
  Dropout: dropout,
  Identity: same,
  QuantizeLinear: quantizeLinear,
};

const converters: Record<string, OnnxConverter> = Object.assign(
  {},
  passedOver,
  ...operators.map(({ onnx }) => onnx),
);

/** What to do instead of operators people meet. */
const suggestions: Record<string, string> = {
  ArgMax: 'take it out of the model: the device finds the highest score itself',
  ConvTranspose: 'it has no counterpart on the device',
  GRU: 'recurrent networks do not run',
  LSTM: 'recurrent networks do not run',
  Shape: 'export the model with fixed sizes and a batch of one, so that it computes none',
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

/**
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
    given = new Map<string, Quantization>();

  const define = (tensor: string, shape: number[], source = tensor): string => {
    need(elements(shape) <= LARGEST, `its output [${shape}] is larger than any microcontroller's memory`);
    need(tensor, 'its first output has no name');
    need(!graph.tensors.has(tensor), `its output ${tensor} has the name of another tensor`);
    graph.tensors.set(tensor, { shape: nhwc(shape), source });
    return tensor;
  };
  for (const { name: input, shape: given } of model.inputs) {
    const shape = given.map((d, i) => (i === 0 && d === -1 ? 1 : d));
    if (shape[0] !== 1)
      throw new FlintError(`input ${input} has a batch of ${shape[0]}: export the model with a batch of one`);
    if (![2, 4].includes(shape.length) || shape.some((d) => d < 1))
      throw new FlintError(
        `input ${input} has the shape [${given}]; ` +
          '[1, channels, height, width] or [1, n], all fixed, is needed',
      );
    if (elements(shape) > LARGEST)
      throw new FlintError(
        `input ${input} has the shape [${given}]: it is larger than any microcontroller's memory`,
      );
    values.set(input, { tensor: define(input, shape), shape });
    graph.inputs.push(input);
  }

  const contextOf = (node: OnnxNode): OnnxContext => {
    const [output] = node.outputs;
    const add = (part: Part, tensor: string): void =>
      void graph.nodes.push({ ...part, output: tensor, name: node.name } as Node<FloatParameters>);
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
      emit(part, shape, flattened, i = 0) {
        const name = node.outputs[i];
        add(part, define(name, shape));
        values.set(name, { tensor: name, shape, flattened });
      },
      before(part, shape, source) {
        const tensor = define(`${output}/before`, shape, source);
        add(part, tensor);
        return { tensor, shape };
      },
      alias: (value) => void values.set(output, value),
      quantized(value, scale, zeroPoint) {
        const known = given.get(value.tensor);
        if (known && !sameQuantization(known, { scale, zeroPoint }))
          throw new Refusal('its input has another scale already');
        given.set(value.tensor, { scale, zeroPoint });
      },
    };
  };

  const lost = new Set<string>(); // outputs of refused nodes: what reads them is not judged
  for (const node of used(model)) {
    const convert = own(converters, node.type);
    const shapes = node.inputs
      .filter(Boolean)
      .map((i) => `[${values.get(i)?.shape ?? constants.get(i)?.shape ?? '?'}]`)
      .join(', ');
    try {
      if (node.type === 'Constant') constants.set(node.outputs[0], constantOf(node));
      else if (node.type === 'DequantizeLinear' && constants.has(node.inputs[0]))
        constants.set(
          node.outputs[0],
          dequantized(node, (input) => constants.get(input)),
        );
      else if (!convert)
        refuse(
          own(suggestions, node.type) ??
            'it is not supported: replace it in the model, or run that part before or after the device',
        );
      else if (node.type === 'Identity' && constants.has(node.inputs[0]))
        constants.set(node.outputs[0], constants.get(node.inputs[0])!);
      else if (node.inputs.some((i) => lost.has(i))) node.outputs.forEach((o) => lost.add(o));
      else convert(contextOf(node));
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
    if (value.flattened)
      throw new FlintError(
        `output ${output} is a flattened image, whose order would differ on the device: ` +
          'take the Flatten out of the model',
      );
    graph.outputs.push(value.tensor);
  }
  if (!graph.inputs.length) throw new FlintError('the model has no inputs');
  return { ...graph, given };
}

function constantOf(node: OnnxNode): Constant {
  const value = node.attributes.get('value') as Constant | undefined,
    int = node.attributes.get('value_int'),
    ints = node.attributes.get('value_ints');
  const float = node.attributes.get('value_float'),
    list = node.attributes.get('value_floats');
  if (value) return value;
  if (typeof int === 'number') return { shape: [], data: [int] };
  if (Array.isArray(ints)) return { shape: [ints.length], data: ints };
  if (typeof float === 'number') return { shape: [], data: Float32Array.of(float) };
  if (Array.isArray(list)) return { shape: [list.length], data: Float32Array.from(list) };
  throw new Refusal('its value is of a kind that is not supported');
}
