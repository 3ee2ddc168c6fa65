/** Tensors joined along one axis. */
import { Concatenation } from '../../src/operators/concatenation';
import { elements } from '../graph';
import { axisOf, need as needOnnx, number, type OnnxContext } from '../import/onnx/context';
import { layoutOf, type Layout } from '../import/onnx/layout';
import { commonOrder, inDims, shaped } from '../import/onnx/order';
import { finish, temporary, valueOf, viewed, type Value } from '../import/tflite/chain';
import {
  activation,
  need,
  needScaleOf,
  refuse,
  result,
  type TfContext,
  type TfConverter,
} from '../import/tflite/context';
import type { TfOperator, TfTensor } from '../import/tflite/read';
import { constantInput } from './broadcast';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    concatenation: { axis: number };
  }
}

/** Values that differ in one dimension at most, one behind the other along it. */
export function joined(c: TfContext, values: Value[], axis: number): Value {
  const [{ shape, like }] = values,
    outer = elements(shape.slice(0, axis)),
    lines = values.map((v) => viewed(c, v, [outer, elements(v.shape) / outer])),
    y = temporary(c, [outer, lines.reduce((sum, v) => sum + v.shape[1], 0)], like);
  c.emit({ op: 'concatenation', inputs: lines.map((v) => v.name), output: y.name, axis: 1 });
  const size = values.reduce((sum, v) => sum + v.shape[axis], 0);
  return viewed(
    c,
    y,
    shape.map((d, i) => (i === axis ? size : d)),
  );
}

/** The operator's inputs, which have the scale of its output. */
const inputsOf = (op: TfOperator): TfTensor[] =>
  op.inputs.map((t) => {
    const input = t ?? refuse('an input is missing');
    needScaleOf(result(op), input, 'joining');
    return input;
  });

const fromTflite: TfConverter = (op, c) => {
  const { shape } = result(op),
    given = op.options?.int32(0) ?? 0,
    axis = given < 0 ? given + shape.length : given;
  need(activation(op.options?.int8(1) ?? 0) === 'none', 'it has a fused activation');
  need(op.inputs.length > 0 && axis >= 0 && axis < shape.length, `axis ${given} of [${shape}]`);
  const inputs = inputsOf(op);
  if (shape.length > 4)
    return finish(
      c,
      joined(
        c,
        inputs.map((t) => valueOf(c, t)),
        axis,
      ),
      result(op),
    );
  c.emit({ op: 'concatenation', inputs: inputs.map((t) => c.name(t)), output: c.name(result(op)), axis });
};

/** Tensors of one shape, along a new axis. */
const pack: TfConverter = (op, c) => {
  need(op.inputs.length > 0, 'it has no inputs');
  const inputs = inputsOf(op),
    rank = inputs[0].shape.length + 1,
    given = op.options?.int32(1) ?? 0,
    axis = given < 0 ? given + rank : given;
  need(axis >= 0 && axis < rank, `axis ${given} of [${result(op).shape}]`);
  const rows = inputs.map((t) => {
    const shape = [...t.shape.slice(0, axis), 1, ...t.shape.slice(axis)];
    return viewed(c, valueOf(c, t), shape);
  });
  finish(c, joined(c, rows, axis), result(op));
};

function fromOnnx(c: OnnxContext): void {
  const values = c.node.inputs.map((_, i) => (c.constant(i) ? constantInput(c, i) : c.value(i))),
    [first] = values,
    rank = first?.shape.length,
    axis = axisOf(number(c, 'axis', 1), rank);
  const alike = values.every(
    ({ shape }) => shape.length === rank && shape.every((d, i) => i === axis || d === first.shape[i]),
  );
  needOnnx(alike, `it joins [${values.map((v) => v.shape.join(', ')).join('] and [')}]`);
  const size = values.reduce((sum, v) => sum + v.shape[axis], 0),
    dims = commonOrder(values),
    layout = layoutOf(
      first.shape.map((d, i) => (i === axis ? size : d)),
      dims,
    );
  // More than four dimensions are taken as what lies around the axis.
  const place = dims.indexOf(axis),
    sizesOf = ({ shape }: Layout): number[] => {
      const sizes = dims.map((d) => shape[d]);
      return rank <= 4
        ? sizes
        : [elements(sizes.slice(0, place)), sizes[place], elements(sizes.slice(place + 1))];
    };
  const inputs = values.map((v) => shaped(c, inDims(c, v, dims), sizesOf(v)).tensor);
  c.emit({ op: 'concatenation', inputs, axis: rank <= 4 ? place : 1 }, layout, sizesOf(layout));
}

export const concatenation = define({
  kind: 'concatenation',
  device: ['concatenation'],
  onnx: { Concat: fromOnnx },
  tflite: { CONCATENATION: fromTflite, PACK: pack },
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
