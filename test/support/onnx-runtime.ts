/** Our graphs against ONNX Runtime. */
import type { FloatGraph } from '../../host/graph';
import { constantTensors } from '../../host/quantize/constants';
import { floatSession, runSession } from '../../host/quantize/calibrate';
import { runFloat } from './float-reference';

/** ONNX's [1, c, h, w] in our order. */
export function inOurOrder(values: Float32Array, dims: readonly number[]): Float32Array {
  if (dims.length !== 4) return values;
  const [, channels, height, width] = dims;
  return values.map((_, i) => values[(i % channels) * height * width + Math.floor(i / channels)]);
}

/**
 * The largest difference, relative to the largest value; infinite where lengths differ or a value is no
 * number.
 */
function difference(got: Float32Array, wanted: Float32Array): number {
  if (got.length !== wanted.length) return Infinity;
  const size = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-3),
    each = Array.from(wanted, (v, i) => Math.abs(got[i] - v) / size);
  return each.some(Number.isNaN) ? Infinity : Math.max(...each, 0);
}

/**
 * Compares every tensor of a graph with the value it says it is (TensorInfo.source), as ONNX Runtime computes
 * it from the same model. Vectors inside the network may be flattened images, which have another order: there
 * the values count, not their places.
 * @returns the largest difference, relative to the tensor's largest value
 */
export async function differenceFromOnnxRuntime(
  onnx: Uint8Array,
  graph: FloatGraph,
  input: Float32Array,
): Promise<number> {
  const [first] = graph.inputs,
    ours = runFloat(graph, input),
    constants = constantTensors(graph),
    compared = [...graph.tensors].filter(([name, { source }]) => source !== first && !constants.has(name));
  if (!compared.length) throw new Error('nothing to compare');
  const session = await floatSession(onnx, [...new Set(compared.map(([, { source }]) => source))]),
    results = await runSession(session, input, graph.tensors.get(first)!.shape);
  let worst = 0;
  for (const [name, { source }] of compared) {
    const { data, dims } = results[source],
      got = ours.get(name)!,
      isOutput = graph.outputs.includes(name);
    // Padded for a pooling: only its source is a value of the model.
    if (!isOutput && got.length !== data.length) continue;
    const wanted = inOurOrder(data as Float32Array, dims),
      ordered = dims.length === 4 || isOutput;
    worst = Math.max(
      worst,
      ordered ? difference(got, wanted) : difference(got.slice().sort(), wanted.slice().sort()),
    );
  }
  return worst;
}
