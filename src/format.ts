/**
 * The .flint model file, byte for byte. The packer writes it and the device reads it in place from flash; both
 * sides use the names below and nothing else describes the format.
 *
 * The file is little-endian and made of 32-bit words. "offset" is a byte offset from the start of the file, always a
 * multiple of 4; "address" is a byte address in the arena, a multiple of 4 for tensors and scratch. A record is a run of words
 * whose meaning is given by an enum: word i of the record is the member with value i.
 *
 * The header comes first; everything else is found through offsets, in whatever order.
 *
 * Values: real = scale * (q - zeroPoint), q an int8. Shapes are NHWC with a batch of one.
 */

export const MAGIC = 0x544e4c46; // the bytes "FLNT"
export const VERSION = 3;

/** The file's first words. */
export const enum Header {
  magic,
  version,
  fileBytes,
  checksum, // of every byte after this word; see checksum.ts
  rounding, // Rounding of every requantization
  arenaBytes,
  ramBytes, // of everything a 32-bit XS holds while the model runs: stack, slots, chunks, arena
  tensorCount,
  tensors, // offset of tensorCount tensor records
  operatorCount,
  operators, // offset of a list of operatorCount offsets of operator records, in execution order
  inputCount,
  inputs, // offset of a list of tensor indices
  outputCount,
  outputs, // offset of a list of tensor indices
  name, // offset of the model's name, a string
  labelCount, // 0 when the model has none
  labels, // offset of labelCount strings, one behind the other
  recipe, // offset of the image recipe, 0 when the input is no image
  golden, // offset of the golden record, 0 when there is none
  words, // size of the header
}

export const enum Rounding {
  double, // round at the high multiplication and again at the shift: TensorFlow Lite Micro, CMSIS-NN, ESP-NN
  single, // round once: ONNX Runtime, XNNPACK
}

/** An activation tensor. Parameters (weights, biases) belong to operators and are no tensors. */
export const enum Tensor {
  address, // in the arena
  bytes,
  rank, // 1 to 4
  shape, // four words, outermost dimension first; those beyond the rank are 1
  scale = shape + 4, // the bits of a float32
  zeroPoint,
  firstUse, // index of the operator that writes it; -1 for an input of the model
  lastUse, // index of the last operator that reads it; operatorCount for an output of the model
  base, // the tensor whose bytes these are: its own index, or another's of which this is a reshaped view
  pitch, // 0: NHWC; else the image is stored as planes, see lanes/planes.ts, with so many pixels from one row to the next
  name, // offset of a string
  words,
}

export const enum OperatorCode {
  conv2d = 1,
  depthwiseConv2d,
  fullyConnected,
  maxPool2d,
  averagePool2d,
  add,
  concatenation,
  pad,
  softmax,
  multiply,
  prelu,
  lookup,
  mean,
  transpose,
  slice,
  resizeNearest,
  constant,
  layout, // from NHWC to planes or back
}

/** Names by code, for messages and listings. */
export const operatorNames = Object.freeze([
  '', 'conv2d', 'depthwiseConv2d', 'fullyConnected', 'maxPool2d', 'averagePool2d', 'add', 'concatenation', 'pad', 'softmax',
  'multiply', 'prelu', 'lookup', 'mean', 'transpose', 'slice', 'resizeNearest', 'constant', 'layout',
]);

/** What every operator record begins with. Each operator's own words follow at Operator.words. */
export const enum Operator {
  code, // OperatorCode
  size, // words in the record
  kernels, // Kernels
  name, // offset of a string
  input, // tensor index
  input2, // tensor index of a second operand, -1 without
  output, // tensor index
  scratch, // address of the scratch memory the kernel uses while it runs
  scratchBytes,
  golden, // CRC-32 of the output tensor when the golden input is run
  words,
}

/** Which kernel runs an operator. Its record differs between the two. */
export const enum Kernels {
  scalar,
  lanes, // a lane for each pixel; of fully connected layers for each output
  pointwise, // 1 x 1 convolution with a lane for each output
  sparse, // scalar, of weights that are mostly zero
}

/**
 * Requantization of 32-bit sums to int8, per output channel: a multiplier in [2^30, 2^31) and a shift (negative: to
 * the right), as TensorFlow Lite's MultiplyByQuantizedMultiplier takes them, then + zero point, then the clamp.
 */
export const enum Output {
  bias = Operator.words, // offset of int32 per channel: bias - inputZeroPoint * sum of the channel's weights
  multipliers, // offset of int32 per channel
  shifts, // offset of int8 per channel
  wide, // 1 when a sum may leave [-2^25, 2^25) or a shift is not negative: the slower exact path is taken
  minimum, // the fused activation's clamp
  maximum,
  words,
}

/** A sliding window: convolutions and pooling. Output (y, x) covers input rows y * strideY - padTop + ky * dilationY. */
export const enum Window {
  kernelY,
  kernelX,
  strideY,
  strideX,
  dilationY,
  dilationX,
  padTop,
  padLeft,
  padBottom,
  padRight,
  words,
}

/** Taps are numbered (ky, kx, input channel), the channel fastest. */
export const enum Conv2d {
  window = Output.words,
  weights = window + Window.words, // offset; see CONV_TILE
  bits, // of a weight: 8, 4 or 2; narrow ones lie side by side, the first in the lowest bits
  zeroPoints, // offset of int8 per output channel: its weights are what is stored minus this; 0: they are what is stored
  stripRows, // output rows computed from one padded strip of the input in scratch; 0: no padding, no strip
  words,
}

/**
 * Convolution weights are laid out for the kernel: output channels in groups of `outputs`, then taps in
 * chunks of `taps` (the last one filled up with weights of zero), then the group's output channels, then the chunk's taps.
 */
export const CONV_TILE = Object.freeze({ outputs: 32, taps: 8, pixels: 8 });

export const enum DepthwiseConv2d {
  window = Output.words,
  weights = window + Window.words, // offset, int8: [output channel][ky][kx]
  multiplier, // output channels per input channel
  stripRows, // as in Conv2d
  words,
}

/** Outputs in a group of fully connected weights. */
export const FC_GROUP = 16;

/**
 * Weights: outputs in groups of FC_GROUP, the rest in groups of four (the last one filled up with zeros); in a group, [input][output].
 * The bias is the layer's own: the input's zero point is taken from the inputs, so that those equal to it can be skipped.
 */
export const enum FullyConnected {
  weights = Output.words, // offset, int8; on lanes see lanes/fully-connected.ts
  inputs, // per row
  bits, // of a weight: 8, 4 or 2 (scalar: only in groups of FC_GROUP, others have 8); narrow ones lie side by side, the first in the lowest bits
  zeroPoints, // as in Conv2d (scalar: only of groups of FC_GROUP)
  words,
}

/**
 * Weights that are mostly zero, as rows of blocks. A block is eight weights and where they stand: a word of eight gaps of 4 bits, then the
 * weights, the first of each in the lowest bits. A gap is the distance from the place before, of a row's first weight from place 0.
 * Weights that are 0 stand where a gap would be longer than 15, and fill up a row's last block.
 */
export const SPARSE_BLOCK = 8;

/** Words of a block. */
export const sparseBlockWords = (bits: number): number => 1 + bits / 4;

/** A row is a kernel row of an output channel, [output][ky]; its places are numbered (kx, input channel). No dilation of columns. */
export const enum SparseConv2d {
  window = Output.words,
  rows = window + Window.words, // offset
  blocks, // offset of int8 per row: how many blocks it has
  bits, // of a weight: 8 or 4
  stripRows, // as in Conv2d
  words,
}

/** A row is an input; its places are the outputs. The bias is the layer's own, as in FullyConnected. */
export const enum SparseFullyConnected {
  rows = Output.words, // offset
  blocks, // offset of int8 per row: how many blocks it has
  bits, // of a weight: 8 or 4
  inputs, // per row of the input tensor
  words,
}

/** Convolution and depthwise convolution on lanes. Weights are numbers of up to three taps of a kernel row, see lanes/conv2d.ts. */
export const enum LanesConv {
  window = Operator.words,
  taps = window + Window.words, // offset of [output][kernel row][group of three taps][input channel], as kind says
  kind, // TapKind
  excess, // what was added to every weight, so that sums need no subtractions; 0, or half the weights' range
  zeroPoints, // as in Conv2d, where there is an excess
  padding, // what the padding is filled with: the input's zero point + 128; 0 when nothing is padded
  outputs, // offset of LanesOutput records, one per output channel
  depthwise, // output channels per input channel; 0: every output reads every input channel
  dense, // 1: computed with a stride of 1, then thinned out; taps are as for a stride of 1
  stripRows, // output rows computed at a time
  starts, // of TapKind.sparse, else 0: offset of words, for [output][sign][kernel row][group] where its numbers begin; and where the last ones end
  places, // of TapKind.sparse, else 0: offset of a byte for each number: its input channel
  words,
}

/** How a number of up to three taps, w[0] * 2^48 + w[1] * 2^24 + w[2], is stored. */
export const enum TapKind {
  one, // int8: one tap each
  wide, // int64, at a multiple of 8
  four, // 16 bits, at a multiple of 2: w[2] + 8, w[1] + 8 and w[0] + 8 of 4 bits each, the first lowest
  two, // a byte: w[2] + 2, w[1] + 2 and w[0] + 2 of 2 bits each
  sparse, // as wide, but only those that are not 0, and without their signs: for each output the positive ones, then the negative ones
}

/** 1 x 1 convolution with a lane for each output channel, see lanes/pointwise.ts. */
export const enum LanesPointwise {
  weights = Operator.words, // offset, for each input channel: of outputs 0, 1, 2... and one behind the last, weight + 2^(bits - 1)
  bits, // 8, 4 or 2: a lane's 24 bits hold so many weights; each channel's are filled up to whole lanes
  zeroPoints, // as in Conv2d
  outputs, // offset of LanesOutput records
  strideY,
  strideX,
  stripRows,
  words,
}

/** Requantization of one channel on lanes, see lanes/requantize.ts. */
export const enum LanesOutput {
  multiplier, // unsigned, times 2^up
  constant,
  offset, // what every sum begins with
  shift, // 4 to 15; and 256 times up, 0 to 12
  step, // 0; for signed outputs rounded twice, the shift that makes the step at zero
  words,
}

/** Addition on lanes, see lanes/add.ts. */
export const enum LanesAdd {
  first = Operator.words,
  second,
  constant,
  stripRows,
  words,
}

/** 2 x 2 maximum with a stride of 2, on lanes. */
export const enum LanesPool {
  stripRows = Operator.words,
  words,
}

/** Max and average pooling. Taps in the padding do not count. */
export const enum Pool2d {
  window = Operator.words,
  minimum = window + Window.words,
  maximum,
  words,
}

/**
 * sum = firstSign * MBQM((a - za) << 20, first) + secondSign * MBQM((b - zb) << 20, second); output = MBQM(sum, result) +
 * zero point, clamped. Operand b is repeated as often as it fits into a: it is as large, a channel vector, or a scalar.
 */
export const enum Add {
  firstMultiplier = Operator.words,
  firstShift,
  secondMultiplier,
  secondShift,
  resultMultiplier,
  resultShift,
  minimum,
  maximum,
  firstSign, // 1 or -1
  secondSign,
  words,
}

/** output = MBQM((a - za) * (b - zb), multiplier, shift) + zero point, clamped. Operand b is repeated as in Add. */
export const enum Multiply {
  multiplier = Operator.words,
  shift,
  minimum,
  maximum,
  words,
}

/** x >= zx: MBQM(x - zx, positive), else MBQM((x - zx) * (alpha - za), negative); alpha is repeated as operand b of Add. */
export const enum Prelu {
  positiveMultiplier = Operator.words,
  positiveShift,
  negativeMultiplier,
  negativeShift,
  words,
}

/** Any function of one value: the output for input q is table[q + 128]. */
export const enum Lookup {
  table = Operator.words, // offset of 256 int8
  words,
}

/** Mean over height and width of an image, requantized per channel as a convolution is. */
export const enum Mean {
  words = Output.words,
}

export const enum Transpose {
  permutation = Operator.words, // four words: output dimension i is input dimension permutation[i], both taken as NHWC
  words = permutation + 4,
}

/** `count` elements, every stride-th from `begin` on, in each dimension of the input taken as NHWC. */
export const enum Slice {
  begin = Operator.words, // four words
  stride = begin + 4, // four words, may be negative
  count = stride + 4, // four words; their product is the output's size
  words = count + 4,
}

/** Each output row and column is a copy of the input's listed one. */
export const enum ResizeNearest {
  rows = Operator.words, // offset of a list, one per output row
  columns, // offset of a list, one per output column
  words,
}

/** A tensor whose bytes are in the file. It has no input: its input index is -1. */
export const enum Constant {
  data = Operator.words, // offset
  words,
}

/** Joins tensors along one axis. All have the output's scale and zero point. */
export const enum Concatenation {
  inputs = Operator.words, // offset of a list of tensor indices
  inputCount,
  outer, // product of the dimensions before the axis
  words,
}

export const enum Pad {
  before = Operator.words, // four words: elements added before each dimension of the output, taken as NHWC
  after = before + 4,
  value = after + 4, // the int8 that fills
  words,
}

/** Over the last dimension; the output's scale is 1/256 and its zero point -128. */
export const enum Softmax {
  multiplier = Operator.words, // of beta * inputScale * 2^26
  shift,
  minimumDifference, // differences from the maximum below this give -128
  rows,
  words,
}

/**
 * How an image becomes the input tensor. Per channel of the model's input, for a pixel value u in 0..255:
 * q = clamp((u * scale + offset) >> 16, -128, 127). The packer has checked it for all 256 values.
 */
export const enum Recipe {
  width,
  height,
  color, // Color
  resize, // Resize
  fit, // Fit
  scale, // three words, one per channel
  offset = scale + 3, // three words
  words = offset + 3,
}

export const enum Color { gray, rgb, bgr }
export const enum Resize { nearest, bilinear }
export const enum Fit {
  stretch, // the whole image, proportions given up
  cover, // the largest centred part that has the input's proportions
}

/** An input whose results are known, so that a device can test itself: Operator.golden holds the outputs' CRCs. */
export const enum Golden {
  input, // offset of the input tensors' bytes, one behind the other; 0: the bytes come from xorshift32(seed)
  seed, // x ^= x << 13; x ^= x >>> 17; x ^= x << 5; one byte (x & 255) after each step, input after input
  words,
}
