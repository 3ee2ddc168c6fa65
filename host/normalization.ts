/**
 * The normalization that a float model of images begins with, (x - mean) / std inside the graph, becomes a part
 * of the image recipe, which the device computes anyhow. That is done where no layer can take it up: one that
 * pads with zeros pads the normalized image, and would not get that from another image.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, ValueInfoProtoSchema, type ValueInfoProto } from 'onnx-buf';
import { elements, type FloatGraph, type TensorInfo } from './graph';
import { coverageOf, FEW } from './images/coverage';
import { inputQuantization } from './images/preprocess';
import { parseOnnx } from './import/onnx/read';
import { foldAffine } from './optimize/fold-affine';
import type { ImageInput } from './recipe/read';
import { sourceShape } from './view';

/** A model behind its normalization, and what that makes of each channel: x * factor + offset. */
export interface Normalized {
  /** The model from there on. */
  onnx: Uint8Array;
  /** The value that the normalization gives, which is the model's input now. */
  input: string;
  factors: Float32Array;
  offsets: Float32Array;
}

/** Of ONNX's types. */
const FLOAT = 1;

function floatInfo(name: string, dims: number[]): ValueInfoProto {
  const dim = dims.map((d) => ({ value: { case: 'dimValue', value: BigInt(d) } as const }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: FLOAT, shape: { dim } } } },
  });
}

/** The model from one of its values on; nothing where it needs its input besides, if only for its shape. */
function from(onnx: Uint8Array, input: string, tensor: TensorInfo): Uint8Array | undefined {
  const { source } = tensor,
    model = parseOnnx(onnx),
    graph = model.graph!,
    needed = new Set(graph.output.map(({ name }) => name));
  graph.node = [...graph.node]
    .reverse()
    .filter(({ input, output }) => {
      const wanted = !output.includes(source) && output.some((name) => needed.has(name));
      if (wanted) input.forEach((name) => needed.add(name));
      return wanted;
    })
    .reverse();
  if (needed.has(input)) return undefined;
  graph.input = graph.input.map((info) =>
    info.name === input ? floatInfo(source, sourceShape(tensor)) : info,
  );
  return toBinary(ModelProtoSchema, model);
}

/**
 * Looks for a normalization behind a model's only input, before anything else that reads it.
 * @param graph the model as it was imported
 */
export function behindNormalization(onnx: Uint8Array, graph: FloatGraph): Normalized | undefined {
  const { inputs, outputs, tensors, nodes } = foldAffine(graph),
    [input] = inputs,
    [affine, another] = nodes.filter((node) => node.inputs.includes(input));
  if (inputs.length > 1 || another || affine?.op !== 'affine' || outputs.includes(affine.output))
    return undefined;
  const { factors, offsets } = affine,
    before = tensors.get(input)!,
    behind = tensors.get(affine.output)!,
    isImage = before.shape.length === 4 && before.shape.join() === behind.shape.join();
  if (!isImage || outputs.includes(input) || elements(sourceShape(behind)) !== elements(before.shape))
    return undefined;
  const rest = from(onnx, before.source, behind);
  return rest && { onnx: rest, input: behind.source, factors, offsets };
}

/** Constants of a model are float32: they have no more digits. */
const digits = (value: number): number => Number(value.toPrecision(7));

/**
 * An image recipe with a normalization in it: the model behind that sees (pixel - mean) / std, too.
 * @returns undefined where the normalization does not fit the image, turns dark into light, or leaves a channel
 * so small beside the others that one scale cannot serve them
 */
export function withNormalization(
  input: ImageInput,
  { factors, offsets }: Pick<Normalized, 'factors' | 'offsets'>,
): ImageInput | undefined {
  if (factors.length !== input.mean.length || !factors.every((factor) => factor > 0)) return undefined;
  const std = input.std.map((s, c) => s / factors[c]),
    mean = input.mean.map((m, c) => m - offsets[c] * std[c]),
    result = { ...input, mean: mean.map(digits), std: std.map(digits) };
  if (![...result.mean, ...result.std].every(Number.isFinite)) return undefined;
  return coverageOf(result, inputQuantization(result)).steps < FEW ? undefined : result;
}
