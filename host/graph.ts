/**
 * A network between import and lowering: plain data, NHWC, batch of one.
 *
 * The same graph carries float parameters after import and int8 parameters after quantization (or from a
 * TFLite file): `Graph<FloatParameters>` becomes `Graph<IntParameters>`.
 */

/** real = scale * (q - zeroPoint), q in [-128, 127]. */
export interface Quantization {
  scale: number;
  zeroPoint: number;
}

/** Whether integers of the one mean the same in the other. */
export const sameQuantization = (a: Quantization, b: Quantization): boolean =>
  a.scale === b.scale && a.zeroPoint === b.zeroPoint;

/**
 * Where the values of a tensor lie in a value of the source model that has them in another order: loops over
 * it, the outermost first.
 */
export interface View {
  /** The shape there. */
  dims: number[];
  sizes: number[];
  /** Distance of neighbours there; 0 where a value is repeated. */
  strides: number[];
}

/** A value of the network that is computed or read. */
export interface TensorInfo {
  /** [1, height, width, channels], or [1, n] for vectors. */
  shape: number[];
  /** The value's name in the source model: what calibration observes and errors name. */
  source: string;
  /** The source's order; the same as here when absent. */
  view?: View;
  /** What its channels are multiplied by, in an equalized network; nothing where that is 1. */
  factors?: Float32Array;
  /** Present once quantized. */
  quantization?: Quantization;
}

/** Of a layer with weights, before quantization. */
export interface FloatParameters {
  /** [output channel][tap]; taps are numbered (ky, kx, input channel), of a depthwise layer (ky, kx). */
  weights: Float32Array;
  bias: Float32Array;
  /**
   * The weights' scale (or one per output channel) when the model came with one: they are whole multiples of
   * it.
   */
  scales?: number[];
}

/** The same as integers. */
export interface IntParameters {
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

/** What every node has. */
interface Base {
  /** The operator's name in the source model, for people. */
  name: string;
  /** Names of tensors. */
  inputs: string[];
  output: string;
}

/**
 * What the nodes of each kind have besides. Each file of host/operators/ adds its own kind here, so that a
 * new operator changes nothing outside its file.
 */
export interface NodeKinds<P> {}

export type Kind = keyof NodeKinds<unknown>;

/** A node of one kind. @typeParam P its parameters: FloatParameters or IntParameters */
export type NodeOf<K extends Kind, P> = Base & { op: K } & NodeKinds<P>[K];

/** A node of any kind. */
export type Node<P> = { [K in Kind]: NodeOf<K, P> }[Kind];

/** A network. @typeParam P its parameters: FloatParameters or IntParameters */
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

/** A node of a layer with weights. */
export type Layer<P> = Extract<Node<P>, { parameters: P }>;
/** Whether a node has weights. */
export const isLayer = <P>(node: Node<P>): node is Layer<P> => 'parameters' in node;

/** Taps of an output channel. */
export const tapsOf = ({ weights, bias }: { weights: ArrayLike<number>; bias: ArrayLike<number> }): number =>
  weights.length / bias.length;

/** Number of elements of a shape. */
export const elements = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);
