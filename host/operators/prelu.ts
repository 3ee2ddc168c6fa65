/** Leaky ReLU with slopes of their own. */
import { Prelu } from '../../src/operators/prelu';
import { need as needOnnx, type OnnxContext } from '../import/onnx/context';
import { emitAlike } from '../import/onnx/order';
import { need, result, type TfConverter } from '../import/tflite/context';
import { onnxOperands } from './broadcast';
import { operands } from './broadcast-tflite';
import { quantizeMultiplier } from './multiplier';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** inputs: x, slopes, which are repeated. */
    prelu: object;
  }
}

const fromTflite: TfConverter = (op, c) => {
  const { large, small, swapped } = operands(op, c);
  need(!swapped, 'its slopes are larger than its input');
  c.emit({ op: 'prelu', inputs: [large.name, small.name], output: c.name(result(op)) });
};

function fromOnnx(c: OnnxContext): void {
  const { large, small, swapped } = onnxOperands(c);
  needOnnx(!swapped, 'its slopes are larger than its input');
  emitAlike(c, large, { op: 'prelu', inputs: [large.tensor, small.tensor] });
}

export const prelu = define({
  kind: 'prelu',
  device: ['prelu'],
  onnx: { PRelu: fromOnnx },
  tflite: { PRELU: fromTflite },
  scale: () => 'own',
  lower(node, { tensor }) {
    const [x, slope] = node.inputs.map((name) => tensor(name).quantization.scale),
      output = tensor(node.output).quantization.scale;
    const positive = quantizeMultiplier(x / output),
      negative = quantizeMultiplier((x * slope) / output);
    return {
      operator: 'prelu',
      fields: [
        [Prelu.positiveMultiplier, positive.multiplier],
        [Prelu.positiveShift, positive.shift],
        [Prelu.negativeMultiplier, negative.multiplier],
        [Prelu.negativeShift, negative.shift],
      ],
    };
  },
});
