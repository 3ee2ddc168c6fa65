/** Operators on single values, or on pairs of them. */
import { elements, type Quantization } from '../graph';
import { activation, need, operand, quantization, result, type Converter } from './context';
import type { TfOperator, TfTensor } from './read';

/** Which operand is repeated; the repeated one must be a scalar, or equal the other's innermost dimensions. */
function broadcast(op: TfOperator): { large: TfTensor; small: TfTensor; swapped: boolean } {
  const a = operand(op, 0), b = operand(op, 1), swapped = elements(b.shape) > elements(a.shape);
  const large = swapped ? b : a, small = swapped ? a : b, core = small.shape.slice(small.shape.findIndex((d) => d !== 1));
  const fits = elements(small.shape) === 1 || core.every((d, i) => d === large.shape[large.shape.length - core.length + i]);
  need(fits, `operands of the shapes [${a.shape}] and [${b.shape}]: only scalars and vectors over the innermost dimensions are repeated`);
  return { large, small, swapped };
}

export const add = (subtract: boolean): Converter => (op, c) => {
  const { large, small, swapped } = broadcast(op);
  const signs: [number, number] = subtract ? (swapped ? [-1, 1] : [1, -1]) : [1, 1];
  c.emit({ op: 'add', inputs: [c.name(large), c.name(small)], output: c.name(result(op)), activation: activation(op.options?.int8(0) ?? 0), signs });
};

export const multiply: Converter = (op, c) => {
  const { large, small } = broadcast(op);
  c.emit({ op: 'multiply', inputs: [c.name(large), c.name(small)], output: c.name(result(op)), activation: activation(op.options?.int8(0) ?? 0) });
};

export const prelu: Converter = (op, c) => {
  const { large, small, swapped } = broadcast(op);
  need(!swapped, 'its slopes are larger than its input');
  c.emit({ op: 'prelu', inputs: [c.name(large), c.name(small)], output: c.name(result(op)) });
};

export const softmax: Converter = (op, c) => {
  const { scale, zeroPoint } = quantization(result(op));
  need(scale === 1 / 256 && zeroPoint === -128, `its output has scale ${scale} and zero point ${zeroPoint}; TensorFlow Lite's softmax gives 1/256 and -128`);
  c.emit({ op: 'softmax', inputs: [c.name(operand(op, 0))], output: c.name(result(op)), beta: op.options?.float(0) ?? 1 });
};

/** An operator of one value: its table depends on the quantizations of input and output. */
export const lookup = (make: (from: Quantization, to: Quantization, op: TfOperator, single: boolean) => Int8Array): Converter => (op, c) => {
  const x = operand(op, 0), table = make(quantization(x), quantization(result(op)), op, c.single);
  c.emit({ op: 'lookup', inputs: [c.name(x)], output: c.name(result(op)), table });
};
