/** The logarithm of softmax over the last dimension, in fixed point. */
import { LogSoftmax } from '../../src/operators/log-softmax';
import type { OnnxContext } from '../import/onnx/context';
import { need, operand, quantization, result, type TfConverter } from '../import/tflite/context';
import { quantizeMultiplier } from './multiplier';
import { define } from './operator';
import { emitRows, softmaxFields } from './softmax';

declare module '../graph' {
  interface NodeKinds<P> {
    logSoftmax: object;
  }
}

/** What the arithmetic gives: from -16 to 0. */
const OUTPUT = { scale: 1 / 16, zeroPoint: 127 };

const fromTflite: TfConverter = (op, c) => {
  const { scale, zeroPoint } = quantization(result(op));
  need(
    scale === OUTPUT.scale && zeroPoint === OUTPUT.zeroPoint,
    `its output has scale ${scale} and zero point ${zeroPoint}; TensorFlow Lite's gives 1/16 and 127`,
  );
  c.emit({ op: 'logSoftmax', inputs: [c.name(operand(op, 0))], output: c.name(result(op)) });
};

const fromOnnx = (c: OnnxContext): void => emitRows(c, (input) => ({ op: 'logSoftmax', inputs: [input] }));

export const logSoftmax = define({
  kind: 'logSoftmax',
  device: ['logSoftmax'],
  onnx: { LogSoftmax: fromOnnx },
  tflite: { LOG_SOFTMAX: fromTflite },
  scale: () => OUTPUT,
  lower(node, { tensor }) {
    const { fields, scale } = softmaxFields(
        tensor(node.inputs[0]).quantization.scale,
        tensor(node.output).shape,
      ),
      inverse = quantizeMultiplier(scale.multiplier && 2 ** (31 - scale.shift) / scale.multiplier);
    return {
      operator: 'logSoftmax',
      fields: [
        ...fields,
        [LogSoftmax.inverseMultiplier, inverse.multiplier],
        [LogSoftmax.inverseShift, inverse.shift],
      ],
    };
  },
});
