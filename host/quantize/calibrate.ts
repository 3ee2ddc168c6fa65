/// <reference types="node" />
/**
 * What values each tensor takes: the float model is run by ONNX Runtime on real inputs, its inner values made
 * outputs.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataType, ValueInfoProtoSchema } from 'onnx-buf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FlintError } from '../../src/error';
import { elements, isLayer, type FloatGraph } from '../graph';
import { constantTensors } from './constants';
import type { Observer } from './observers';
import { channelsLast, GROUP, imageBehind, joinMoments, shapesOf, type Moments } from './statistics';
import { onLayerThread } from './threads';

/** The model with the given values as its outputs, ready to run one input at a time. */
export async function floatSession(onnx: Uint8Array, outputs?: string[]): Promise<InferenceSession> {
  let bytes = onnx;
  if (outputs) {
    const model = fromBinary(ModelProtoSchema, onnx as Uint8Array<ArrayBuffer>);
    model.graph!.output = outputs.map((name) =>
      create(ValueInfoProtoSchema, {
        name,
        type: { value: { case: 'tensorType', value: { elemType: TensorProto_DataType.FLOAT } } },
      }),
    );
    bytes = toBinary(ModelProtoSchema, model);
  }
  try {
    return await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  } catch (error) {
    throw cannotRun(error);
  }
}

const cannotRun = (error: unknown): FlintError =>
  new FlintError(`ONNX Runtime cannot run the model: ${(error as Error).message}`);

/** Runs the model on one input of the device's order. @param shape NHWC */
export async function runSession(
  session: InferenceSession,
  values: Float32Array,
  shape: number[],
): Promise<InferenceSession.OnnxValueMapType> {
  if (values.length !== elements(shape))
    throw new FlintError(`the model takes ${elements(shape)} values ([${shape}]), not ${values.length}`);
  try {
    return await session.run({ [session.inputNames[0]]: onnxInput(values, shape) });
  } catch (error) {
    throw cannotRun(error);
  }
}

/** An input in the device's order (NHWC) as the ONNX model takes it (NCHW). @param shape NHWC */
function onnxInput(values: Float32Array, shape: number[]): Tensor {
  if (shape.length !== 4) return new Tensor('float32', values, shape);
  const [, height, width, channels] = shape,
    pixels = height * width,
    planes = new Float32Array(values.length);
  for (let p = 0; p < pixels; p++)
    for (let c = 0; c < channels; c++) planes[c * pixels + p] = values[p * channels + c];
  return new Tensor('float32', planes, [1, channels, height, width]);
}

/**
 * Runs the float model on every input and observes every tensor of the graph.
 * @param inputs one model input each, NHWC; at least one
 * @param onInput called after each
 * @param factors what channels of a tensor are multiplied by
 * @throws FlintError without inputs, or naming a tensor that takes values that are not finite
 */
export async function calibrate<T>(
  onnx: Uint8Array,
  graph: FloatGraph,
  inputs: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  makeObserver: () => Observer<T>,
  onInput: (done: number) => void = () => {},
  factors?: Map<string, Float32Array>,
): Promise<Map<string, T>> {
  const [input] = graph.inputs,
    shape = graph.tensors.get(input)!.shape;
  if (graph.inputs.length !== 1)
    throw new FlintError(`calibration needs a model with one input, this has ${graph.inputs.length}`);
  const constants = constantTensors(graph),
    names = [...graph.tensors.keys()].filter((name) => !constants.has(name));
  const observers = new Map(names.map((name) => [name, makeObserver()]));
  const sources = [...new Set(names.map((name) => graph.tensors.get(name)!.source))].filter(
    (s) => s !== input,
  );
  const session = await floatSession(onnx, sources);
  let count = 0;
  for await (const values of inputs) {
    const results = await runSession(session, values, shape);
    for (const name of names) {
      const { source, shape } = graph.tensors.get(factors ? imageBehind(graph, name) : name)!;
      const data = source === input ? values : (results[source].data as Float32Array),
        factor = factors?.get(name);
      if (!data.every(Number.isFinite))
        throw new FlintError(
          `tensor ${source} takes values that are not finite: the model or its input is broken`,
        );
      observers.get(name)!.update(factor ? channelsLast(data, shape, factor) : data);
    }
    onInput(++count);
  }
  if (!count) throw new FlintError('no calibration images');
  return new Map([...observers].map(([name, observer]) => [name, observer.result()]));
}

/**
 * Runs the float model on every input and gathers the moments of what each layer with weights reads.
 * @returns by the layer's name
 */
export async function layerMoments(
  onnx: Uint8Array,
  graph: FloatGraph,
  inputs: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  onInput: (done: number) => void = () => {},
  factors?: Map<string, Float32Array>,
): Promise<Map<string, Moments[]>> {
  const [input] = graph.inputs,
    shape = graph.tensors.get(input)!.shape,
    layers = graph.nodes.filter(isLayer);
  const read = layers.map((node) => ({
    node,
    name: imageBehind(graph, node.inputs[0]),
    shapes: shapesOf(graph, node),
    group: [] as Float32Array[],
    groups: [] as Promise<Moments[]>[],
  }));
  const sources = [...new Set(read.map(({ name }) => graph.tensors.get(name)!.source))].filter(
      (s) => s !== input,
    ),
    session = await floatSession(onnx, sources);
  let count = 0,
    first = 0;
  const gather = (): void => {
    for (const layer of read) {
      layer.groups.push(onLayerThread('moments', layer.node, layer.shapes, layer.group, first));
      layer.group = [];
    }
    first = count;
  };
  for await (const values of inputs) {
    const results = sources.length ? await runSession(session, values, shape) : {};
    for (const { name, group } of read) {
      const { source, shape } = graph.tensors.get(name)!;
      group.push(
        source === input
          ? values
          : channelsLast(results[source].data as Float32Array, shape, factors?.get(name)),
      );
    }
    onInput(++count);
    if (count - first === GROUP) gather();
  }
  if (count > first) gather();
  return new Map(
    await Promise.all(
      read.map(async ({ node, groups }): Promise<[string, Moments[]]> => [
        node.name,
        joinMoments(await Promise.all(groups)),
      ]),
    ),
  );
}

/**
 * What one tensor holds in float for each input.
 * @param name of a tensor of the graph; one that was flattened is given as it was before
 * @returns NHWC
 */
export async function* floatValues(
  onnx: Uint8Array,
  graph: FloatGraph,
  name: string,
  inputs: Float32Array[],
  factors?: Map<string, Float32Array>,
): AsyncGenerator<Float32Array> {
  const [input] = graph.inputs,
    tensor = imageBehind(graph, name),
    { source, shape } = graph.tensors.get(tensor)!;
  if (source === input) return yield* inputs;
  const session = await floatSession(onnx, [source]);
  for (const values of inputs)
    yield channelsLast(
      (await runSession(session, values, graph.tensors.get(input)!.shape))[source].data as Float32Array,
      shape,
      factors?.get(tensor),
    );
}
