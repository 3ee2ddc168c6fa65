/** Tensors joined along one axis. */
import { Concatenation } from '../../src/operators/concatenation';
import { elements } from '../graph';
import { TO_OURS, axisOf, need as needOnnx, number, ordered, type OnnxContext } from '../import/onnx/context';
import { activation, need, needScaleOf, refuse, result, type TfConverter } from '../import/tflite/context';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    concatenation: { axis: number };
  }
}

const fromTflite: TfConverter = (op, c) => {
  const { shape } = result(op),
    axis = op.options?.int32(0) ?? 0;
  need(activation(op.options?.int8(1) ?? 0) === 'none', 'it has a fused activation');
  need(op.inputs.length > 0 && axis >= -shape.length && axis < shape.length, `axis ${axis} of [${shape}]`);
  const inputs = op.inputs.map((t) => {
    const input = t ?? refuse('an input is missing');
    needScaleOf(result(op), input, 'joining');
    return c.name(input);
  });
  c.emit({
    op: 'concatenation',
    inputs,
    output: c.name(result(op)),
    axis: axis < 0 ? axis + shape.length : axis,
  });
};

function fromOnnx(c: OnnxContext): void {
  const values = c.node.inputs.map((_, i) => ordered(c, i)),
    [first] = values;
  needOnnx(first && [2, 4].includes(first.shape.length), 'it joins neither images nor vectors');
  const axis = axisOf(number(c, 'axis', 1), first.shape.length);
  const alike = values.every(
    ({ shape }) =>
      shape.length === first.shape.length && shape.every((d, i) => i === axis || d === first.shape[i]),
  );
  needOnnx(alike, `it joins [${values.map((v) => v.shape.join(', ')).join('] and [')}]`);
  needOnnx(axis > 0, `it joins along axis ${axis}`);
  const size = values.reduce((sum, v) => sum + v.shape[axis], 0),
    shape = first.shape.map((d, i) => (i === axis ? size : d)),
    inputs = values.map((v) => v.tensor);
  c.emit({ op: 'concatenation', inputs, axis: first.shape.length === 2 ? axis : TO_OURS[axis] }, shape);
}

export const concatenation = define({
  kind: 'concatenation',
  device: ['concatenation'],
  onnx: { Concat: fromOnnx },
  tflite: { CONCATENATION: fromTflite },
  scale: () => 'input',
  lower: (node, { tensor, index }) => ({
    operator: 'concatenation',
    fields: [
      [Concatenation.inputs, Int32Array.from(node.inputs, index)],
      [Concatenation.inputCount, node.inputs.length],
      [Concatenation.outer, elements(tensor(node.output).shape.slice(0, node.axis))],
    ],
  }),
});
