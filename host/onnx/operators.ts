/** Every ONNX operator that is understood, and what to do instead of others. */
import type { Context } from './context';
import { quantizeLinear } from './quantized';
import { concat, flatten, pad, reshape, squeeze, unsqueeze } from './shapes';
import { activation, add, batchNormalization, clip, dropout, gemm, matMul, softmax } from './values';
import { conv, globalPool, pool, reduceMean } from './windows';

const same = (c: Context): void => c.alias(c.value(0));

/** One ONNX node as nodes of our graph, NCHW turned into NHWC; what cannot be expressed is a Refusal. */
export const converters: Record<string, (c: Context) => void> = {
  Add: add,
  AveragePool: pool('averagePool2d'),
  BatchNormalization: batchNormalization,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  DequantizeLinear: same,
  Dropout: dropout,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalPool('averagePool2d'),
  GlobalMaxPool: globalPool('maxPool2d'),
  Identity: same,
  MatMul: matMul,
  MaxPool: pool('maxPool2d'),
  Pad: pad,
  QuantizeLinear: quantizeLinear,
  ReduceMean: reduceMean,
  Relu: activation('relu'),
  Reshape: reshape,
  Softmax: softmax,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
};

/** What to do instead of operators people meet. */
export const suggestions: Record<string, string> = {
  Sigmoid: 'take it out of the model: a threshold on its input decides the same',
  HardSwish: 'train with ReLU or ReLU6 instead, or convert the model to TFLite',
  LeakyRelu: 'train with ReLU instead, or convert the model to TFLite',
  PRelu: 'train with ReLU instead, or convert the model to TFLite',
  ConvTranspose: 'it has no counterpart on the device',
  LSTM: 'recurrent networks do not run',
  GRU: 'recurrent networks do not run',
  ArgMax: 'take it out of the model: the device finds the highest score itself',
  Shape: 'export the model with fixed sizes and a batch of one, so that it computes none',
  Mul: 'put the factor into the weights of the layer before or after it',
  Transpose: 'export the model with images as [1, channels, height, width]',
};
