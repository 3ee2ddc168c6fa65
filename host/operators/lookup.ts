/**
 * Any function of one value, as a table of the 256 that an int8 has, made with TensorFlow Lite Micro's own
 * arithmetic.
 */
import { Lookup } from '../../src/operators/lookup';
import type { Quantization } from '../graph';
import { number, type OnnxContext } from '../import/onnx/context';
import { operand, quantization, result, type TfConverter } from '../import/tflite/context';
import * as tables from './lookup-tables';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** alpha: the slope of leakyRelu. */
    lookup: { function: UnaryFunction; alpha?: number };
  }
}

export type UnaryFunction =
  'hardSwish' | 'leakyRelu' | 'logistic' | 'relu' | 'relu6' | 'reluN1To1' | 'requantize' | 'tanh';

/** The 256 outputs of a function, from input -128 on. */
export function tableOf(
  { function: name, alpha = 0 }: { function: UnaryFunction; alpha?: number },
  from: Quantization,
  to: Quantization,
  single: boolean,
): Int8Array {
  switch (name) {
    case 'hardSwish':
      return tables.hardSwishTable(from, to);
    case 'leakyRelu':
      return tables.leakyReluTable(from, to, alpha, single);
    case 'logistic':
      return tables.logisticTable(from, single);
    case 'relu':
      return tables.reluTable(from, to, single, 0, Infinity);
    case 'relu6':
      return tables.relu6Table(from);
    case 'reluN1To1':
      return tables.reluTable(from, to, single, -1, 1);
    case 'requantize':
      return tables.requantizeTable(from, to, single);
    case 'tanh':
      return tables.tanhTable(from, single);
  }
}

const fromTflite =
  (name: UnaryFunction): TfConverter =>
  (op, c) => {
    const x = operand(op, 0);
    quantization(x);
    quantization(result(op));
    const alpha = name === 'leakyRelu' ? (op.options?.float(0) ?? 0) : undefined;
    c.emit({ op: 'lookup', inputs: [c.name(x)], output: c.name(result(op)), function: name, alpha });
  };

const fromOnnx =
  (name: UnaryFunction) =>
  (c: OnnxContext): void => {
    const x = c.value(0);
    const alpha = name === 'leakyRelu' ? number(c, 'alpha', 0.01) : undefined;
    c.emit({ op: 'lookup', inputs: [x.tensor], function: name, alpha }, x.shape, x.flattened);
  };

export const lookup = define({
  kind: 'lookup',
  device: ['lookup'],
  onnx: {
    HardSwish: fromOnnx('hardSwish'),
    LeakyRelu: fromOnnx('leakyRelu'),
    Sigmoid: fromOnnx('logistic'),
    Tanh: fromOnnx('tanh'),
  },
  tflite: {
    HARD_SWISH: fromTflite('hardSwish'),
    LEAKY_RELU: fromTflite('leakyRelu'),
    LOGISTIC: fromTflite('logistic'),
    QUANTIZE: fromTflite('requantize'),
    RELU: fromTflite('relu'),
    RELU6: fromTflite('relu6'),
    RELU_N1_TO_1: fromTflite('reluN1To1'),
    TANH: fromTflite('tanh'),
  },
  scale(node) {
    if (node.function === 'logistic') return { scale: 1 / 256, zeroPoint: -128 };
    if (node.function === 'tanh') return { scale: 1 / 128, zeroPoint: 0 };
    return node.function === 'relu6' ? 'input' : 'own';
  },
  lower(node, { tensor, single }) {
    const table = tableOf(
      node,
      tensor(node.inputs[0]).quantization,
      tensor(node.output).quantization,
      single,
    );
    return { operator: 'lookup', fields: [[Lookup.table, table]] };
  },
});
