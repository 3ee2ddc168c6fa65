/// <reference types="node" />
/**
 * What values each tensor takes: the float model is run by ONNX Runtime on real inputs, its inner values made
 * outputs.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FlintError } from '../../src/error';
import { elements, isLayer, type FloatGraph, type TensorInfo } from '../graph';
import { forRuntime } from '../import/onnx/runtime';
import { inSourceOrder, sourceShape, viewed } from '../view';
import { constantTensors } from './constants';
import type { Observer } from './observers';
import { partsOf, type Sample } from './samples';
import { GROUP, joinMoments, shapesOf, type Moments } from './statistics';
import { onLayerThread } from './threads';

/** The model with the given values as its outputs, ready to run one input at a time. */
export async function floatSession(onnx: Uint8Array, outputs?: string[]): Promise<InferenceSession> {
  try {
    const bytes = forRuntime(onnx, outputs);
    return await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  } catch (error) {
    throw cannotRun(error);
  }
}

const cannotRun = (error: unknown): FlintError =>
  new FlintError(`ONNX Runtime cannot run the model: ${(error as Error).message}`);

/** Runs the model once. @param inputs the model's, in its order */
export async function runSession(
  session: InferenceSession,
  sample: Sample,
  inputs: Pick<TensorInfo, 'shape' | 'view'>[],
): Promise<InferenceSession.OnnxValueMapType> {
  const given = partsOf(sample);
  if (given.length !== inputs.length)
    throw new FlintError(`the model takes ${inputs.length} inputs, not ${given.length}`);
  const feeds = inputs.map((input, i): [string, Tensor] => {
    const { shape, view } = input;
    if (given[i].length !== elements(shape))
      throw new FlintError(`the model takes ${elements(shape)} values ([${shape}]), not ${given[i].length}`);
    const values = inSourceOrder(given[i], view);
    return [session.inputNames[i], new Tensor('float32', values, sourceShape(input))];
  });
  try {
    return await session.run(Object.fromEntries(feeds));
  } catch (error) {
    throw cannotRun(error);
  }
}

/** The model's inputs, in its order. */
export const inputsOf = ({ inputs, tensors }: Pick<FloatGraph, 'inputs' | 'tensors'>): TensorInfo[] =>
  inputs.map((name) => tensors.get(name)!);

/** The values of the source model that hold those of some tensors; its inputs are none of them. */
export const sourcesOf = ({ inputs, tensors }: FloatGraph, names: string[]): string[] =>
  [...new Set(names.map((name) => tensors.get(name)!.source))].filter((s) => !inputs.includes(s));

/** What the source model's values are for a sample, its inputs among them. */
export async function resultsOf(
  session: InferenceSession,
  graph: FloatGraph,
  sample: Sample,
): Promise<Map<string, Float32Array>> {
  const results = await runSession(session, sample, inputsOf(graph)),
    given = partsOf(sample).map((values, i): [string, Float32Array] => {
      const { source, view } = graph.tensors.get(graph.inputs[i])!;
      return [source, inSourceOrder(values, view)];
    });
  return new Map([
    ...given,
    ...Object.entries(results).map(([name, { data }]): [string, Float32Array] => [
      name,
      data as Float32Array,
    ]),
  ]);
}

/**
 * Runs the float model on every input and observes every tensor of the graph.
 * @param inputs one model input each, NHWC; at least one
 * @param onInput called after each
 * @throws FlintError without inputs, or naming a tensor that takes values that are not finite
 */
export async function calibrate<T>(
  onnx: Uint8Array,
  graph: FloatGraph,
  inputs: AsyncIterable<Sample> | Iterable<Sample>,
  makeObserver: () => Observer<T>,
  onInput: (done: number) => void = () => {},
): Promise<Map<string, T>> {
  const constants = constantTensors(graph),
    names = [...graph.tensors.keys()].filter((name) => !constants.has(name));
  const observers = new Map(names.map((name) => [name, makeObserver()]));
  const session = await floatSession(onnx, sourcesOf(graph, names));
  let count = 0;
  for await (const values of inputs) {
    const results = await resultsOf(session, graph, values);
    for (const name of names) {
      const { source, view, factors } = graph.tensors.get(name)!,
        data = results.get(source)!;
      if (!data.every(Number.isFinite))
        throw new FlintError(
          `tensor ${source} takes values that are not finite: the model or its input is broken`,
        );
      observers.get(name)!.update(factors ? viewed(data, view, factors) : data);
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
  inputs: AsyncIterable<Sample> | Iterable<Sample>,
  onInput: (done: number) => void = () => {},
): Promise<Map<string, Moments[]>> {
  const layers = graph.nodes.filter(isLayer);
  const read = layers.map((node) => ({
    node,
    name: node.inputs[0],
    shapes: shapesOf(graph, node),
    group: [] as Float32Array[],
    groups: [] as Promise<Moments[]>[],
  }));
  const session = await floatSession(
    onnx,
    sourcesOf(
      graph,
      read.map(({ name }) => name),
    ),
  );
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
    const results = await resultsOf(session, graph, values);
    for (const { name, group } of read) {
      const { source, view, factors } = graph.tensors.get(name)!;
      group.push(viewed(results.get(source)!, view, factors));
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
 * @param name of a tensor of the graph
 */
export async function* floatValues(
  onnx: Uint8Array,
  graph: FloatGraph,
  name: string,
  inputs: Sample[],
): AsyncGenerator<Float32Array> {
  const { source, view, factors } = graph.tensors.get(name)!,
    session = await floatSession(onnx, sourcesOf(graph, [name]));
  for (const values of inputs)
    yield viewed((await resultsOf(session, graph, values)).get(source)!, view, factors);
}

/** The largest value that each channel of some tensors takes. */
export async function channelMaxima(
  onnx: Uint8Array,
  graph: FloatGraph,
  names: string[],
  inputs: Sample[],
): Promise<Map<string, Float32Array>> {
  const maxima = new Map(
    names.map((name) => [name, new Float32Array(graph.tensors.get(name)!.shape.at(-1)!).fill(-Infinity)]),
  );
  if (!names.length) return maxima;
  const session = await floatSession(onnx, sourcesOf(graph, names));
  for (const values of inputs) {
    const results = await resultsOf(session, graph, values);
    for (const [name, all] of maxima) {
      const { source, view } = graph.tensors.get(name)!;
      viewed(results.get(source)!, view).forEach((v, i) => {
        const c = i % all.length;
        all[c] = Math.max(all[c], v);
      });
    }
  }
  return maxima;
}
