/** The larger one of two values, element by element, all of one scale. */
import { need as needOnnx, type OnnxContext } from '../import/onnx/context';
import { broadcast, needScaleOf, result, type TfConverter } from '../import/tflite/context';
import { onnxOperands } from './broadcast';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** inputs: a, b, of which b is repeated. */
    maximum: object;
  }
}

const fromTflite: TfConverter = (op, c) => {
  const { large, small } = broadcast(op);
  for (const input of [large, small]) needScaleOf(result(op), input, 'comparing');
  c.emit({ op: 'maximum', inputs: [c.name(large), c.name(small)], output: c.name(result(op)) });
};

function fromOnnx(c: OnnxContext): void {
  const count = c.node.inputs.length;
  needOnnx(count === 2, `it compares ${count} tensors: two are needed; write more as a chain`);
  const { large, small } = onnxOperands(c);
  c.emit({ op: 'maximum', inputs: [large.tensor, small.tensor] }, large.shape, large.flattened);
}

export const maximum = define({
  kind: 'maximum',
  device: ['maximum'],
  onnx: { Max: fromOnnx },
  tflite: { MAXIMUM: fromTflite },
  scale: () => 'input',
  lower: () => ({ operator: 'maximum', fields: [] }),
});
