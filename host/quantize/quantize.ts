/**
 * Float graph to int8 graph: a scale and zero point for every tensor from its observed range, int8 weights
 * with a scale per output channel, int32 biases. Shapes, windows and the order of operators stay as they are.
 */
import { FlintError } from '../../src/error';
import {
  isLayer,
  tapsOf,
  type FloatGraph,
  type FloatParameters,
  type IntGraph,
  type IntParameters,
  type Node,
  type Quantization,
} from '../graph';
import { round } from '../operators/multiplier';
import { layerSchemes, plain, type Scheme, type WeightScheme } from '../recipe/scheme';
import { silent, type Progress } from '../system/progress';
import { onThreads } from '../system/threads';
import { activationScales } from './activations';
import { quantizeConstant } from './constants';
import type { Range } from './observers';
import { quantizeSequentially, type SequentialTask } from './sequential';
import type { FloatLayer, Moments } from './statistics';
import { onLayerThread, partsOf } from './threads';
import type { QuantizedWeights, quantizeWeights } from './weights';

/** The weights of a model that came with scales of its own, as multiples of them. */
export function multiples({ weights, bias, scales = [] }: FloatParameters): number[] {
  const taps = tapsOf({ weights, bias });
  return Array.from(weights, (w, i) => round(w / scales[Math.floor(i / taps) % scales.length]));
}

/**
 * Of a model that came with scales of its own: its weights are whole multiples of them.
 * @returns undefined for others, and where those multiples are no int8
 */
function givenWeights({ parameters }: FloatLayer): Omit<QuantizedWeights, 'lost'> | undefined {
  const { bias, scales } = parameters;
  if (!scales) return undefined;
  const integers = multiples(parameters);
  return integers.every((q) => q >= -128 && q <= 127)
    ? {
        weights: Int8Array.from(integers),
        scales: Float64Array.from(bias, (_, c) => scales[c % scales.length]),
      }
    : undefined;
}

/** @param lost what a corrected bias adds */
function parameters(
  node: FloatLayer,
  inputScale: number,
  { weights, scales }: Omit<QuantizedWeights, 'lost'>,
  given: boolean,
  lost?: Float64Array,
): IntParameters {
  const { bias } = node.parameters;
  const corrected = Array.from(bias, (b, c) => b + (lost ? lost[c] : 0)),
    taps = tapsOf(node.parameters),
    alive = new Uint8Array(bias.length);
  weights.forEach((w, i) => w !== 0 && (alive[Math.floor(i / taps)] = 1));
  // A channel whose weights are all zero gives its bias: 15 bits are enough for it, and keep it out of the
  // slower paths for large sums.
  if (!given && scales.length > 1)
    corrected.forEach((b, c) => alive[c] || (scales[c] = (Math.abs(b) || 1) / (inputScale * 2 ** 15)));
  return {
    weights,
    scales,
    bias: Int32Array.from(corrected, (b, c) => {
      const value = round(b / (inputScale * scales[scales.length > 1 ? c : 0]));
      if (Math.abs(value) >= 2 ** 31)
        throw new FlintError(
          `${node.op} ${node.name}: the bias of output channel ${c} is too large for its weights: ${b}`,
        );
      return value;
    }),
  };
}

/**
 * The integers of some layers.
 * @param quantization of the tensors they read
 * @param moments of the layers' inputs, by the layer's name, for schemes that need them
 * @param inSequence whether these are of the inputs that the quantized layers before them give
 */
async function layersOf(
  layers: FloatLayer[],
  quantization: Map<string, Quantization>,
  schemes: Map<string, WeightScheme>,
  moments: Map<string, Moments[]> | undefined,
  inSequence: boolean,
  progress: Progress,
): Promise<Map<string, IntParameters>> {
  for (const {
    op,
    name,
    parameters: { weights, bias },
  } of layers)
    if (!weights.every(Number.isFinite) || !bias.every(Number.isFinite))
      throw new FlintError(`${op} ${name} has weights that are not finite`);
  const inputScale = ({ inputs }: FloatLayer): number => quantization.get(inputs[0])!.scale;
  const given = new Map(layers.map((layer) => [layer.name, givenWeights(layer)]));
  const parts = layers
    .filter((layer) => !given.get(layer.name))
    .flatMap((layer) =>
      (schemes.get(layer.name)!.perTensor ? [{ node: layer, channel: 0, weight: 0 }] : partsOf(layer)).map(
        (part) => ({ ...part, layer }),
      ),
    );
  const toRound = parts.map(({ node }): Parameters<typeof quantizeWeights> => {
    const scheme = schemes.get(node.name)!;
    return [node, scheme, inputScale(node), moments?.get(node.name), inSequence && scheme.biasCorrection];
  });
  const rounded = await onThreads(onLayerThread, 'round', toRound, progress, 'rounding weights');
  const whole = new Map(
    layers.map(({ name, parameters: { weights, bias } }) => {
      const scales = new Float64Array(schemes.get(name)!.perTensor ? 1 : bias.length);
      return [name, { weights: new Int8Array(weights.length), scales, lost: new Float64Array(bias.length) }];
    }),
  );
  parts.forEach(({ layer, channel, weight }, i) => {
    const { weights, scales, lost } = whole.get(layer.name)!;
    (weights.set(rounded[i].weights, weight),
      scales.set(rounded[i].scales, channel),
      lost.set(rounded[i].lost, channel));
  });
  return new Map(
    layers.map((node) => {
      const { lost, ...rounded } = whole.get(node.name)!,
        own = given.get(node.name),
        corrected = !own && schemes.get(node.name)!.biasCorrection ? lost : undefined;
      return [node.name, parameters(node, inputScale(node), own ?? rounded, !!own, corrected)];
    }),
  );
}

/** A node with integers for its parameters. @param made those of layers, by name */
function intNode(
  node: Node<FloatParameters>,
  quantization: Map<string, Quantization>,
  made: Map<string, IntParameters>,
): Node<IntParameters> {
  if (isLayer(node)) return { ...node, parameters: made.get(node.name)! };
  if (node.op === 'constant')
    return { ...node, data: quantizeConstant(node.data, quantization.get(node.output)!) };
  return node;
}

/**
 * @param ranges observed range of every tensor, by tensor name; those of constants follow from their values
 * @param fixed quantizations that are given: the input's, from the image recipe
 * @param moments of the layers' inputs, by the layer's name, for schemes that need them
 */
export async function quantize(
  graph: FloatGraph,
  ranges: Map<string, Range>,
  fixed: Map<string, Quantization>,
  scheme: Scheme = plain,
  moments?: Map<string, Moments[]>,
  progress: Progress = silent,
): Promise<IntGraph> {
  const layers = graph.nodes.filter(isLayer),
    quantization = activationScales(graph, ranges, fixed, scheme.activations),
    made = await layersOf(layers, quantization, layerSchemes(scheme, layers), moments, false, progress);
  return {
    ...graph,
    tensors: new Map(
      [...graph.tensors].map(([name, tensor]) => [
        name,
        { ...tensor, quantization: quantization.get(name)! },
      ]),
    ),
    nodes: graph.nodes.map((node) => intNode(node, quantization, made)),
  };
}

/**
 * The same, layer by layer, each fitted to what those before it give once quantized.
 * @param images what each tensor holds in float, and the input as int8, for the same images
 */
export async function quantizeInSequence(
  graph: FloatGraph,
  pruned: FloatGraph,
  ranges: Map<string, Range>,
  fixed: Map<string, Quantization>,
  scheme: Scheme,
  images: Pick<SequentialTask, 'inputs' | 'exact'>,
  progress: Progress,
): Promise<IntGraph> {
  const quantization = activationScales(graph, ranges, fixed, scheme.activations),
    schemes = layerSchemes(scheme, graph.nodes.filter(isLayer));
  return quantizeSequentially(
    {
      ...images,
      float: graph,
      pruned,
      quantization,
      round: async (node, moments) =>
        (await layersOf([node], quantization, schemes, new Map([[node.name, moments]]), true, progress)).get(
          node.name,
        )!,
    },
    progress,
  );
}
