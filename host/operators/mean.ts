/** Mean or sum over height and width, with a scale of its own. */
import { NARROW_PRODUCTS, NARROW_SHIFT, Requantization } from '../../src/operators/requantize';
import { elements } from '../graph';
import { quantizeMultiplier } from './multiplier';
import { define } from './operator';
import { reduce, reduceOnnx } from './reduce';
import { row } from './window';

declare module '../graph' {
  interface NodeKinds<P> {
    /** sum: not divided by the number of values. */
    mean: { sum?: boolean };
  }
}

/** A mean with the scale of its own where everything outside is reduced, else one over windows. */
const reduceMean = reduceOnnx(({ outer, size, inner }) =>
  outer === 1
    ? { shape: [1, 1, size, inner], node: { op: 'mean' } }
    : {
        shape: [1, outer, size, inner],
        node: { op: 'averagePool2d', window: row(size), activation: 'none' },
      },
);

export const mean = define({
  kind: 'mean',
  device: ['mean'],
  onnx: { ReduceMean: reduceMean },
  tflite: { MEAN: reduce(() => ({ op: 'mean' })), SUM: reduce(() => ({ op: 'mean', sum: true })) },
  scale: () => 'own',
  work: (node, tensors) => elements(tensors.get(node.inputs[0])!.shape),
  lower(node, { tensor }) {
    const input = tensor(node.inputs[0]),
      [, height, width, channels] = input.shape,
      n = height * width,
      { scale, zeroPoint } = input.quantization;
    // The factor 1/n goes into the multiplier as TensorFlow Lite's integer mean puts it there.
    const m = quantizeMultiplier(scale / tensor(node.output).quantization.scale),
      left = node.sum ? 0 : Math.min(Math.floor(Math.log2(n)), 31 + m.shift);
    const divisor = node.sum ? 1n : BigInt(n),
      multiplier = Number((BigInt(m.multiplier) << BigInt(left)) / divisor),
      shift = m.shift - left;
    return {
      operator: 'mean',
      fields: [
        [Requantization.bias, new Int32Array(channels).fill(-zeroPoint * n)],
        [Requantization.multipliers, new Int32Array(channels).fill(multiplier)],
        [Requantization.shifts, new Int8Array(channels).fill(shift)],
        [Requantization.wide, shift >= 0 || shift < NARROW_SHIFT || n > NARROW_PRODUCTS * 128 ? 1 : 0],
        [Requantization.minimum, -128],
        [Requantization.maximum, 127],
      ],
    };
  },
});
