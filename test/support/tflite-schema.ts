/** What TFLite's schema (version 3) says of types and of the operators' options. */

/** Numbers of tensor types. */
export const types = { float32: 0, int32: 2, uint8: 3, int64: 4, int16: 7, int8: 9 };

/**
 * Fields of the option tables in TFLite's schema, in order: b for a byte, i for an int32, f for a float, v
 * for int32s; and the union's number.
 */
export const options: Record<string, [number, ...string[]]> = {
  CONV_2D: [1, 'padding:b', 'strideW:i', 'strideH:i', 'activation:b', 'dilationW:i', 'dilationH:i'],
  DEPTHWISE_CONV_2D: [
    2,
    'padding:b',
    'strideW:i',
    'strideH:i',
    'depthMultiplier:i',
    'activation:b',
    'dilationW:i',
    'dilationH:i',
  ],
  MAX_POOL_2D: [5, 'padding:b', 'strideW:i', 'strideH:i', 'filterW:i', 'filterH:i', 'activation:b'],
  AVERAGE_POOL_2D: [5, 'padding:b', 'strideW:i', 'strideH:i', 'filterW:i', 'filterH:i', 'activation:b'],
  FULLY_CONNECTED: [8, 'activation:b', 'weightsFormat:b', 'keepDims:b'],
  SOFTMAX: [9, 'beta:f'],
  CONCATENATION: [10, 'axis:i', 'activation:b'],
  ADD: [11, 'activation:b'],
  RESHAPE: [17],
  MUL: [21, 'activation:b'],
  PAD: [22],
  TRANSPOSE: [26],
  MEAN: [27, 'keepDims:b'],
  REDUCE_MAX: [27, 'keepDims:b'],
  SUB: [28, 'activation:b'],
  SQUEEZE: [30, 'dimensions:v'],
  STRIDED_SLICE: [32, 'beginMask:i', 'endMask:i', 'ellipsisMask:i', 'newAxisMask:i', 'shrinkMask:i'],
  SPLIT: [35, 'splits:i'],
  DEQUANTIZE: [38],
  MAXIMUM: [39],
  PADV2: [43],
  EXPAND_DIMS: [52],
  RESIZE_NEAREST_NEIGHBOR: [74, 'alignCorners:b', 'halfPixelCenters:b'],
  LEAKY_RELU: [75, 'alpha:f'],
  QUANTIZE: [89],
  HARD_SWISH: [91],
};
