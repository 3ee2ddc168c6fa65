/** Mean over height and width, with a scale of its own. */
import { NARROW_PRODUCTS, NARROW_SHIFT, Requantization } from '../../src/operators/requantize';
import { elements } from '../graph';
import { axisOf, image, integers, need, number, type OnnxContext } from '../import/onnx/context';
import { quantizeMultiplier } from './multiplier';
import { define } from './operator';
import { reduce } from './reduce';

declare module '../graph' {
  interface NodeKinds<P> {
    mean: object;
  }
}

function reduceMean(c: OnnxContext): void {
  const x = image(c),
    [, channels] = x.shape,
    axes = integers(c, 1, 'axes')
      ?.map((a) => axisOf(a, x.shape.length))
      .sort();
  need(axes?.join() === '2,3', `it reduces axes [${axes ?? 'all'}]; height and width (2, 3) run`);
  if (number(c, 'keepdims', 1)) return c.emit({ op: 'mean', inputs: [x.tensor] }, [1, channels, 1, 1]);
  const reduced = c.before({ op: 'mean', inputs: [x.tensor] }, [1, channels, 1, 1], c.node.outputs[0]);
  c.emit({ op: 'reshape', inputs: [reduced.tensor] }, [1, channels]);
}

export const mean = define({
  kind: 'mean',
  device: ['mean'],
  onnx: { ReduceMean: reduceMean },
  tflite: { MEAN: reduce(() => ({ op: 'mean' })) },
  scale: () => 'own',
  work: (node, tensors) => elements(tensors.get(node.inputs[0])!.shape),
  lower(node, { tensor }) {
    const input = tensor(node.inputs[0]),
      [, height, width, channels] = input.shape,
      n = height * width,
      { scale, zeroPoint } = input.quantization;
    // The factor 1/n goes into the multiplier as TensorFlow Lite's integer mean puts it there.
    const m = quantizeMultiplier(scale / tensor(node.output).quantization.scale),
      left = Math.min(Math.floor(Math.log2(n)), 31 + m.shift);
    const multiplier = Number((BigInt(m.multiplier) << BigInt(left)) / BigInt(n)),
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
