/** Element-wise sum or difference of two tensors, each with its own scale. */
import { Add } from '../../src/operators/add';
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
    /** inputs: a, b, of which b is repeated; signs of the two, both 1 when absent. */
    add: { activation: Activation; signs?: [number, number] };
  }
}

const signsOf = (subtract: boolean, swapped: boolean): [number, number] | undefined =>
  subtract ? (swapped ? [-1, 1] : [1, -1]) : undefined;

const fromTflite =
  (subtract: boolean): TfConverter =>
  (op, c) => {
    const { large, small, swapped } = operands(op, c);
    const inputs = [large.name, small.name];
    const fused = activation(op.options?.int8(0) ?? 0);
    c.emit({
      op: 'add',
      inputs,
      output: c.name(result(op)),
      activation: fused,
      signs: signsOf(subtract, swapped),
    });
  };

const fromOnnx =
  (subtract: boolean) =>
  (c: OnnxContext): void => {
    if (byConstant(c, (k, first) => (subtract ? (first ? [-1, k] : [1, -k]) : [1, k]))) return;
    const { large, small, swapped } = onnxOperands(c);
    const inputs = [large.tensor, small.tensor];
    const signs = signsOf(subtract, swapped);
    emitAlike(c, large, { op: 'add', inputs, activation: 'none', signs });
  };

export const add = define({
  kind: 'add',
  device: ['add'],
  onnx: { Add: fromOnnx(false), Sub: fromOnnx(true) },
  tflite: { ADD: fromTflite(false), SUB: fromTflite(true) },
  scale: () => 'own',
  lower(node, { tensor }) {
    const [a, b] = node.inputs.map((name) => tensor(name).quantization.scale),
      output = tensor(node.output).quantization,
      twice = 2 * Math.max(a, b);
    const first = quantizeMultiplier(a / twice),
      second = quantizeMultiplier(b / twice),
      sum = quantizeMultiplier(twice / (2 ** 20 * output.scale));
    const [minimum, maximum] = clamp(node.activation, output),
      [firstSign, secondSign] = node.signs ?? [1, 1];
    return {
      operator: 'add',
      fields: [
        [Add.firstMultiplier, first.multiplier],
        [Add.firstShift, first.shift],
        [Add.secondMultiplier, second.multiplier],
        [Add.secondShift, second.shift],
        [Add.resultMultiplier, sum.multiplier],
        [Add.resultShift, sum.shift],
        [Add.minimum, minimum],
        [Add.maximum, maximum],
        [Add.firstSign, firstSign],
        [Add.secondSign, secondSign],
      ],
    };
  },
});
