/** Softmax over the last dimension, in fixed point. */
import { Softmax } from '../../src/operators/softmax';
import { elements } from '../graph';
import { axisOf, number, type OnnxContext, type Part } from '../import/onnx/context';
import { around, shaped } from '../import/onnx/order';
import { need, operand, quantization, result, type TfConverter } from '../import/tflite/context';
import { quantizeMultiplier, type Multiplier } from './multiplier';
import { define, type Field } from './operator';

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
  need(beta > 0 && Number.isFinite(beta), `its beta is ${beta}`);
  c.emit({ op: 'softmax', inputs: [c.name(operand(op, 0))], output: c.name(result(op)), beta });
};

/**
 * Emits a node that runs along one axis, innermost in memory; before opset 13 over everything from its axis on,
 * taken as one vector.
 */
export function emitRows(c: OnnxContext, make: (input: string) => Part): void {
  const x = c.value(0),
    old = c.opset < 13,
    axis = axisOf(number(c, 'axis', old ? 1 : -1), x.shape.length),
    dims = x.shape.map((_, d) => d).filter((d) => (old ? d >= axis : d === axis)),
    { value, outer, size } = around(c, x, dims, true);
  const { shape } = c.graph.tensors.get(value.tensor)!,
    fits = shape[shape.length - 1] === size ? shape : [1, outer, size];
  c.emit(make(shaped(c, value, fits).tensor), value, fits);
}

/** The words that softmax and its logarithm have in common. @param factor of the input's integers */
export function softmaxFields(factor: number, shape: number[]): { fields: Field[]; scale: Multiplier } {
  const scale = quantizeMultiplier(Math.min(factor * 2 ** 26, 2 ** 31 - 1));
  const fields: Field[] = [
    [Softmax.multiplier, scale.multiplier],
    [Softmax.shift, scale.shift],
    [Softmax.minimumDifference, -Math.floor((31 * 2 ** 26) / 2 ** scale.shift)],
    [Softmax.rows, elements(shape.slice(0, -1))],
  ];
  return { fields, scale };
}

export const softmax = define({
  kind: 'softmax',
  device: ['softmax'],
  onnx: { Softmax: (c) => emitRows(c, (input) => ({ op: 'softmax', inputs: [input], beta: 1 })) },
  tflite: { SOFTMAX: fromTflite },
  scale: () => ({ scale: 1 / 256, zeroPoint: -128 }),
  lower(node, { tensor }) {
    const { scale } = tensor(node.inputs[0]).quantization,
      { fields } = softmaxFields(node.beta * scale, tensor(node.output).shape);
    return { operator: 'softmax', fields };
  },
});
