/** Convolution of each channel under weights of its own. */
import { DepthwiseConv2d } from '../../src/operators/depthwise-conv2d';
import { elements, tapsOf, type FloatParameters, type Window } from '../graph';
import type { OnnxContext, Value } from '../import/onnx/context';
import { emitImage } from '../import/onnx/order';
import { activation, need, operand, result, type TfConverter } from '../import/tflite/context';
import { requantization } from './layer';
import { define } from './operator';
import { tfParameters } from './tflite-weights';
import { stripScratch, tfWindow, windowWords } from './window';

declare module '../graph' {
  interface NodeKinds<P> {
    /** multiplier: output channels per input channel. */
    depthwiseConv2d: { window: Window; multiplier: number; activation: Activation; parameters: P };
  }
}

/** Rows of a padded strip, at most: two are computed together. */
const STRIP_ROWS = 2;

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    w = operand(op, 1),
    o = op.options;
  need(w.shape.length === 4, `its weights have the shape [${w.shape}]`);
  const [, kernelY, kernelX, channels] = w.shape,
    multiplier = channels / x.shape[3];
  const fits = w.shape[0] === 1 && Number.isInteger(multiplier);
  need(fits, `its weights [${w.shape}] do not belong to an input [${x.shape}]`);
  const stride: [number, number] = [o?.int32(2) ?? 1, o?.int32(1) ?? 1],
    dilation: [number, number] = [o?.int32(6, 1) ?? 1, o?.int32(5, 1) ?? 1];
  c.emit({
    op: 'depthwiseConv2d',
    inputs: [c.name(x)],
    output: c.name(result(op)),
    window: { ...tfWindow(x, [kernelY, kernelX], stride, dilation, o?.int8(0) ?? 0), ...op.dilated },
    multiplier,
    activation: activation(o?.int8(4) ?? 0),
    parameters: tfParameters(op, channels, 3),
  });
};

/** From ONNX's Conv, whose weights of one group per channel are [output][ky][kx] already. */
export function emitDepthwise(
  c: OnnxContext,
  x: Value,
  window: Window,
  multiplier: number,
  parameters: FloatParameters,
  shape: number[],
): void {
  emitImage(
    c,
    { op: 'depthwiseConv2d', inputs: [x.tensor], window, multiplier, activation: 'none', parameters },
    shape,
  );
}

export const depthwiseConv2d = define({
  kind: 'depthwiseConv2d',
  device: ['depthwiseConv2d'],
  // ONNX's Conv comes through conv2d.ts.
  tflite: { DEPTHWISE_CONV_2D: fromTflite },
  scale: () => 'own',
  work: (node, tensors) => elements(tensors.get(node.output)!.shape) * tapsOf(node.parameters),
  lower(node, { tensor }) {
    const input = tensor(node.inputs[0]),
      output = tensor(node.output),
      rows = node.window.pads.every((p) => p === 0) ? 0 : Math.min(STRIP_ROWS, output.shape[1]);
    return {
      operator: 'depthwiseConv2d',
      fields: [
        ...requantization(node, input.quantization, output.quantization),
        [DepthwiseConv2d.window, windowWords(node.window)],
        [DepthwiseConv2d.weights, node.parameters.weights],
        [DepthwiseConv2d.multiplier, node.multiplier],
        [DepthwiseConv2d.stripRows, rows],
      ],
      scratchBytes: stripScratch(node.window, input, rows),
    };
  },
});
