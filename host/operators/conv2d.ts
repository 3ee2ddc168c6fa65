/** Two-dimensional convolution of any window. */
import { Conv2d } from '../../src/operators/conv2d-record';
import { sparseProducts } from '../../src/operators/sparse-rows';
import { elements, tapsOf, type FloatParameters } from '../graph';
import { floats, need as needOnnx, number, scalesAlong, type OnnxContext } from '../import/onnx/context';
import { emitImage, image } from '../import/onnx/order';
import { activation, need, operand, result, type TfConverter } from '../import/tflite/context';
import { convTranspose } from './conv-transpose';
import { groupedConv, transposeConv } from './conv2d-tflite';
import { emitDepthwise } from './depthwise-conv2d';
import { ofSparseRows, requantization } from './layer';
import { define } from './operator';
import { sparseConv2d } from './sparse-conv2d';
import { tfParameters } from './tflite-weights';
import { storedBytes, tiled, weightStorage } from './weights';
import { onnxWindow, stripRows, stripScratch, tfWindow, windowWords } from './window';

declare module '../graph' {
  interface NodeKinds<P> {
    conv2d: { window: Window; activation: Activation; parameters: P };
  }
}

/** Rows of a padded strip, at most. */
const STRIP_ROWS = 4;

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    w = operand(op, 1),
    o = op.options;
  need(w.shape.length === 4, `its weights have the shape [${w.shape}]`);
  const [channels, kernelY, kernelX, depth] = w.shape;
  const stride: [number, number] = [o?.int32(2) ?? 1, o?.int32(1) ?? 1],
    dilation: [number, number] = [o?.int32(5, 1) ?? 1, o?.int32(4, 1) ?? 1],
    fused = activation(o?.int8(3) ?? 0);
  if (depth !== x.shape[3]) return groupedConv(op, c, fused, stride, dilation);
  c.emit({
    op: 'conv2d',
    inputs: [c.name(x)],
    output: c.name(result(op)),
    window: { ...tfWindow(x, [kernelY, kernelX], stride, dilation, o?.int8(0) ?? 0), ...op.dilated },
    activation: fused,
    parameters: tfParameters(op, channels, 0),
  });
};

/** ONNX has one operator for ordinary and depthwise convolutions. */
function fromOnnx(c: OnnxContext): void {
  const x = image(c),
    w = floats(c, 1, 'weights'),
    [, channels] = x.shape,
    group = number(c, 'group', 1);
  needOnnx(
    w.shape.length === c.value(0).shape.length,
    `its weights have the shape [${w.shape}], its input [${c.value(0).shape}]`,
  );
  const [outputs, depth, kernelY, kernelX] =
      w.shape.length === 3 ? [...w.shape.slice(0, 2), 1, w.shape[2]] : w.shape,
    taps = kernelY * kernelX,
    { window, size } = onnxWindow(c, x.shape, [kernelY, kernelX]);
  const bias = c.node.inputs[2] ? floats(c, 2, 'bias').data : new Float32Array(outputs),
    shape = [1, outputs, ...size];
  needOnnx(
    outputs > 0 && bias.length === outputs && depth * group === channels,
    `its weights [${w.shape}] and bias do not belong to ${channels} input channels in ${group} groups`,
  );
  if (group > 1) {
    needOnnx(
      group === channels && outputs % channels === 0,
      `it has ${group} groups for ${channels} channels: ` +
        'only ordinary (one group) and depthwise convolutions run',
    );
    return emitDepthwise(
      c,
      x,
      window,
      outputs / channels,
      { weights: w.data, bias, scales: scalesAlong(0, w) },
      shape,
    );
  }
  // [o][c][k] to [o][k][c]
  const weights = new Float32Array(w.data.length);
  for (let o = 0, i = 0; o < outputs; o++)
    for (let d = 0; d < depth; d++)
      for (let k = 0; k < taps; k++, i++) weights[(o * taps + k) * depth + d] = w.data[i];
  const parameters: FloatParameters = { weights, bias, scales: scalesAlong(0, w) };
  emitImage(c, { op: 'conv2d', inputs: [x.tensor], window, activation: 'none', parameters }, shape);
}

export const conv2d = define({
  kind: 'conv2d',
  device: ['conv2d', 'sparseConv2d'],
  onnx: { Conv: fromOnnx, ConvTranspose: convTranspose },
  tflite: { CONV_2D: fromTflite, TRANSPOSE_CONV: transposeConv },
  scale: () => 'own',
  work: (node, tensors) => elements(tensors.get(node.output)!.shape) * tapsOf(node.parameters),
  lower(node, { tensor, aim }) {
    const input = tensor(node.inputs[0]),
      output = tensor(node.output),
      { weights, bias } = node.parameters,
      rows = stripRows(node.window, output, STRIP_ROWS);
    const common = requantization(node, input.quantization, output.quantization),
      scratchBytes = stripScratch(node.window, input, rows),
      storage = weightStorage(weights, bias.length),
      dense = tiled(weights, bias.length, storage),
      sparse = sparseConv2d(node, storedBytes(dense, storage), aim);
    if (sparse) {
      const [rowsOfWindow, columns] = node.window.kernel,
        products = sparseProducts(rowsOfWindow, columns * input.shape[3]),
        fields = [...ofSparseRows(common, products), ...sparse(rows)];
      return { operator: 'sparseConv2d', fields, scratchBytes };
    }
    return {
      operator: 'conv2d',
      fields: [
        ...common,
        [Conv2d.window, windowWords(node.window)],
        [Conv2d.weights, dense],
        [Conv2d.bits, storage.bits],
        [Conv2d.zeroPoints, storage.zeroPoints ?? 0],
        [Conv2d.stripRows, rows],
      ],
      scratchBytes,
    };
  },
});
