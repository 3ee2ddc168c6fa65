/** One operator on lanes as its record in the file, and whether it can run there at all. */
import { FlintError } from '../../src/error';
import { OperatorCode, TapKind } from '../../src/format';
import { clamp, meanWords, windowWords, type Encoded, type Layer } from '../encode';
import { elements, type IntGraph, type IntParameters, type Node, type Quantization, type TensorInfo } from '../graph';
import { quantizeMultiplier } from '../multiplier';
import { storageOf, storageWords, stored } from '../storage';
import { narrowBytes } from '../../src/lanes/narrow';
import type { Writer } from '../writer';
import { fit, type Fit } from './fit';
import { fitAdd } from './fit-add';
import { tapRows, tapStorage, writeSparseTaps, writeTaps, type Convolution, type TapStorage } from './taps';

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

/** The multiply-add of every output channel, as far as there is one. Channels are alone: others do not change theirs. */
export function fitChannels(node: Convolution, input: Quantization, output: Quantization, single: boolean): (Fit | undefined)[] {
  const { positive, negative } = weightSums(node), { scales, bias } = node.parameters, u = input.zeroPoint + 128;
  return Array.from(bias, (b, c) => {
    const lowest = b - positive[c] * u - negative[c] * (255 - u), highest = b + positive[c] * (255 - u) + negative[c] * u;
    // Lanes of the padding's corners sum nothing but the bias, or, where the zero point is folded into it, that. Without weights all lanes are alike.
    const dead = positive[c] + negative[c] === 0, low = dead ? b : Math.min(lowest, 0), high = dead ? b : Math.max(highest, 0);
    const found = fit(quantizeMultiplier((input.scale * scales[scales.length > 1 ? c : 0]) / output.scale), output, single, low, high);
    return found && { ...found, offset: found.offset + b - u * (positive[c] - negative[c]) };
  });
}

/** @returns undefined when some channel has no multiply-add: the layer then runs on scalar kernels */
export function fitConvolution(node: Convolution, input: Quantization, output: Quantization, single: boolean): Fit[] | undefined {
  const fits = fullClamp(node, output) ? fitChannels(node, input, output, single) : [undefined];
  return fits.every((f) => f) ? (fits as Fit[]) : undefined;
}

function encodeConvolution(node: Convolution, input: Quantized, output: Quantized, single: boolean, writer: Writer): Encoded {
  const fits = fitConvolution(node, input.quantization, output.quantization, single), channels = input.shape[3];
  if (!fits) throw new FlintError(`${node.op} ${node.name} cannot be requantized on lanes`);
  const storage: TapStorage = node.sparse ? { kind: TapKind.sparse, excess: 0 } : tapStorage(node, channels), rows = tapRows(node, channels, storage),
    { excess, zeroPoints } = storage;
  const { at, kind, starts, places } = node.sparse ? writeSparseTaps(rows, writer) : writeTaps(rows.flat(2), storage.kind, writer);
  const records = outputRecords(fits, writer);
  return {
    code: node.op === 'conv2d' ? OperatorCode.conv2d : OperatorCode.depthwiseConv2d,
    fields: [
      ...windowWords(node.window), at, kind, excess, zeroPoints ? writer.data(zeroPoints) : 0, padded(node) ? input.quantization.zeroPoint + 128 : 0, records, node.op === 'conv2d' ? 0 : node.multiplier, node.dense ? 1 : 0, node.stripRows!,
      starts, places,
    ],
    scratchBytes: 0,
  };
}

/** Values of so many bits for src/lanes/narrow.ts: `size` of them. */
function narrow(values: Uint8Array, bits: number): Uint8Array {
  const bytes = new Uint8Array(narrowBytes(values.length, bits));
  values.forEach((v, i) => (bytes[i % bytes.length] |= v << (bits * Math.floor(i / bytes.length))));
  return bytes;
}

const outputRecords = (fits: Fit[], writer: Writer): number =>
  writer.words(fits.flatMap((f) => [f.multiplier | 0, f.constant, f.offset, f.shift | (f.up << 8), f.step]));

/** Sums of 255 * 255 that fit a lane. */
const POINTWISE_CHANNELS = 258;

/** Whether a convolution can run with a lane for each output. */
export const canBePointwise = (node: Node<IntParameters>, input: TensorInfo): boolean =>
  node.op === 'conv2d' && node.window.kernel.join() === '1,1' && !padded(node) && input.shape[3] <= POINTWISE_CHANNELS;

function encodePointwise(node: Convolution, input: Quantized, output: Quantized, single: boolean, writer: Writer): Encoded {
  const { weights, bias } = node.parameters, outputs = bias.length, channels = input.shape[3], size = 3 * Math.ceil((outputs + 1) / 3),
    storage = storageOf(weights, outputs), { bits } = storage, narrowed = stored(weights, storage), each = narrowBytes(size, bits),
    bytes = new Uint8Array(channels * each);
  for (let c = 0; c < channels; c++)
    bytes.set(narrow(Uint8Array.from({ length: size }, (_, o) => (o > outputs ? 0 : 2 ** (bits - 1) + (o < outputs ? narrowed[o * channels + c] : 0))), bits), c * each);
  const fits = fitConvolution(node, input.quantization, output.quantization, single)!;
  return {
    code: OperatorCode.conv2d,
    fields: [writer.data(bytes), ...storageWords(storage, writer), outputRecords(fits, writer), ...node.window.stride, node.stripRows!],
    scratchBytes: 0,
  };
}

type Dense = Extract<Layer, { op: 'fullyConnected' }>;

/** Weights + 128: for every two inputs, the second's and the first's of outputs 0, 3, 6... interleaved by threes with those of 1, 4, 7... and 2, 5, 8... */
function encodeDense(node: Dense, input: Quantized, output: Quantized, writer: Writer): Encoded {
  const { weights, bias, scales } = node.parameters, outputs = bias.length, inputs = weights.length / outputs, size = 6 * Math.ceil(outputs / 3),
    u = input.quantization.zeroPoint + 128;
  const storage = storageOf(weights, outputs), { bits } = storage, narrowed = stored(weights, storage),
    bytes = new Uint8Array(Math.ceil(inputs / 2) * size), biases: number[] = [], multipliers: number[] = [], shifts = new Int8Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = 0; i < inputs; i++) {
      sum += weights[o * inputs + i];
      bytes[(i >> 1) * size + Math.floor(o / 3) * 6 + (i & 1 ? 0 : 3) + (o % 3)] = narrowed[o * inputs + i] + 2 ** (bits - 1);
    }
    const product = scales.length > 1 ? input.quantization.scale * scales[o] : Math.fround(input.quantization.scale * scales[0]),
      m = quantizeMultiplier(product / output.quantization.scale);
    biases.push(bias[o] - u * sum);
    multipliers.push(m.multiplier);
    shifts[o] = m.shift;
  }
  const common = [writer.words(biases), writer.words(multipliers), writer.data(shifts), 1, ...clamp(node.activation, output.quantization)];
  const each = narrowBytes(size, bits), rows = new Uint8Array(Math.ceil(inputs / 2) * each);
  for (let i = 0; i * size < bytes.length; i++) rows.set(narrow(bytes.subarray(i * size, (i + 1) * size), bits), i * each);
  return { code: OperatorCode.fullyConnected, fields: [...common, writer.data(rows), inputs, ...storageWords(storage, writer)], scratchBytes: 0 };
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
