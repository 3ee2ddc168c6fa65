/**
 * The edges of a model: where float values, or the bytes of an image, become int8 and int8 becomes these
 * again.
 */
import { SHAPES } from './names';
import type { TfModel, TfOperator, TfTensor } from './read';

/** Whether an operator only moves bytes, or makes int8 of them. */
const MOVES = [...SHAPES, 'TRANSPOSE', 'STRIDED_SLICE', 'SLICE', 'QUANTIZE'];

/**
 * Turns uint8 activations into int8 ones that mean the same, 128 less: the bytes of an image in front of a
 * model, of scores behind it. Not where an operator calculates with them, which a model of uint8 does in its
 * own way.
 */
export function shiftBytes({ tensors, operators }: TfModel, nameOf: (op: TfOperator) => string): void {
  const fixed = new Set(
    operators
      .filter((op) => !MOVES.includes(nameOf(op)))
      .flatMap((op): (TfTensor | undefined)[] => [...op.inputs, ...op.outputs]),
  );
  for (const tensor of tensors) {
    if (tensor.type !== 'uint8' || tensor.data.length || fixed.has(tensor)) continue;
    tensor.type = 'int8';
    tensor.zeroPoints = tensor.zeroPoints.map((z) => z - 128);
  }
}

/** Operators that move bytes of one scale, whatever that is. */
const ANY_SCALE = [
  ...MOVES,
  'PAD',
  'CONCATENATION',
  'SPLIT',
  'SPLIT_V',
  'PACK',
  'UNPACK',
  'BROADCAST_TO',
  'TILE',
];

/** Where a model does nothing but to move int8 that nobody gave a scale, they are what they are. */
export function plainIntegers({ tensors, operators }: TfModel, nameOf: (op: TfOperator) => string): void {
  if (!operators.every((op) => ANY_SCALE.includes(nameOf(op)))) return;
  for (const tensor of tensors)
    if (tensor.type === 'int8' && !tensor.scales.length) [tensor.scales, tensor.zeroPoints] = [[1], [0]];
}

/** What is left of a model when its float edges are gone, which the device never sees. */
export interface Edges {
  skip: Set<TfOperator>;
  inputs: TfTensor[];
  outputs: TfTensor[];
}

/** Finds the QUANTIZE behind each float input and the DEQUANTIZE before each float output. */
export function floatEdges(model: TfModel, nameOf: (op: TfOperator) => string): Edges {
  const skip = new Set<TfOperator>();
  const inputs = model.inputs.map((tensor) => {
    const readers = model.operators.filter((op) => op.inputs.includes(tensor));
    if (tensor.type === 'int8' || readers.length !== 1 || nameOf(readers[0]) !== 'QUANTIZE') return tensor;
    skip.add(readers[0]);
    return readers[0].outputs[0];
  });
  const outputs = model.outputs.map((tensor) => {
    const writer = model.operators.find((op) => op.outputs.includes(tensor));
    if (tensor.type === 'int8' || !writer || nameOf(writer) !== 'DEQUANTIZE') return tensor;
    skip.add(writer);
    return writer.inputs[0] ?? tensor;
  });
  return { skip, inputs, outputs };
}
