/** Two operands of which the second is repeated, from ONNX. */
import { elements } from '../graph';
import { TO_ONNX, inPixelOrder, need, type OnnxContext, type Value } from '../import/onnx/context';

/** A shape with ones in front, so that it has as many dimensions. */
const widened = (shape: number[], rank: number): number[] => [
  ...new Array<number>(rank - shape.length).fill(1),
  ...shape,
];

/**
 * A constant in front of its reader, in our order. @param like the other operand, over whose last dimensions
 * it stands
 */
function constantValue(c: OnnxContext, i: number, like: Value): Value {
  const constant = c.constant(i)!,
    name = c.node.inputs[i];
  need(constant.data instanceof Float32Array, `its constant ${name} must be of floats`);
  need(constant.data.every(Number.isFinite), `its constant ${name} holds values that are not finite`);
  need(
    constant.shape.length <= like.shape.length,
    `its constant ${name} has the shape [${constant.shape}], more dimensions than [${like.shape}]`,
  );
  const shape = widened(constant.shape, like.shape.length),
    flattened = elements(shape) === elements(like.shape) ? like.flattened : undefined;
  let data = inPixelOrder(constant.data, flattened);
  if (shape.length === 4) {
    const [, channels, height, width] = shape,
      pixels = height * width;
    data = data.map((_, k) => constant.data[(k % channels) * pixels + Math.floor(k / channels)] as number);
  }
  return { ...c.before({ op: 'constant', inputs: [], data }, shape, name), flattened };
}

/**
 * The operands of an element-wise operator, the larger one first.
 * @returns with `swapped` when the larger one was the second
 */
export function onnxOperands(c: OnnxContext): { large: Value; small: Value; swapped: boolean } {
  const constant = c.constant(0) ? 0 : c.constant(1) ? 1 : -1;
  const a = constant === 0 ? constantValue(c, 0, c.value(1)) : c.value(0),
    b = constant === 1 ? constantValue(c, 1, a) : c.value(1);
  const swapped = elements(b.shape) > elements(a.shape),
    large = swapped ? b : a,
    small = swapped ? a : b;
  const shapes = `[${a.shape}] and [${b.shape}]`;
  need(
    small.shape.length <= large.shape.length,
    `its operands have the shapes ${shapes}: only the smaller one is repeated`,
  );
  const shape = widened(small.shape, large.shape.length);
  const alike = shape.every((d, i) => d === large.shape[i]);
  // In our order channels are the innermost dimension, so that one value for each of them is repeated pixel
  // after pixel.
  const ours = shape.length === 4 ? TO_ONNX.map((d) => shape[d]) : shape,
    theirs = shape.length === 4 ? TO_ONNX.map((d) => large.shape[d]) : large.shape,
    first = ours.findIndex((d) => d !== 1);
  const repeats = first < 0 || ours.slice(first).every((d, i) => d === theirs[first + i]);
  need(
    repeats,
    `its operands have the shapes ${shapes}: ` +
      'one of one value, of one value per channel, or of the same shape is needed',
  );
  const inOrder = !alike || small.flattened?.join() === large.flattened?.join();
  need(
    inOrder,
    'its operands are images that were flattened from different shapes, whose orders differ on the device',
  );
  need(
    alike || first < 0 || !large.flattened,
    'it repeats a vector over a flattened image, whose order differs on the device',
  );
  return { large, small, swapped };
}
