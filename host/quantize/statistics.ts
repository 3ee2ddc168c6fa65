/**
 * What the inputs of each layer with weights look like, from calibration images: their mean and second
 * moments under the window. With them the error that rounding does to a layer's output is a quadratic form of
 * the weights' errors, with nothing to train.
 */
import { tapsOf, type FloatGraph, type FloatParameters, type Layer } from '../graph';

export type FloatLayer = Layer<FloatParameters>;

/**
 * Of the n taps of an output channel, in the order of its weights. A depthwise layer has one of these for
 * each channel.
 */
export interface Moments {
  n: number;
  count: number;
  sums: Float64Array;
  /** Upper triangle of the sums of products, n x n, row by row. */
  products: Float64Array;
}

/** All of a graph that statistics need. */
export type Shapes = Pick<FloatGraph, 'tensors'>;

/** Window positions of an image that are looked at, at most. */
const POSITIONS = 100;

function add(m: Moments, x: Float32Array): void {
  const { n, sums, products } = m;
  m.count++;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    if (v === 0) continue; // most are, behind a ReLU
    sums[i] += v;
    for (let j = i, k = i * n + i; j < n; j++, k++) products[k] += v * x[j];
  }
}

/** A layer's input and output. */
export const shapesOf = ({ tensors }: Shapes, layer: FloatLayer): Shapes => ({
  tensors: new Map([layer.inputs[0], layer.output].map((name) => [name, tensors.get(name)!])),
});

/** An output channel's weights, one for each of its taps, of every channel. */
export function rowsOf(node: FloatLayer): Float64Array[] {
  const { weights, bias } = node.parameters,
    n = tapsOf(node.parameters);
  return Array.from(bias, (_, c) => Float64Array.from(weights.subarray(c * n, (c + 1) * n)));
}

/** Which of a layer's moments output channel c reads: of a depthwise layer its input channel's. */
export const momentsAt = (node: FloatLayer, c: number): number =>
  node.op === 'depthwiseConv2d' ? Math.floor(c / node.multiplier) : 0;

/**
 * What a layer's windows hold at places spread over an image, other ones each turn: taps in the order of the
 * weights, of a depthwise layer all channels of each tap together. The same array each time.
 * @param x the layer's input, NHWC
 */
export function* windows(
  node: FloatLayer,
  { tensors }: Shapes,
  x: Float32Array,
  turn: number,
): Generator<Float32Array> {
  const { weights, bias } = node.parameters,
    n = weights.length / bias.length;
  if (node.op === 'fullyConnected') {
    for (let i = 0; i < x.length; i += n) yield x.subarray(i, i + n);
    return;
  }
  const [, height, width, channels] = tensors.get(node.inputs[0])!.shape,
    [, rows, columns] = tensors.get(node.output)!.shape;
  const { kernel, stride, dilation, pads } = node.window,
    all = new Float32Array(kernel[0] * kernel[1] * channels),
    step = Math.max(1, Math.floor((rows * columns) / POSITIONS));
  for (let p = turn % step; p < rows * columns; p += step) {
    const top = Math.floor(p / columns) * stride[0] - pads[0],
      left = (p % columns) * stride[1] - pads[1];
    for (let ky = 0, i = 0; ky < kernel[0]; ky++)
      for (let kx = 0; kx < kernel[1]; kx++, i += channels) {
        const y = top + ky * dilation[0],
          from = left + kx * dilation[1];
        if (y < 0 || y >= height || from < 0 || from >= width) all.fill(0, i, i + channels);
        else all.set(x.subarray((y * width + from) * channels, (y * width + from + 1) * channels), i);
      }
    yield all;
  }
}

const noMoments = (node: FloatLayer, { tensors }: Shapes): Moments[] => {
  const { weights, bias } = node.parameters,
    n = weights.length / bias.length,
    length = node.op === 'depthwiseConv2d' ? tensors.get(node.inputs[0])!.shape[3] : 1;
  return Array.from({ length }, () => ({
    n,
    count: 0,
    sums: new Float64Array(n),
    products: new Float64Array(n * n),
  }));
};

/** Adds one window's. */
function addTaps(node: FloatLayer, list: Moments[], taps: Float32Array): void {
  if (node.op === 'depthwiseConv2d')
    list.forEach((m, c) =>
      add(
        m,
        Float32Array.from({ length: m.n }, (_, k) => taps[k * list.length + c]),
      ),
    );
  else add(list[0], taps);
}

/**
 * The moments of a layer's input over some images.
 * @param xs what it reads, NHWC
 * @param first which image the first is, of all
 */
export function momentsOver(node: FloatLayer, shapes: Shapes, xs: Float32Array[], first: number): Moments[] {
  const list = noMoments(node, shapes);
  xs.forEach((x, i) => {
    for (const taps of windows(node, shapes, x, first + i)) addTaps(node, list, taps);
  });
  return list;
}

/**
 * Of a float layer's outputs y before bias and activation, and the inputs x that the layer has after
 * quantization.
 */
export interface Target {
  /** Sums of y * x, [output][tap]. */
  products: Float64Array;
  /** Sums of y, by output. */
  sums: Float64Array;
}

/**
 * The moments of what a quantized layer reads, and what the float layer makes of what it reads, over some
 * images.
 * @param xs what the layer reads once quantized, NHWC
 * @param exact what it reads in float
 */
export function targetOver(
  node: FloatLayer,
  shapes: Shapes,
  xs: Float32Array[],
  exact: Float32Array[],
  first: number,
): { moments: Moments[]; target: Target } {
  const { weights, bias } = node.parameters,
    outputs = bias.length,
    n = weights.length / outputs,
    products = new Float64Array(weights.length),
    sums = new Float64Array(outputs),
    list = noMoments(node, shapes),
    channels = list.length;
  xs.forEach((x, i) => {
    const others = windows(node, shapes, exact[i], first + i);
    for (const taps of windows(node, shapes, x, first + i)) {
      const from = others.next().value as Float32Array;
      addTaps(node, list, taps);
      for (let c = 0; c < outputs; c++) {
        let y = 0;
        if (node.op === 'depthwiseConv2d') {
          const at = momentsAt(node, c);
          for (let k = 0; k < n; k++) y += weights[c * n + k] * from[k * channels + at];
          for (let k = 0; k < n; k++) products[c * n + k] += y * taps[k * channels + at];
        } else {
          for (let k = 0, w = c * n; k < n; k++, w++) y += weights[w] * from[k];
          for (let k = 0, p = c * n; k < n; k++, p++) products[p] += y * taps[k];
        }
        sums[c] += y;
      }
    }
  });
  return { moments: list, target: { products, sums } };
}

const addTo = (sum: Float64Array, values: Float64Array): void => values.forEach((v, i) => (sum[i] += v));

/** The sums of several images' groups. The first is added to. */
export function joinMoments(groups: Moments[][]): Moments[] {
  const [first, ...others] = groups;
  for (const list of others)
    list.forEach(
      (m, i) => (
        addTo(first[i].sums, m.sums),
        addTo(first[i].products, m.products),
        (first[i].count += m.count)
      ),
    );
  return first;
}

/** The sums of several images' groups. The first is added to. */
export function joinTargets(groups: Target[]): Target {
  const [first, ...others] = groups;
  for (const { products, sums } of others) (addTo(first.products, products), addTo(first.sums, sums));
  return first;
}

/**
 * Images whose statistics are summed at a time: always as many, so that sums do not depend on the number of
 * threads.
 */
export const GROUP = 64;
