/** One operator on lanes as its record in the file, and whether it can run there at all. */
import { FlintError } from '../../src/error';
import { OperatorCode, TapKind } from '../../src/format';
import { TAPS } from '../../src/lanes/conv2d';
import { clamp, meanWords, windowWords, type Encoded, type Layer } from '../encode';
import { elements, type IntGraph, type IntParameters, type Node, type Quantization, type TensorInfo } from '../graph';
import { quantizeMultiplier } from '../multiplier';
import { weightBits } from '../width';
import { narrowBytes } from '../../src/lanes/narrow';
import type { Writer } from '../writer';
import { fit, type Fit } from './fit';
import { fitAdd } from './fit-add';

export type Convolution = Extract<Node<IntParameters>, { window: unknown; parameters: IntParameters }>;
type Quantized = TensorInfo & { quantization: Quantization };

const fullClamp = (node: { activation: Parameters<typeof clamp>[0] }, output: Quantization): boolean => clamp(node.activation, output).join() === '-128,127';

/** Sums of each output channel: of weights, positive and negative ones apart. */
function weightSums({ op, parameters: { weights, bias } }: Convolution): { positive: Float64Array; negative: Float64Array } {
  const channels = bias.length, positive = new Float64Array(channels), negative = new Float64Array(channels), each = weights.length / channels;
  weights.forEach((w, i) => {
    const c = op === 'conv2d' ? Math.floor(i / each) : i % channels;
    if (w > 0) positive[c] += w;
    else negative[c] -= w;
  });
  return { positive, negative };
}

/** Whether padding is seen: rows and columns of the zero point around the image. */
const padded = ({ window: { pads } }: Convolution): boolean => pads.some((p) => p > 0);

/**
 * The multiply-add of every output channel.
 * @returns undefined when some channel has none: the layer then runs on scalar kernels
 */
export function fitConvolution(node: Convolution, input: Quantization, output: Quantization, single: boolean): Fit[] | undefined {
  if (!fullClamp(node, output)) return undefined;
  const { positive, negative } = weightSums(node), { scales, bias } = node.parameters, u = input.zeroPoint + 128, fits: Fit[] = [];
  for (let c = 0; c < bias.length; c++) {
    const lowest = bias[c] - positive[c] * u - negative[c] * (255 - u), highest = bias[c] + positive[c] * (255 - u) + negative[c] * u;
    // Lanes of the padding's corners sum nothing but the bias, or, where the zero point is folded into it, that.
    const low = Math.min(lowest, 0), high = Math.max(highest, 0), m = quantizeMultiplier((input.scale * scales[scales.length > 1 ? c : 0]) / output.scale);
    const found = fit(m, output, single, low, high);
    if (!found) return undefined;
    fits.push({ ...found, offset: found.offset + bias[c] - u * (positive[c] - negative[c]) });
  }
  return fits;
}

function encodeConvolution(node: Convolution, input: Quantized, output: Quantized, single: boolean, writer: Writer): Encoded {
  const { window: { kernel: [kernelY, kernelX] }, parameters: { weights, bias } } = node, outputs = bias.length, fits = fitConvolution(node, input.quantization, output.quantization, single);
  if (!fits) throw new FlintError(`${node.op} ${node.name} cannot be requantized on lanes`);
  const each = node.op === 'conv2d' ? input.shape[3] : 1;
  const weight = (o: number, y: number, x: number, c: number): number =>
    node.op === 'conv2d' ? weights[((o * kernelY + y) * kernelX + x) * each + c] : weights[(y * kernelX + x) * outputs + o];
  const [strideY, strideX] = node.dense ? [1, 1] : node.window.stride, [padTop, padLeft] = node.window.pads, taps: bigint[] = [];
  // Worth a sum over all inputs, once a strip, where many of them are added up.
  const summed = node.op === 'conv2d' && each > 3 && outputs > 3, bits = summed ? weightBits(weights) : 8, excess = summed ? 2 ** (bits - 1) : 0;
  /** The kernel rows (or columns) that meet input rows of each parity; see Phase in src/lanes/conv2d.ts. */
  const phases = (size: number, stride: number, pad: number): number[][] =>
    Array.from({ length: stride }, (_, parity) => Array.from({ length: size }, (_, k) => k).filter((k) => (k - pad - parity) % stride === 0)).filter((list) => list.length);
  for (let o = 0; o < outputs; o++) {
    for (const rows of phases(kernelY, strideY, padTop)) for (const columns of phases(kernelX, strideX, padLeft))
      for (const y of rows) for (let g = 0; g < columns.length; g += TAPS) for (let c = 0; c < each; c++)
        taps.push(columns.slice(g, g + TAPS).reduce((tap, x) => (tap << 24n) + BigInt(weight(o, y, x, c) + excess), 0n));
  }
  const kind = kernelX === 1 ? TapKind.one : bits === 2 ? TapKind.two : bits === 4 ? TapKind.four : TapKind.wide;
  if (kind === TapKind.wide) writer.align(8);
  const at = writer.data(tapBytes(taps, kind));
  const records = outputRecords(fits, writer);
  return {
    code: node.op === 'conv2d' ? OperatorCode.conv2d : OperatorCode.depthwiseConv2d,
    fields: [...windowWords(node.window), at, kind, excess, padded(node) ? input.quantization.zeroPoint + 128 : 0, records, node.op === 'conv2d' ? 0 : node.multiplier, node.dense ? 1 : 0, node.stripRows!],
    scratchBytes: 0,
  };
}

/** Numbers of three taps as TapKind says. */
function tapBytes(taps: bigint[], kind: TapKind): Uint8Array {
  const digits = (t: bigint, bits: number): number => Number((t & 255n) | (((t >> 24n) & 255n) << BigInt(bits)) | (((t >> 48n) & 255n) << BigInt(2 * bits)));
  if (kind === TapKind.wide) return new Uint8Array(BigInt64Array.from(taps).buffer);
  if (kind === TapKind.four) return new Uint8Array(Uint16Array.from(taps, (t) => digits(t, 4)).buffer);
  return Uint8Array.from(taps, (t) => (kind === TapKind.two ? digits(t, 2) : Number(t) & 255));
}

/** Values of so many bits for src/lanes/narrow.ts: `size` of them. */
function narrow(values: Uint8Array, bits: number): Uint8Array {
  const bytes = new Uint8Array(narrowBytes(values.length, bits));
  values.forEach((v, i) => (bytes[i % bytes.length] |= v << (bits * Math.floor(i / bytes.length))));
  return bytes;
}

const outputRecords = (fits: Fit[], writer: Writer): number => writer.words(fits.flatMap((f) => [f.multiplier | 0, f.constant, f.offset, f.shift | (f.up << 8), f.step]));

/** Sums of 255 * 255 that fit a lane. */
const POINTWISE_CHANNELS = 258;

/** Whether a convolution can run with a lane for each output. */
export const canBePointwise = (node: Node<IntParameters>, input: TensorInfo): boolean =>
  node.op === 'conv2d' && node.window.kernel.join() === '1,1' && !padded(node) && input.shape[3] <= POINTWISE_CHANNELS;

function encodePointwise(node: Convolution, input: Quantized, output: Quantized, single: boolean, writer: Writer): Encoded {
  const { weights, bias } = node.parameters, outputs = bias.length, channels = input.shape[3], size = 3 * Math.ceil((outputs + 1) / 3), bits = weightBits(weights), stored = narrowBytes(size, bits), bytes = new Uint8Array(channels * stored);
  for (let c = 0; c < channels; c++)
    bytes.set(narrow(Uint8Array.from({ length: size }, (_, o) => (o > outputs ? 0 : 2 ** (bits - 1) + (o < outputs ? weights[o * channels + c] : 0))), bits), c * stored);
  const fits = fitConvolution(node, input.quantization, output.quantization, single)!;
  return { code: OperatorCode.conv2d, fields: [writer.data(bytes), bits, outputRecords(fits, writer), ...node.window.stride, node.stripRows!], scratchBytes: 0 };
}

type Dense = Extract<Layer, { op: 'fullyConnected' }>;

/** Weights + 128: for every two inputs, the second's and the first's of outputs 0, 3, 6... interleaved by threes with those of 1, 4, 7... and 2, 5, 8... */
function encodeDense(node: Dense, input: Quantized, output: Quantized, writer: Writer): Encoded {
  const { weights, bias, scales } = node.parameters, outputs = bias.length, inputs = weights.length / outputs, size = 6 * Math.ceil(outputs / 3), u = input.quantization.zeroPoint + 128;
  const bits = weightBits(weights), bytes = new Uint8Array(Math.ceil(inputs / 2) * size), biases: number[] = [], multipliers: number[] = [], shifts = new Int8Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = 0; i < inputs; i++) {
      sum += weights[o * inputs + i];
      bytes[(i >> 1) * size + Math.floor(o / 3) * 6 + (i & 1 ? 0 : 3) + (o % 3)] = weights[o * inputs + i] + 2 ** (bits - 1);
    }
    const product = scales.length > 1 ? input.quantization.scale * scales[o] : Math.fround(input.quantization.scale * scales[0]), m = quantizeMultiplier(product / output.quantization.scale);
    biases.push(bias[o] - u * sum);
    multipliers.push(m.multiplier);
    shifts[o] = m.shift;
  }
  const common = [writer.words(biases), writer.words(multipliers), writer.data(shifts), 1, ...clamp(node.activation, output.quantization)];
  const stored = narrowBytes(size, bits), rows = new Uint8Array(Math.ceil(inputs / 2) * stored);
  for (let i = 0; i * size < bytes.length; i++) rows.set(narrow(bytes.subarray(i * size, (i + 1) * size), bits), i * stored);
  return { code: OperatorCode.fullyConnected, fields: [...common, writer.data(rows), inputs, bits], scratchBytes: 0 };
}

/** @param node one that `canRunOnLanes` */
export function encodeLanes(graph: IntGraph, node: Node<IntParameters>, single: boolean, writer: Writer): Encoded {
  const tensor = (name: string): Quantized => graph.tensors.get(name) as Quantized, input = tensor(node.inputs[0]), output = tensor(node.output);
  switch (node.op) {
    case 'conv2d':
    case 'depthwiseConv2d':
      return (node.pointwise ? encodePointwise : encodeConvolution)(node, input, output, single, writer);
    case 'fullyConnected':
      return encodeDense(node, input, output, writer);
    case 'maxPool2d':
      return { code: OperatorCode.maxPool2d, fields: [node.stripRows!], scratchBytes: 0 };
    case 'averagePool2d':
      return { code: OperatorCode.averagePool2d, fields: [], scratchBytes: 0 };
    case 'mean':
      return { code: OperatorCode.mean, fields: meanWords(input, output, writer), scratchBytes: 0 };
    case 'add': {
      const f = fitAdd(input.quantization, tensor(node.inputs[1]).quantization, output.quantization, single)!;
      return { code: OperatorCode.add, fields: [f.first, f.second, f.constant, node.stripRows!], scratchBytes: 0 };
    }
    default:
      throw new Error(`${node.op} has no kernel on lanes`);
  }
}

/** Pixels whose bytes add up to 16 bits. */
const GLOBAL_PIXELS = 257;

/** Whether a kernel on lanes computes exactly what the scalar one does. */
export function canRunOnLanes(graph: IntGraph, node: Node<IntParameters>, single: boolean): boolean {
  const tensor = (name: string): Quantized => graph.tensors.get(name) as Quantized, input = tensor(node.inputs[0]), output = tensor(node.output);
  const image = input?.shape.length === 4 && input.shape[1] * input.shape[2] > 1;
  switch (node.op) {
    case 'conv2d':
    case 'depthwiseConv2d': {
      const { kernel, stride, dilation, pads } = node.window, columns = Math.max(pads[1], pads[3]);
      return image && dilation.every((d) => d === 1) && stride.every((s) => s <= 2) && kernel[0] <= 12 && kernel[1] <= (stride[1] === 2 ? 6 : 12) && columns <= 6 && pads[0] < kernel[0] && pads[1] < kernel[1]
        && output.shape[2] <= input.shape[2] && !!fitConvolution(node, input.quantization, output.quantization, single);
    }
    case 'fullyConnected':
      return elements(output.shape) === node.parameters.bias.length;
    case 'maxPool2d':
      return image && node.window.kernel.join() === '2,2' && node.window.stride.join() === '2,2' && !padded(node as never) && fullClamp(node, output.quantization);
    case 'averagePool2d':
      return image && input.shape[1] * input.shape[2] <= GLOBAL_PIXELS && node.window.kernel.join() === input.shape.slice(1, 3).join() && !padded(node as never) && fullClamp(node, output.quantization);
    case 'mean':
      return image && input.shape[1] * input.shape[2] <= GLOBAL_PIXELS;
    case 'add': {
      const second = tensor(node.inputs[1]);
      return image && !node.signs?.includes(-1) && second.shape.join() === input.shape.join() && fullClamp(node, output.quantization)
        && !!fitAdd(input.quantization, second.quantization, output.quantization, single);
    }
    default:
      return false;
  }
}
