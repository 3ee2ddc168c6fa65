/** y[o] = sum over i of x[i] * w[o][i], over the last dimension. */
import { FC_GROUP, FullyConnected } from '../../src/operators/fully-connected';
import { SPARSE_BLOCK } from '../../src/operators/sparse-rows';
import { elements, tapsOf } from '../graph';
import {
  floats,
  need as needOnnx,
  number,
  scalesAlong,
  type OnnxContext,
  type Value,
} from '../import/onnx/context';
import { axesOfDims, layoutOf, ownOrder } from '../import/onnx/layout';
import { inOrder, shaped } from '../import/onnx/order';
import { activation, need, operand, result, type TfConverter } from '../import/tflite/context';
import { indicesOf, stridesOf } from '../view';
import { ofSparseRows, requantization } from './layer';
import { define } from './operator';
import { sparseFullyConnected } from './sparse-fully-connected';
import { tfParameters } from './tflite-weights';
import { grouped, storedBytes, weightStorage, type Storage } from './weights';

declare module '../graph' {
  interface NodeKinds<P> {
    fullyConnected: { activation: Activation; parameters: P };
  }
}

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    w = operand(op, 1);
  need(w.shape.length === 2, `its weights have the shape [${w.shape}]`);
  need((op.options?.int8(1) ?? 0) === 0, 'its weights are shuffled');
  need(
    elements(x.shape) % w.shape[1] === 0,
    `its weights [${w.shape}] do not belong to an input [${x.shape}]`,
  );
  c.emit({
    op: 'fullyConnected',
    inputs: [c.name(x)],
    output: c.name(result(op)),
    activation: activation(op.options?.int8(0) ?? 0),
    parameters: tfParameters(op, w.shape[0], 0),
  });
};

interface Dense {
  inputs: number;
  outputs: number;
  /** The weight of an input and output. */
  at(i: number, o: number): number;
  bias: Float32Array;
  scales?: number[];
}

/** Over the last dimension, whose values may lie in another order: the weights follow it. */
function emitDense(c: OnnxContext, x: Value, { inputs, outputs, at, bias, scales }: Dense): void {
  const last = x.shape.length - 1,
    rows = x.shape.slice(0, last),
    fits = outputs > 0 && last >= 0 && x.shape[last] === inputs;
  needOnnx(fits, `its weights take ${inputs} inputs, its input is [${x.shape}]`);
  const rowAxes = axesOfDims(x).slice(0, last).flat(),
    own = x.order.filter((a) => !rowAxes.includes(a)),
    value = inOrder(c, x, [...rowAxes, ...own]),
    strides = stridesOf(x.axes),
    places = indicesOf({ sizes: own.map((a) => x.axes[a]), strides: own.map((a) => strides[a]) });
  const weights = new Float32Array(inputs * outputs);
  for (let o = 0; o < outputs; o++) places.forEach((i, k) => (weights[o * inputs + k] = at(i, o)));
  const shape = (n: number): number[] => (elements(rows) === 1 ? [1, n] : [1, elements(rows), n]),
    from = shaped(c, value, shape(inputs)),
    parameters = { weights, bias, scales };
  c.emit(
    { op: 'fullyConnected', inputs: [from.tensor], activation: 'none', parameters },
    layoutOf([...rows, outputs], ownOrder([...rows, 0])),
    shape(outputs),
  );
}

function gemm(c: OnnxContext): void {
  const x = c.value(0),
    w = floats(c, 1, 'weights'),
    transposed = number(c, 'transB', 0),
    alpha = number(c, 'alpha', 1),
    beta = number(c, 'beta', 1);
  needOnnx(w.shape.length === 2, `its weights have the shape [${w.shape}]`);
  needOnnx(x.shape.length === 2, `its input has the shape [${x.shape}]; [1, n] is needed`);
  const upright = !number(c, 'transA', 0) || elements(x.shape) === 1;
  needOnnx(upright, 'it transposes its input, which makes a batch of it: export it with transA=0');
  const [inputs, outputs] = transposed ? [w.shape[1], w.shape[0]] : w.shape,
    b = c.node.inputs[2] ? floats(c, 2, 'bias').data : new Float32Array(1);
  needOnnx(b.length === outputs || b.length === 1, `its bias has ${b.length} values for ${outputs} outputs`);
  emitDense(c, x, {
    inputs,
    outputs,
    at: (i, o) => alpha * w.data[transposed ? o * inputs + i : i * outputs + o],
    bias: Float32Array.from({ length: outputs }, (_, o) => beta * b[b.length === 1 ? 0 : o]),
    scales: alpha === 1 ? scalesAlong(transposed ? 0 : 1, w) : undefined,
  });
}

function matMul(c: OnnxContext): void {
  const w = floats(c, 1, 'second operand'),
    [inputs, outputs] = w.shape;
  needOnnx(w.shape.length === 2, `its second operand has the shape [${w.shape}]`);
  const bias = new Float32Array(outputs);
  emitDense(c, c.value(0), {
    inputs,
    outputs,
    at: (i, o) => w.data[i * outputs + o],
    bias,
    scales: scalesAlong(1, w),
  });
}

export const fullyConnected = define({
  kind: 'fullyConnected',
  device: ['fullyConnected', 'sparseFullyConnected'],
  onnx: { Gemm: gemm, MatMul: matMul },
  tflite: { FULLY_CONNECTED: fromTflite },
  scale: () => 'own',
  work: (node, tensors) => elements(tensors.get(node.output)!.shape) * tapsOf(node.parameters),
  lower(node, { tensor, aim }) {
    const { weights, bias } = node.parameters,
      common = requantization(
        node,
        tensor(node.inputs[0]).quantization,
        tensor(node.output).quantization,
        false,
      );
    // Outputs of no whole group are stored as they are: there a narrower width would save nothing.
    const storage: Storage = bias.length < FC_GROUP ? { bits: 8 } : weightStorage(weights, bias.length),
      dense = grouped(weights, bias.length, storage),
      sparse = sparseFullyConnected(node, storedBytes(dense, storage), aim);
    if (sparse) {
      const products = tapsOf(node.parameters) * SPARSE_BLOCK;
      return { operator: 'sparseFullyConnected', fields: [...ofSparseRows(common, products), ...sparse] };
    }
    return {
      operator: 'fullyConnected',
      fields: [
        ...common,
        [FullyConnected.weights, dense],
        [FullyConnected.inputs, tapsOf(node.parameters)],
        [FullyConnected.bits, storage.bits],
        [FullyConnected.zeroPoints, storage.zeroPoints ?? 0],
      ],
    };
  },
});
