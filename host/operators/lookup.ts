/**
 * Any function of one value, as a table of the 256 that an int8 has, made with TensorFlow Lite Micro's own
 * arithmetic.
 */
import { Lookup } from '../../src/operators/lookup';
import { elements, type NodeKinds, type Quantization } from '../graph';
import { need, number, scalar, type OnnxContext } from '../import/onnx/context';
import { emitAlike } from '../import/onnx/order';
import { finish, temporary, valueOf, viewed, type Value } from '../import/tflite/chain';
import { operand, quantization, result, type TfContext, type TfConverter } from '../import/tflite/context';
import type { TfOperator } from '../import/tflite/read';
import { joined } from './concatenation';
import * as tables from './lookup-tables';
import { isReal, realTable, type RealFunction } from './real-tables';
import type { Expression } from './expression';
import { define } from './operator';
import { reshapeTf } from './reshape';
import { cut } from './slice-tflite';

declare module '../graph' {
  interface NodeKinds<P> {
    /**
     * alpha: the slope of leakyRelu; expression: what `expression` computes; table: of a function that is known
     * by its values; real: whether the table is of the real function, as ONNX Runtime computes it, and its
     * output has a scale of its own.
     */
    lookup: {
      function: UnaryFunction;
      alpha?: number;
      expression?: Expression;
      table?: Int8Array;
      real?: true;
    };
  }
}

/** Those that only integers have: no float graph knows them. */
export type IntegerFunction = 'complement' | 'elu' | 'table';

export type UnaryFunction = RealFunction | IntegerFunction | 'expression';

/** The 256 outputs of a function, from input -128 on. */
export function tableOf(
  { function: name, alpha = 0, expression = 'x', table, real }: NodeKinds<unknown>['lookup'],
  from: Quantization,
  to: Quantization,
  single: boolean,
): Int8Array {
  if (real && isReal(name)) return realTable(name, alpha, from, to);
  switch (name) {
    case 'complement':
      return tables.complementTable();
    case 'elu':
      return tables.eluTable(from, to);
    case 'expression':
      return tables.expressionTable(from, to, expression);
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
    case 'table':
      return table!;
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
    same = [true, false].every((single) =>
      tables.requantizeTable(from, to, single).every((q, i) => q === i - 128),
    );
  if (same) return reshapeTf(op, c);
  fromTflite('requantize')(op, c);
};

const fromOnnx =
  (name: UnaryFunction) =>
  (c: OnnxContext): void => {
    const x = c.value(0);
    const alpha = name === 'leakyRelu' ? number(c, 'alpha', 0.01) : undefined;
    emitAlike(c, x, { op: 'lookup', inputs: [x.tensor], function: name, alpha });
  };

/** A function that TensorFlow Lite Micro has no integers for: the table is that of the real values. */
const byExpression =
  (make: (c: OnnxContext) => Expression) =>
  (c: OnnxContext): void => {
    const x = c.value(0),
      expression = make(c);
    emitAlike(c, x, { op: 'lookup', inputs: [x.tensor], function: 'expression', expression });
  };

/** max(0, min(1, alpha x + beta)) */
const hardSigmoid = (c: OnnxContext): Expression => [
  'minimum',
  ['maximum', ['add', ['multiply', 'x', number(c, 'alpha', 0.2)], number(c, 'beta', 0.5)], 0],
  1,
];

const selu = (c: OnnxContext): Expression => [
  'multiply',
  ['elu', 'x', number(c, 'alpha', 1.6732632423543772)],
  number(c, 'gamma', 1.0507009873554805),
];

/** alpha (exp(x / alpha) - 1) below zero */
const celu = (c: OnnxContext): Expression => {
  const alpha = number(c, 'alpha', 1);
  return ['multiply', ['elu', ['divide', 'x', alpha], 1], alpha];
};

/** A power of what is computed, or of a constant. */
function pow(c: OnnxContext): void {
  const base = c.constant(0) ? scalar(c, 0, 'base', NaN) : 'x',
    exponent = c.constant(1) ? scalar(c, 1, 'exponent', NaN) : 'x',
    x = c.value(base === 'x' ? 0 : 1);
  need(base !== 'x' || exponent !== 'x', 'it raises what is computed to what is computed');
  const expression: Expression = ['power', base, exponent];
  emitAlike(c, x, { op: 'lookup', inputs: [x.tensor], function: 'expression', expression });
}

const plain = (
  name:
    | 'abs'
    | 'ceil'
    | 'cos'
    | 'erf'
    | 'exp'
    | 'floor'
    | 'log'
    | 'negate'
    | 'round'
    | 'sign'
    | 'sin'
    | 'softplus'
    | 'softsign'
    | 'sqrt',
) => byExpression(() => [name, 'x']);

export const lookup = define({
  kind: 'lookup',
  device: ['lookup'],
  onnx: {
    HardSwish: fromOnnx('hardSwish'),
    LeakyRelu: fromOnnx('leakyRelu'),
    Sigmoid: fromOnnx('logistic'),
    Tanh: fromOnnx('tanh'),
    Abs: plain('abs'),
    Ceil: plain('ceil'),
    Celu: byExpression(celu),
    Cos: plain('cos'),
    Elu: byExpression((c) => ['elu', 'x', number(c, 'alpha', 1)]),
    Erf: plain('erf'),
    Exp: plain('exp'),
    Floor: plain('floor'),
    HardSigmoid: byExpression(hardSigmoid),
    Log: plain('log'),
    Mish: byExpression(() => ['multiply', 'x', ['tanh', ['softplus', 'x']]]),
    Neg: plain('negate'),
    Pow: pow,
    Reciprocal: byExpression(() => ['divide', 1, 'x']),
    Round: plain('round'),
    Selu: byExpression(selu),
    Sign: plain('sign'),
    Sin: plain('sin'),
    Softplus: plain('softplus'),
    Softsign: plain('softsign'),
    Sqrt: plain('sqrt'),
    ThresholdedRelu: byExpression((c) => ['threshold', 'x', number(c, 'alpha', 1)]),
  },
  tflite: {
    ELU: fromTflite('elu'),
    HARD_SWISH: fromTflite('hardSwish'),
    LEAKY_RELU: fromTflite('leakyRelu'),
    LOGISTIC: fromTflite('logistic'),
    QUANTIZE: requantizeTf,
    RELU: fromTflite('relu'),
    RELU6: fromTflite('relu6'),
    RELU_N1_TO_1: fromTflite('reluN1To1'),
    TANH: fromTflite('tanh'),
  },
  scale(node) {
    if (node.real) return 'own';
    if (node.function === 'logistic') return { scale: 1 / 256, zeroPoint: -128 };
    if (node.function === 'tanh') return { scale: 1 / 128, zeroPoint: 0 };
    return node.function === 'relu6' || node.function === 'complement' ? 'input' : 'own';
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
