/**
 * Any function of one value, as a table of the 256 that an int8 has, made with TensorFlow Lite Micro's own
 * arithmetic.
 */
import { Lookup } from '../../src/operators/lookup';
import { need, number, scalar, type OnnxContext, type Value } from '../import/onnx/context';
import { emitAlike } from '../import/onnx/order';
import { between, type Expression } from './expression';
import { tableOf, type UnaryFunction } from './lookup-functions';
import { lookups } from './lookup-tflite';
import { define } from './operator';

const fromOnnx =
  (name: UnaryFunction) =>
  (c: OnnxContext): void => {
    const x = c.value(0);
    const alpha = name === 'leakyRelu' ? number(c, 'alpha', 0.01) : undefined;
    emitAlike(c, x, { op: 'lookup', inputs: [x.tensor], function: name, alpha });
  };

/** The expression of each of x's values. */
export const emitExpression = (c: OnnxContext, x: Value, expression: Expression): void =>
  emitAlike(c, x, { op: 'lookup', inputs: [x.tensor], function: 'expression', expression });

/** A function that TensorFlow Lite Micro has no integers for: the table is that of the real values. */
const byExpression =
  (make: (c: OnnxContext) => Expression) =>
  (c: OnnxContext): void =>
    emitExpression(c, c.value(0), make(c));

/** max(0, min(1, alpha x + beta)) */
const hardSigmoid = (c: OnnxContext): Expression =>
  between(['add', ['multiply', 'x', number(c, 'alpha', 0.2)], number(c, 'beta', 0.5)], 0, 1);

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
  emitExpression(c, x, ['power', base, exponent]);
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
  tflite: lookups,
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
