/** y[o] = sum over i of x[i] * w[o][i], over the last dimension. */
import { FC_GROUP, FullyConnected } from '../../src/operators/fully-connected';
import { SPARSE_BLOCK } from '../../src/operators/sparse-rows';
import { elements, tapsOf } from '../graph';
import {
  floats,
  inPixelOrder,
  need as needOnnx,
  number,
  type OnnxContext,
  type Value,
} from '../import/onnx/context';
import { activation, need, operand, result, type TfConverter } from '../import/tflite/context';
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

/** A flattened image's inputs are put into pixel order. */
function emitDense(c: OnnxContext, x: Value, { inputs, outputs, at, bias, scales }: Dense): void {
  const fits = outputs > 0 && x.shape.length === 2 && x.shape[1] === inputs;
  needOnnx(fits, `its weights take ${inputs} inputs, its input is [${x.shape}]`);
  const weights = new Float32Array(inputs * outputs),
    row = new Float32Array(inputs);
  for (let o = 0; o < outputs; o++)
    weights.set(
      inPixelOrder(
        row.map((_, i) => at(i, o)),
        x.flattened,
      ),
      o * inputs,
    );
  const parameters = { weights, bias, scales };
  c.emit({ op: 'fullyConnected', inputs: [x.tensor], activation: 'none', parameters }, [1, outputs]);
}

function gemm(c: OnnxContext): void {
  const x = c.value(0),
    w = floats(c, 1, 'weights'),
    transposed = number(c, 'transB', 0),
    alpha = number(c, 'alpha', 1),
    beta = number(c, 'beta', 1);
  needOnnx(w.shape.length === 2, `its weights have the shape [${w.shape}]`);
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
    scales: alpha === 1 ? w.scales : undefined,
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
    scales: w.scales,
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
