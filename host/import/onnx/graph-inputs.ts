/** What a model takes, as values of ours. */
import { FlintError } from '../../../src/error';
import { elements, type TensorInfo } from '../../graph';
import { shapeOf, type Value } from './context';
import { layoutOf, ownOrder, usualOrder, viewOf, type Layout } from './layout';
import { readOnnx, type OnnxModel } from './read';

/** No microcontroller has room for a larger tensor, and no file makes us allocate for one. */
export const LARGEST = 2 ** 25;

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
    if (reader.type === 'Reshape' && shape[3] === 1 && shape[1] > 4) return ownOrder(shape); // of one channel
    if (!pointwise.has(reader.type)) break;
    reader = model.nodes.find((n) => n.inputs.includes(output));
  }
  return usualOrder(shape);
}

/** The model's inputs as values of ours. @throws FlintError naming one that cannot be */
export function inputsOf(model: OnnxModel): Value[] {
  return model.inputs.map(({ name, shape }) => {
    if (shape.some((d) => d < 1) || shape.length < 1)
      throw new FlintError(
        `input ${name} has the shape [${shape.map((d) => (d < 0 ? '?' : d))}]; all but the batch must be fixed: ` +
          (shape.length === 4 ? 'say the size of its images (--input-size), or ' : '') +
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

/** A tensor that holds the values of a layout. */
export const tensorOf = (layout: Layout, source: string, shape = shapeOf(layout)): TensorInfo => ({
  shape,
  source,
  view: viewOf(layout),
});

/** What a model takes, without a look at what it computes. @throws FlintError when the file is damaged */
export const onnxInputs = (bytes: Uint8Array): TensorInfo[] =>
  inputsOf(readOnnx(bytes)).map((value) => tensorOf(value, value.name));
