/** A border of one value around a tensor. */
import { Pad } from '../../src/operators/pad';
import {
  TO_ONNX,
  axisOf,
  image,
  integers,
  need as needOnnx,
  refuse,
  scalar,
  word,
  type OnnxContext,
} from '../import/onnx/context';
import {
  integers as integersTf,
  need,
  operand,
  quantization,
  result,
  type TfConverter,
} from '../import/tflite/context';
import { round } from './multiplier';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Elements added before and after each dimension; value: a real number. */
    pad: { before: number[]; after: number[]; value: number };
  }
}

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    pairs = integersTf(operand(op, 1)),
    q = quantization(x),
    fill = op.inputs[2];
  const fits = pairs.length === x.shape.length * 2 && pairs.every((n) => n >= 0);
  need(fits, `paddings [${pairs}] for [${x.shape}]`);
  let value = 0;
  if (fill) {
    need(fill.type === 'int8' && fill.data.length === 1, 'its fill value is no int8 constant');
    value = q.scale * (((fill.data[0] << 24) >> 24) - q.zeroPoint);
  }
  const before = pairs.filter((_, i) => i % 2 === 0),
    after = pairs.filter((_, i) => i % 2 === 1);
  c.emit({ op: 'pad', inputs: [c.name(x)], output: c.name(result(op)), before, after, value });
};

function fromOnnx(c: OnnxContext): void {
  const x = image(c),
    given = integers(c, 1, 'pads') ?? refuse('its pads must be a constant'),
    value = scalar(c, 2, 'value', 0);
  word(c, 'mode', 'constant', ['constant']);
  needOnnx(Number.isFinite(value), `it pads with ${value}`);
  const axes = (integers(c, 3, 'axes') ?? [0, 1, 2, 3]).map((a) => axisOf(a, 4)), // axes: since opset 18
    pads = new Array<number>(8).fill(0);
  const fits = given.length === 2 * axes.length && new Set(axes).size === axes.length;
  needOnnx(fits, `it has ${given.length} pads for axes [${axes}]`);
  axes.forEach((axis, i) => ((pads[axis] = given[i]), (pads[axis + 4] = given[i + axes.length])));
  const grows = !pads[0] && !pads[4] && pads.every((p) => p >= 0);
  needOnnx(grows, `its pads are [${given}]: images grow, batches do not`);
  const before = TO_ONNX.map((i) => pads[i]),
    after = TO_ONNX.map((i) => pads[i + 4]);
  c.emit(
    { op: 'pad', inputs: [x.tensor], before, after, value },
    x.shape.map((d, i) => d + pads[i] + pads[i + 4]),
  );
}

/** Four dimensions, missing outer ones being unpadded. */
const outer = (list: number[]): number[] => [...new Array<number>(4 - list.length).fill(0), ...list];

export const pad = define({
  kind: 'pad',
  device: ['pad'],
  onnx: { Pad: fromOnnx },
  tflite: { PAD: fromTflite, PADV2: fromTflite },
  scale: () => 'input',
  lower(node, { tensor }) {
    const { scale, zeroPoint } = tensor(node.output).quantization;
    return {
      operator: 'pad',
      fields: [
        [Pad.before, outer(node.before)],
        [Pad.after, outer(node.after)],
        [Pad.value, Math.max(-128, Math.min(127, round(node.value / scale) + zeroPoint))],
      ],
    };
  },
});
