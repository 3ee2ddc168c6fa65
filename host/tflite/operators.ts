/** Every TFLite operator that is understood. */
import type { Converter } from './context';
import { concatenation, pad, reshape, resizeNearest, split, stridedSlice, transpose } from './shapes';
import { hardSwishTable, leakyReluTable, logisticTable, relu6Table, reluTable, requantizeTable, tanhTable } from './tables';
import { add, lookup, multiply, prelu, softmax } from './values';
import { conv2d, depthwiseConv2d, fullyConnected, pool, reduce } from './windows';

/** By TFLite's name. QUANTIZE and DEQUANTIZE at the model's edges are taken away before these are asked. */
export const converters: Record<string, Converter> = {
  ADD: add(false),
  AVERAGE_POOL_2D: pool('averagePool2d'),
  CONCATENATION: concatenation,
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  EXPAND_DIMS: reshape,
  FULLY_CONNECTED: fullyConnected,
  HARD_SWISH: lookup((from, to) => hardSwishTable(from, to)),
  LEAKY_RELU: lookup((from, to, op, single) => leakyReluTable(from, to, op.options?.float(0) ?? 0, single)),
  LOGISTIC: lookup((from, _, __, single) => logisticTable(from, single)),
  MAX_POOL_2D: pool('maxPool2d'),
  MEAN: reduce('mean'),
  MUL: multiply,
  PAD: pad,
  PADV2: pad,
  PRELU: prelu,
  QUANTIZE: lookup((from, to, _, single) => requantizeTable(from, to, single)),
  REDUCE_MAX: reduce('maxPool2d'),
  RELU: lookup((from, to, _, single) => reluTable(from, to, single, 0, Infinity)),
  RELU6: lookup((from) => relu6Table(from)),
  RELU_N1_TO_1: lookup((from, to, _, single) => reluTable(from, to, single, -1, 1)),
  RESHAPE: reshape,
  RESIZE_NEAREST_NEIGHBOR: resizeNearest,
  SOFTMAX: softmax,
  SPLIT: split,
  SQUEEZE: reshape,
  STRIDED_SLICE: stridedSlice,
  SUB: add(true),
  TANH: lookup((from, _, __, single) => tanhTable(from, single)),
  TRANSPOSE: transpose,
};
