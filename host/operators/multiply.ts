/** Element-wise product of two tensors, each with its own scale. */
import { Multiply } from '../../src/operators/multiply';
import type { OnnxContext } from '../import/onnx/context';
import { emitAlike } from '../import/onnx/order';
import { activation, result, type TfConverter } from '../import/tflite/context';
import { byConstant } from './affine';
import { onnxOperands } from './broadcast';
import { operands } from './broadcast-tflite';
import { clamp } from './clamp';
import { quantizeMultiplier } from './multiplier';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** inputs: a, b, of which b is repeated. */
    multiply: { activation: Activation };
  }
}

const fromTflite: TfConverter = (op, c) => {
  const { large, small } = operands(op, c);
  const inputs = [large.name, small.name];
  c.emit({
    op: 'multiply',
    inputs,
    output: c.name(result(op)),
    activation: activation(op.options?.int8(0) ?? 0),
  });
};

function fromOnnx(c: OnnxContext): void {
  if (byConstant(c, (k) => [k, 0])) return;
  const { large, small } = onnxOperands(c);
  emitAlike(c, large, { op: 'multiply', inputs: [large.tensor, small.tensor], activation: 'none' });
}

export const multiply = define({
  kind: 'multiply',
  device: ['multiply'],
  onnx: { Mul: fromOnnx },
  tflite: { MUL: fromTflite },
  scale: () => 'own',
  lower(node, { tensor }) {
    const [a, b] = node.inputs.map((name) => tensor(name).quantization.scale),
      output = tensor(node.output).quantization;
    const { multiplier, shift } = quantizeMultiplier((a * b) / output.scale),
      [minimum, maximum] = clamp(node.activation, output);
    return {
      operator: 'multiply',
      fields: [
        [Multiply.multiplier, multiplier],
        [Multiply.shift, shift],
        [Multiply.minimum, minimum],
        [Multiply.maximum, maximum],
      ],
    };
  },
});
