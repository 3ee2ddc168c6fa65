/**
 * The int8 model beside the float one, layer by layer, on some images: how much noise quantization adds, and
 * what values tensors take.
 */
import { load, runOperator } from '../../src/model';
import { Header, Operator, Tensor } from '../../src/format';
import { tensorRecord } from '../../src/state';
import { elements, type FloatGraph, type IntGraph } from '../graph';
import { floatSession, runSession } from '../quantize/calibrate';
import { channelsLast, imageBehind } from '../quantize/statistics';

/** One layer in int8 beside itself in float. */
export interface LayerComparison {
  name: string;
  op: string;
  /** Decibels: 10 log10 of the signal's power over that of the error, for the tensor behind this layer. */
  sqnr: number;
  /** Of the float values. */
  min: number;
  max: number;
  /** What int8 can hold. */
  low: number;
  high: number;
  /** Counts of the float values between min and max. */
  histogram: number[];
}

const BINS = 60;

/**
 * Layers that lost channels have nothing to be compared with, and are left out.
 * @param file packed on scalar kernels from `graph`, whose operators it has in the same order (reshapes left
 * out)
 * @param inputs int8, as the device gets them
 * @param factors what an equalized network's channels are multiplied by, by tensor
 */
export async function compareLayers(
  onnx: Uint8Array,
  float: FloatGraph,
  graph: IntGraph,
  file: Uint8Array<ArrayBuffer>,
  inputs: Int8Array[],
  factors?: Map<string, Float32Array>,
): Promise<LayerComparison[]> {
  const operators: IntGraph['nodes'] = graph.nodes.filter((node) => node.op !== 'reshape'),
    [input] = graph.inputs,
    source = (name: string) => float.tensors.get(imageBehind(float, name)) ?? graph.tensors.get(name)!;
  const nodes = operators.filter((node) => node.op !== 'constant'),
    names = nodes.map((node) => node.output),
    wanted = [...new Set(names.map((name) => source(name).source))],
    session = await floatSession(onnx, wanted),
    model = load(file.buffer),
    { words } = model;
  const shape = graph.tensors.get(input)!.shape,
    q = graph.tensors.get(input)!.quantization!,
    list = words[Header.operators] >> 2;
  const sums = nodes.map(() => ({ signal: 0, noise: 0, values: [] as Float32Array[] }));
  for (const values of inputs) {
    const results = await runSession(
      session,
      Float32Array.from(values, (v) => q.scale * (v - q.zeroPoint)),
      shape,
    );
    model.inputs[0].set(values);
    operators.forEach((node, position) => {
      const at = words[list + position] >> 2,
        i = names.indexOf(node.output);
      runOperator(model, position);
      if (i < 0) return;
      const { quantization } = graph.tensors.get(node.output)!,
        from = source(node.output),
        exact = channelsLast(
          results[from.source].data as Float32Array,
          from.shape,
          factors?.get(imageBehind(float, node.output)),
        );
      if (exact.length !== elements(graph.tensors.get(node.output)!.shape)) return;
      const address = words[tensorRecord(words, words[at + Operator.output]) + Tensor.address],
        s = sums[i];
      for (let k = 0; k < exact.length; k++) {
        const v = quantization!.scale * (model.arena[address + k] - quantization!.zeroPoint);
        s.signal += exact[k] * exact[k];
        s.noise += (exact[k] - v) ** 2;
      }
      s.values.push(exact);
    });
  }
  return nodes.flatMap((node, i) => {
    if (!sums[i].values.length) return [];
    const { signal, noise, values } = sums[i],
      { scale, zeroPoint } = graph.tensors.get(node.output)!.quantization!;
    let min = Infinity,
      max = -Infinity;
    for (const list of values) for (const v of list) ((min = Math.min(min, v)), (max = Math.max(max, v)));
    const histogram = new Array<number>(BINS).fill(0);
    for (const list of values)
      for (const v of list)
        histogram[Math.min(BINS - 1, Math.floor(((v - min) / (max - min || 1)) * BINS))]++;
    return {
      name: node.name,
      op: node.op,
      sqnr: 10 * Math.log10(signal / (noise || signal * 1e-12 || 1)),
      min,
      max,
      low: scale * (-128 - zeroPoint),
      high: scale * (127 - zeroPoint),
      histogram,
    };
  });
}
