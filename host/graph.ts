/**
 * A network between import and serialization: plain data, NHWC, batch of one.
 *
 * The same graph carries float parameters after import and int8 parameters after quantization (or from a TFLite file):
 * `Graph<FloatParameters>` becomes `Graph<IntParameters>`.
 */
import { planesBytes } from '../src/lanes/planes';

/** real = scale * (q - zeroPoint), q in [-128, 127]. */
export interface Quantization {
  scale: number;
  zeroPoint: number;
}

export interface TensorInfo {
  /** [1, height, width, channels], or [1, n] for vectors. */
  shape: number[];
  /** The value's name in the source model: what calibration observes and errors name. */
  source: string;
  /** Present once quantized. */
  quantization?: Quantization;
  /** Stored as planes with so many pixels a row instead of NHWC; see src/lanes/planes.ts. */
  pitch?: number;
}

export interface FloatParameters {
  /** conv2d [out][ky][kx][in]; depthwiseConv2d [ky][kx][out]; fullyConnected [out][in]. */
  weights: Float32Array;
  bias: Float32Array;
  /** The weights' scale (or one per output channel) when the model came with one: they are whole multiples of it. */
  scales?: number[];
}

export interface IntParameters {
  /** Shaped as in FloatParameters. */
  weights: Int8Array;
  /** One scale, or one per output channel. */
  scales: Float64Array;
  /** In units of inputScale * weightScale. */
  bias: Int32Array;
}

export type Activation = 'none' | 'relu' | 'relu6' | 'reluN1To1';

/** Pairs are [vertical, horizontal]; pads are [top, left, bottom, right]. */
export interface Window {
  kernel: [number, number];
  stride: [number, number];
  dilation: [number, number];
  pads: [number, number, number, number];
}

interface Base {
  /** The operator's name in the source model, for people. */
  name: string;
  /** Names of tensors. */
  inputs: string[];
  output: string;
  /** Runs on lanes, so many output rows at a time; absent: with the scalar kernel. */
  stripRows?: number;
  /** The lanes are outputs instead of pixels. */
  pointwise?: boolean;
  /** Computed with a stride of 1, then thinned out. */
  dense?: boolean;
  /** Stored and computed without the weights that are zero. */
  sparse?: boolean;
  /** On lanes: weights of 4 or 2 bits stored as numbers of three taps, as those of 8 bits are, so that none is put together while it runs. */
  wideTaps?: boolean;
}

export type Node<P> =
  | (Base & { op: 'conv2d'; window: Window; activation: Activation; parameters: P })
  | (Base & { op: 'depthwiseConv2d'; window: Window; multiplier: number; activation: Activation; parameters: P })
  | (Base & { op: 'fullyConnected'; activation: Activation; parameters: P })
  | (Base & { op: 'maxPool2d' | 'averagePool2d'; window: Window; activation: Activation })
  | (Base & { op: 'add'; activation: Activation; signs?: [number, number] }) // of the operands; both 1 when absent
  | (Base & { op: 'multiply'; activation: Activation })
  | (Base & { op: 'concatenation'; axis: number })
  | (Base & { op: 'pad'; before: number[]; after: number[]; value: number }) // value: a real number
  | (Base & { op: 'softmax'; beta: number })
  | (Base & { op: 'layout' }) // NHWC to planes or back
  | (Base & { op: 'reshape' }) // same bytes, another shape: never a copy
  | (Base & { op: 'prelu' }) // inputs: x, alpha
  | (Base & { op: 'lookup'; table: Int8Array }) // output for q: table[q + 128]
  | (Base & { op: 'mean' }) // over height and width
  | (Base & { op: 'transpose'; permutation: number[] })
  | (Base & { op: 'slice'; begin: number[]; stride: number[]; count: number[] }) // per dimension of the input
  | (Base & { op: 'resizeNearest'; rows: number[]; columns: number[] }) // input row and column of each output's
  | (Base & { op: 'constant'; data: Int8Array }) // no inputs
  // Until optimize() has folded them into their neighbours:
  | (Base & { op: 'affine'; factors: Float32Array; offsets: Float32Array }) // batch normalization: x * factor + offset per channel
  | (Base & { op: 'activation'; activation: Activation });

export interface Graph<P> {
  name: string;
  inputs: string[];
  outputs: string[];
  tensors: Map<string, TensorInfo>;
  /** In execution order. */
  nodes: Node<P>[];
}

export type FloatGraph = Graph<FloatParameters>;
export type IntGraph = Graph<IntParameters>;

/** Bytes a tensor takes in the arena. */
export const tensorBytes = ({ shape, pitch }: TensorInfo): number => (pitch ? planesBytes(shape[1], pitch, shape[3]) : elements(shape));

/** Number of elements of a shape. */
export const elements = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);
