/** Sizes that a model leaves open: a batch of one, and the image that the recipe makes. */
import type { GraphProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import { TensorProto_DataType as Type } from 'onnx-buf';
import { storedTensor } from './stored';

/** An image: height, width, channels. */
export type ImageSize = [height: number, width: number, channels: number];

/** Of a tensor [1, height, width, channels]. */
export const imageSizeOf = ([, height, width, channels]: number[]): ImageSize => [height, width, channels];

function dimsOf(info: ValueInfoProto) {
  const type = info.type?.value;
  return type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
}

const sizeOf = (dim: ReturnType<typeof dimsOf>[number]): number =>
  dim.value.case === 'dimValue' && dim.value.value > 0n ? Number(dim.value.value) : -1;

/** Whole numbers that a constant holds, to be changed in place. */
function wholeNumbers(
  tensor: TensorProto,
): { get(i: number): number; set(i: number, value: number): void } | undefined {
  if (tensor.dataType !== Type.INT64) return undefined;
  if (!tensor.rawData?.length)
    return { get: (i) => Number(tensor.int64Data[i]), set: (i, v) => (tensor.int64Data[i] = BigInt(v)) };
  tensor.rawData = tensor.rawData.slice();
  const view = new DataView(tensor.rawData.buffer, tensor.rawData.byteOffset, tensor.rawData.length);
  return {
    get: (i) => Number(view.getBigInt64(i * 8, true)),
    set: (i, v) => view.setBigInt64(i * 8, BigInt(v), true),
  };
}

/** Reshapes that name a batch of n name one of 1. */
function reshapeToOne(graph: GraphProto, n: number): void {
  for (const node of graph.node) {
    const shape = node.opType === 'Reshape' ? storedTensor(graph, node.input[1]) : undefined,
      sizes = shape && wholeNumbers(shape);
    if (sizes && shape.dims.length === 1 && shape.dims[0] > 0n && sizes.get(0) === n) sizes.set(0, 1);
  }
}

/** A model's inputs: constants may be listed among them. */
function inputsOf({ initializer, input }: GraphProto): ValueInfoProto[] {
  const stored = new Set(initializer.map(({ name }) => name));
  return input.filter(({ name }) => !stored.has(name));
}

/** The one image that a model takes and whose size it leaves open; its channels, where they are known. */
export function openImage(graph: GraphProto): { channels?: number } | undefined {
  const inputs = inputsOf(graph),
    [, first, , last] = inputs.length === 1 ? dimsOf(inputs[0]).map(sizeOf) : [];
  if (
    last === undefined ||
    !dimsOf(inputs[0])
      .slice(1)
      .some((dim) => sizeOf(dim) < 0)
  )
    return undefined;
  return { channels: [first, last].find((n) => n === 1 || n === 3) };
}

/**
 * Fixes what inputs leave open: the batch, which may also be another fixed one, is 1; an image has the given
 * size.
 */
export function fixInputs(graph: GraphProto, image?: ImageSize): void {
  const inputs = inputsOf(graph);
  for (const info of inputs) {
    const dims = dimsOf(info),
      set = (i: number, size: number): void =>
        void (dims[i].value = { case: 'dimValue', value: BigInt(size) });
    const [batch, ...sizes] = dims.map(sizeOf);
    if (dims.length > 1 && batch === -1) set(0, 1);
    // Three dimensions may also be an image without a batch, which is given one.
    const reader = graph.node.find((node) => node.input.includes(info.name))?.opType ?? '',
      batched =
        dims.length === 3 ? /Conv|Pool|BatchNorm/.test(reader) : dims.length === 2 || dims.length === 4;
    if (batched && batch > 1) {
      set(0, 1);
      reshapeToOne(graph, batch);
    }
    if (dims.length !== 4 || !image || inputs.length > 1) continue;
    const [height, width, channels] = image,
      orders = [
        [channels, height, width],
        [height, width, channels],
      ];
    const fits = orders.find((order) => order.every((n, i) => sizes[i] === -1 || sizes[i] === n));
    fits?.forEach((n, i) => set(i + 1, n));
  }
  // What was inferred for other sizes is inferred again.
  graph.valueInfo = [];
  for (const { type } of graph.output)
    if (type?.value.case === 'tensorType') type.value.value.shape = undefined;
}
