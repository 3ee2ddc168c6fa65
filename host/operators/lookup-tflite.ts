/** TFLite's functions of one value. */
import { elements } from '../graph';
import { finish, temporary, valueOf, viewed, type Value } from '../import/tflite/chain';
import { operand, quantization, result, type TfContext, type TfConverter } from '../import/tflite/context';
import type { TfOperator } from '../import/tflite/read';
import { joined } from './concatenation';
import type { Expression } from './expression';
import type { UnaryFunction } from './lookup-functions';
import { requantizeTable } from './lookup-tables';
import { reshapeTf } from './reshape';
import { cut } from './slice-tflite';

const fromTflite =
  (name: UnaryFunction): TfConverter =>
  (op, c) => {
    const x = operand(op, 0);
    quantization(x);
    quantization(result(op));
    const alpha = name === 'leakyRelu' ? (op.options?.float(0) ?? 0) : undefined;
    c.emit({ op: 'lookup', inputs: [c.name(x)], output: c.name(result(op)), function: name, alpha });
  };

/** A function that TensorFlow Lite computes in floats as a table, and TensorFlow Lite Micro not at all. */
const asExpression =
  (make: (op: TfOperator) => Expression): TfConverter =>
  (op, c) => {
    quantization(result(op));
    const inputs = [c.name(operand(op, 0))],
      output = c.name(result(op));
    c.emit({ op: 'lookup', inputs, output, function: 'expression', expression: make(op) });
  };

const half: Expression = ['multiply', 'x', 0.5];

/** x times the normal distribution up to x, or what TensorFlow takes for it. */
const gelu = (op: TfOperator): Expression =>
  op.options?.int8(0)
    ? [
        'multiply',
        half,
        [
          'add',
          [
            'tanh',
            ['multiply', ['add', 'x', ['multiply', ['power', 'x', 3], 0.044715]], Math.sqrt(2 / Math.PI)],
          ],
          1,
        ],
      ]
    : ['multiply', half, ['add', ['erf', ['multiply', 'x', Math.SQRT1_2]], 1]];

/** All bits of a value turned: what was largest is smallest. */
export function complement(c: TfContext, x: Value): Value {
  const y = temporary(c, x.shape, x.like);
  c.emit({ op: 'lookup', inputs: [x.name], output: y.name, function: 'complement' });
  return y;
}

/** A table for all channels, or one for each. */
function byTables(op: TfOperator, c: TfContext, tables: Int8Array[]): void {
  const x = valueOf(c, operand(op, 0)),
    y = result(op),
    { length: n } = tables,
    pixels = elements(y.shape) / n;
  const columns = tables.map((table, channel) => {
    const column = temporary(c, [pixels, 1], y),
      from = n > 1 ? cut(c, viewed(c, x, [pixels, n]), 1, channel, 1) : x;
    c.emit({ op: 'lookup', inputs: [from.name], output: column.name, function: 'table', table });
    return column;
  });
  finish(c, n > 1 ? joined(c, columns, 1) : columns[0], y);
}

/** Only another name where all 256 values stay what they are, as those of images do in front of a model. */
const requantizeTf: TfConverter = (op, c) => {
  if (op.tables) return byTables(op, c, op.tables);
  const [from, to] = [operand(op, 0), result(op)].map(quantization),
    same = [true, false].every((single) => requantizeTable(from, to, single).every((q, i) => q === i - 128));
  if (same) return reshapeTf(op, c);
  fromTflite('requantize')(op, c);
};

export const lookups: Record<string, TfConverter> = {
  ABS: fromTflite('abs'),
  ELU: fromTflite('elu'),
  EXP: asExpression(() => ['exp', 'x']),
  GELU: asExpression(gelu),
  HARD_SWISH: fromTflite('hardSwish'),
  LEAKY_RELU: fromTflite('leakyRelu'),
  LOG: asExpression(() => ['log', 'x']),
  LOGISTIC: fromTflite('logistic'),
  QUANTIZE: requantizeTf,
  RELU: fromTflite('relu'),
  RELU6: fromTflite('relu6'),
  RELU_N1_TO_1: fromTflite('reluN1To1'),
  TANH: fromTflite('tanh'),
};
