/** The larger or smaller one of two values, element by element, all of one scale. */
import { need as needOnnx, type OnnxContext } from '../import/onnx/context';
import { emitAlike } from '../import/onnx/order';
import { finish, temporary, type Value } from '../import/tflite/chain';
import { needScaleOf, operand, result, type TfContext, type TfConverter } from '../import/tflite/context';
import type { TfOperator } from '../import/tflite/read';
import { onnxOperands } from './broadcast';
import { operands } from './broadcast-tflite';
import { complement } from './lookup-tflite';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** inputs: a, b, of which b is repeated. */
    maximum: object;
  }
}

/** Both operands, which have the scale of the result. */
function comparable(op: TfOperator, c: TfContext): Value[] {
  for (const i of [0, 1]) needScaleOf(result(op), operand(op, i), 'comparing');
  const { large, small } = operands(op, c);
  return [large, small];
}

const maximumTf: TfConverter = (op, c) => {
  const inputs = comparable(op, c).map((v) => v.name);
  c.emit({ op: 'maximum', inputs, output: c.name(result(op)) });
};

/** The device compares in one direction only: this is the complement of the larger complement. */
const minimumTf: TfConverter = (op, c) => {
  const inputs = comparable(op, c).map((v) => complement(c, v).name),
    larger = temporary(c, result(op).shape, result(op));
  c.emit({ op: 'maximum', inputs, output: larger.name });
  finish(c, complement(c, larger), result(op));
};

function fromOnnx(c: OnnxContext): void {
  const count = c.node.inputs.length;
  needOnnx(count === 2, `it compares ${count} tensors: two are needed; write more as a chain`);
  const { large, small } = onnxOperands(c);
  emitAlike(c, large, { op: 'maximum', inputs: [large.tensor, small.tensor] });
}

export const maximum = define({
  kind: 'maximum',
  device: ['maximum'],
  onnx: { Max: fromOnnx },
  tflite: { MAXIMUM: maximumTf, MINIMUM: minimumTf },
  scale: () => 'input',
  lower: () => ({ operator: 'maximum', fields: [] }),
});
