/** Our graphs against ONNX Runtime. */
import { elements, type FloatGraph } from '../../host/graph';
import { constantTensors } from '../../host/quantize/constants';
import { floatSession, inputsOf, runSession } from '../../host/quantize/calibrate';
import { viewed } from '../../host/view';
import { runFloat } from './float-reference';

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
 * Compares every tensor of a graph with the value it says it is (TensorInfo.source and view), as ONNX Runtime
 * computes it from the same model.
 * @returns the largest difference, relative to the tensor's largest value
 */
export async function differenceFromOnnxRuntime(
  onnx: Uint8Array,
  graph: FloatGraph,
  ...inputs: Float32Array[]
): Promise<number> {
  const ours = runFloat(graph, ...inputs),
    constants = constantTensors(graph),
    compared = [...graph.tensors].filter(
      ([name, { source }]) => !graph.inputs.includes(source) && !constants.has(name),
    );
  if (!compared.length) throw new Error('nothing to compare');
  const session = await floatSession(onnx, [...new Set(compared.map(([, { source }]) => source))]),
    results = await runSession(session, inputs, inputsOf(graph));
  let worst = 0;
  for (const [name, { source, view }] of compared) {
    const { data } = results[source];
    // Padded for a pooling: only its source is a value of the model.
    if (elements(view!.dims) !== data.length && !graph.outputs.includes(name)) continue;
    worst = Math.max(worst, difference(ours.get(name)!, viewed(data as Float32Array, view)));
  }
  return worst;
}
