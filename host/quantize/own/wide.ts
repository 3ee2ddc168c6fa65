/**
 * Weights of a model's own that need 9 bits: those of uint8 with a zero point, which reach from -255 to 255.
 * The layer reads its input twice, or three times, and each copy has a part of every weight. The sums, and
 * with them all results, stay what they were.
 */
import { isLayer, tapsOf, type FloatParameters, type Layer, type Node, type Window } from '../../graph';
import { multiples } from '../quantize';
import type { Scaled } from './scales';

type FloatLayer = Layer<FloatParameters>;
type Convolution = Exclude<FloatLayer, { op: 'fullyConnected' }>;

/** How many parts of 8 bits hold these integers. */
const partsFor = (values: number[]): number =>
  values.reduce((most, v) => Math.max(most, Math.ceil(v > 0 ? v / 127 : v / -128)), 1);

/** An integer as so many of 8 bits. */
function split(value: number, parts: number): number[] {
  let rest = value;
  return Array.from({ length: parts }, () => {
    const part = Math.max(-128, Math.min(127, rest));
    rest -= part;
    return part;
  });
}

/** Weights in parts: those of `run` taps side by side, part after part. */
function divided(parameters: FloatParameters, parts: number, run: number): FloatParameters {
  const { weights, bias, scales = [] } = parameters,
    taps = tapsOf(parameters),
    result = new Float32Array(weights.length * parts);
  multiples(parameters).forEach((value, i) => {
    const scale = scales[Math.floor(i / taps) % scales.length],
      at = Math.floor(i / run) * run * parts + (i % run);
    split(value, parts).forEach((v, k) => (result[at + k * run] = v * scale));
  });
  return { weights: result, bias, scales };
}

/** A convolution whose rows lie side by side: between dilated ones it has rows of zeros. */
function undilated<T extends Convolution>(layer: T, run: number): T {
  const { weights, bias } = layer.parameters,
    { kernel, dilation } = layer.window,
    [step] = dilation,
    height = (kernel[0] - 1) * step + 1,
    spaced = new Float32Array((weights.length / kernel[0]) * height);
  for (let i = 0; i < weights.length; i++) {
    const row = Math.floor(i / run),
      filter = Math.floor(row / kernel[0]);
    spaced[(filter * height + (row % kernel[0]) * step) * run + (i % run)] = weights[i];
  }
  const window: Window = { ...layer.window, kernel: [height, kernel[1]], dilation: [1, dilation[1]] };
  return { ...layer, window, parameters: { ...layer.parameters, weights: spaced, bias } };
}

/** A convolution that finds every row of its input so many times, one copy after the other. */
function overCopies(layer: Convolution, channels: number, parts: number): Node<FloatParameters> {
  const run = layer.window.kernel[1] * (layer.op === 'conv2d' ? channels : 1),
    { window, parameters, ...rest } = undilated(layer, run),
    { kernel, stride, pads } = window;
  return {
    ...rest,
    window: {
      ...window,
      kernel: [kernel[0] * parts, kernel[1]],
      stride: [stride[0] * parts, stride[1]],
      pads: [pads[0] * parts, pads[1], pads[2] * parts, pads[3]],
    },
    parameters: divided(parameters, parts, run),
  } as Convolution;
}

/** Layers with weights of 8 bits for those with more. */
export function narrowed({ graph, scales: known }: Scaled): Scaled {
  const tensors = new Map(graph.tensors),
    scales = new Map(known);
  const nodes = graph.nodes.flatMap((node): Node<FloatParameters>[] => {
    const parts = isLayer(node) && node.parameters.scales ? partsFor(multiples(node.parameters)) : 1;
    if (!isLayer(node) || parts === 1) return [node];
    const [input] = node.inputs,
      { shape, source } = tensors.get(input)!,
      output = `${node.output}/copies`,
      inputs = [output],
      { name } = node;
    scales.set(output, scales.get(input)!);
    if (node.op === 'fullyConnected') {
      const taps = tapsOf(node.parameters),
        copies = Array.from({ length: parts }, () => input);
      tensors.set(output, { shape: [1, taps * parts], source });
      return [
        { op: 'concatenation', name, inputs: copies, output, axis: shape.length - 1 },
        { ...node, inputs, parameters: divided(node.parameters, parts, taps) },
      ];
    }
    const [, height, width, channels] = shape,
      rows = Array.from({ length: height * parts }, (_, y) => Math.floor(y / parts)),
      columns = Array.from({ length: width }, (_, x) => x);
    tensors.set(output, { shape: [1, height * parts, width, channels], source });
    return [
      { op: 'resizeNearest', name, inputs: [input], output, rows, columns },
      { ...overCopies(node, channels, parts), inputs },
    ];
  });
  return { graph: { ...graph, tensors, nodes }, scales };
}
