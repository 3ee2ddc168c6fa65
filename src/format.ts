/**
 * The .flint model file, byte for byte. The packer writes it and the device reads it in place from flash;
 * both sides use the names below, and those of each operator's record in operators/, and nothing else
 * describes the format.
 *
 * The file is little-endian and made of 32-bit words. "offset" is a byte offset from the start of the file,
 * always a multiple of 4; "address" is a byte address in the arena, a multiple of 4 for tensors and scratch.
 * A record is a run of words whose meaning is given by an enum: word i of the record is the member with value
 * i.
 *
 * The header comes first; everything else is found through offsets, in whatever order.
 *
 * Values: real = scale * (q - zeroPoint), q an int8. Shapes are NHWC with a batch of one.
 */

export const MAGIC = 0x544e4c46; // the bytes "FLNT"
/** Of this format; files of another one are refused. */
export const VERSION = 4;

/** The file's first words. */
export const enum Header {
  magic,
  version,
  fileBytes,
  checksum, // of every byte after this word; see checksum.ts
  rounding, // Rounding of every requantization
  arenaBytes, // where the last tensor or scratch ends
  work, // steps of one inference: multiply-adds, and values that pooling windows look at
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
  preprocessing, // offset of the Preprocessing record, 0 when the input is no image
  golden, // offset of the Golden record, 0 when there is none
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
  name, // offset of a string
  words,
}

/** What every operator record begins with. Each operator's own words follow at Operator.words. */
export const enum Operator {
  code, // its place in the table of operators.ts
  size, // words in the record
  name, // offset of a string
  input, // tensor index
  input2, // tensor index of a second operand, -1 without
  output, // tensor index
  scratch, // address of the scratch memory the kernel uses while it runs
  scratchBytes,
  golden, // CRC-32 of the output tensor when the golden input is run
  words,
}

/**
 * How an image becomes the input tensor. Per channel of the model's input, for a pixel value u in 0..255:
 * q = clamp((u * scale + offset) >> 16, -128, 127). The packer has checked it for all 256 values.
 */
export const enum Preprocessing {
  width,
  height,
  color, // Color
  resize, // Resize
  fit, // Fit
  scale, // three words, one per channel
  offset = scale + 3, // three words
  words = offset + 3,
}

export const enum Color {
  gray,
  rgb,
  bgr,
}
export const enum Resize {
  nearest,
  bilinear,
}
export const enum Fit {
  stretch, // the whole image, proportions given up
  cover, // the largest centred part that has the input's proportions
}

/**
 * An input whose results are known, so that a device can test itself: Operator.golden holds the outputs'
 * CRCs.
 */
export const enum Golden {
  input, // offset of the input tensors' bytes, one behind the other; 0: the bytes come from xorshift32(seed)
  seed, // x ^= x << 13; x ^= x >>> 17; x ^= x << 5; one byte (x & 255) after each step, input after input
  words,
}

/** Bytes of a string, without the zero at its end. */
export const STRING_LIMIT = 1023;
