/** Softmax over the last dimension, in fixed point. */
import { Softmax } from '../../src/operators/softmax';
import { elements } from '../graph';
import { axisOf, need as needOnnx, number, ordered, type OnnxContext } from '../import/onnx/context';
import { need, operand, quantization, result, type TfConverter } from '../import/tflite/context';
import { quantizeMultiplier } from './multiplier';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    softmax: { beta: number };
  }
}

const fromTflite: TfConverter = (op, c) => {
  const { scale, zeroPoint } = quantization(result(op));
  need(
    scale === 1 / 256 && zeroPoint === -128,
    `its output has scale ${scale} and zero point ${zeroPoint}; ` +
      "TensorFlow Lite's softmax gives 1/256 and -128",
  );
  const beta = op.options?.float(0) ?? 1;
  c.emit({ op: 'softmax', inputs: [c.name(operand(op, 0))], output: c.name(result(op)), beta });
};

/** Over the channels. Before opset 13 it runs over everything from its axis on, taken as one vector. */
function fromOnnx(c: OnnxContext): void {
  const x = ordered(c),
    old = c.opset < 13,
    axis = axisOf(number(c, 'axis', old ? 1 : -1), x.shape.length),
    vector = elements(x.shape) === x.shape[1];
  const overChannels = old ? axis <= 1 && vector : axis === 1 && (vector || x.shape.length === 4);
  needOnnx(
    overChannels,
    `it runs along axis ${axis} of [${x.shape}]; over channels or a vector of classes it can`,
  );
  c.emit({ op: 'softmax', inputs: [x.tensor], beta: 1 }, x.shape);
}

export const softmax = define({
  kind: 'softmax',
  device: ['softmax'],
  onnx: { Softmax: fromOnnx },
  tflite: { SOFTMAX: fromTflite },
  scale: () => ({ scale: 1 / 256, zeroPoint: -128 }),
  lower(node, { tensor }) {
    const input = tensor(node.inputs[0]).quantization,
      { multiplier, shift } = quantizeMultiplier(Math.min(node.beta * input.scale * 2 ** 26, 2 ** 31 - 1));
    return {
      operator: 'softmax',
      fields: [
        [Softmax.multiplier, multiplier],
        [Softmax.shift, shift],
        [Softmax.minimumDifference, -Math.floor((31 * 2 ** 26) / 2 ** shift)],
        [Softmax.rows, elements(tensor(node.output).shape.slice(0, -1))],
      ],
    };
  },
});
