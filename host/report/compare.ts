/**
 * The int8 model beside the float one, layer by layer, on some images: how much noise quantization adds, and
 * what values tensors take.
 */
import { load, runOperator } from '../../src/model';
import { Header, Operator, Tensor } from '../../src/format';
import { tensorRecord } from '../../src/state';
import { elements, type FloatGraph, type IntGraph, type Quantization } from '../graph';
import { valuesIn } from '../import/onnx/runtime';
import { floatSession, inputsOf, runSession } from '../quantize/calibrate';
import { asReal, dequantized, partsOf, type Sample } from '../quantize/samples';
import { sourceShape, viewed } from '../view';

/** One layer in int8 beside itself in float. */
export interface LayerComparison {
  name: string;
  op: string;
  /** The tensor it gives. */
  output: string;
  /** Decibels: 10 log10 of the signal's power over that of the error, for the tensor behind this layer. */
  sqnr: number;
  /** The same for each channel, from 0 to 60, and of these the mean: large channels do not hide small ones. */
  channelNoise: number;
  /** How many times larger the largest channel's reach is than that of the middle one. */
  spread: number;
  /** How many times larger the largest value is than 99.9 % of them. */
  tail: number;
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

const total = (sums: Float64Array): number => sums.reduce((a, b) => a + b, 0);

const decibels = (signal: number, noise: number): number =>
  10 * Math.log10(signal / (noise || signal * 1e-12 || 1));

/** Channels that are always zero tell nothing. */
function channelNoise(signal: Float64Array, noise: Float64Array): number {
  const own = Array.from(signal, (s, c) => (s ? Math.max(0, Math.min(60, decibels(s, noise[c]))) : NaN)),
    known = own.filter((dB) => !Number.isNaN(dB));
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : 60;
}

const middle = (values: Float64Array): number => values.sort()[values.length >> 1];

function tailOf(lists: Float32Array[]): number {
  const sizes = Float32Array.from(lists.flatMap((list) => Array.from(list, Math.abs))).sort();
  return sizes[sizes.length - 1] / (sizes[Math.floor(0.999 * (sizes.length - 1))] || 1);
}

/** What ONNX Runtime gave as real numbers: tensors of models that bring integers are int8 or uint8. */
function realOf(data: unknown, q: Quantization): Float32Array {
  if (data instanceof Uint8Array)
    return dequantized(
      Int8Array.from(data, (v) => v - 128),
      q,
    );
  if (data instanceof Int8Array) return dequantized(data, q);
  return data as Float32Array;
}

/**
 * Layers that lost channels, or whose tensors the float model does not have, have nothing to be compared with,
 * and are left out.
 * @param file packed on scalar kernels from `graph`, whose operators it has in the same order (reshapes left
 * out)
 * @param inputs int8, as the device gets them
 * The channels of an equalized network are multiplied by the factors of one of the graphs.
 */
export async function compareLayers(
  onnx: Uint8Array,
  float: FloatGraph,
  graph: IntGraph,
  file: Uint8Array<ArrayBuffer>,
  inputs: Sample<Int8Array>[],
): Promise<LayerComparison[]> {
  const operators: IntGraph['nodes'] = graph.nodes.filter((node) => node.op !== 'reshape'),
    source = (name: string) => float.tensors.get(name) ?? graph.tensors.get(name)!;
  const nodes = operators.filter((node) => node.op !== 'constant'),
    names = nodes.map((node) => node.output),
    there = valuesIn(onnx),
    wanted = [...new Set(names.map((name) => source(name).source))].filter((name) => there.has(name));
  if (!wanted.length) return [];
  const session = await floatSession(onnx, wanted),
    model = load(file.buffer),
    { words } = model;
  const list = words[Header.operators] >> 2;
  const sums = nodes.map(({ output }) => {
    const channels = graph.tensors.get(output)!.shape.at(-1)!,
      zeros = (): Float64Array => new Float64Array(channels);
    return { signal: zeros(), noise: zeros(), reach: zeros(), values: [] as Float32Array[] };
  });
  for (const sample of inputs) {
    const results = await runSession(session, asReal(graph, sample), inputsOf(float));
    partsOf(sample).forEach((values, i) => model.inputs[i].set(values));
    operators.forEach((node, position) => {
      const at = words[list + position] >> 2,
        i = names.indexOf(node.output);
      runOperator(model, position);
      if (i < 0) return;
      const { quantization, factors } = graph.tensors.get(node.output)!,
        from = source(node.output),
        given = results[from.source]?.data,
        all = given && realOf(given, quantization!);
      if (all?.length !== elements(sourceShape(from))) return; // what is padded or cut has no source
      const exact = viewed(all, from.view, factors ?? from.factors);
      if (exact.length !== elements(graph.tensors.get(node.output)!.shape)) return;
      const address = words[tensorRecord(words, words[at + Operator.output]) + Tensor.address],
        s = sums[i];
      for (let k = 0, c = 0; k < exact.length; k++, c = (c + 1) % s.reach.length) {
        const v = quantization!.scale * (model.arena[address + k] - quantization!.zeroPoint);
        s.signal[c] += exact[k] * exact[k];
        s.noise[c] += (exact[k] - v) ** 2;
        s.reach[c] = Math.max(s.reach[c], Math.abs(exact[k]));
      }
      s.values.push(exact);
    });
  }
  return nodes.flatMap((node, i) => {
    if (!sums[i].values.length) return [];
    const { signal, noise, reach, values } = sums[i],
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
      output: node.output,
      sqnr: decibels(total(signal), total(noise)),
      channelNoise: channelNoise(signal, noise),
      spread: Math.max(...reach) / (middle(reach.filter((r) => r > 0)) || 1),
      tail: tailOf(values),
      min,
      max,
      low: scale * (-128 - zeroPoint),
      high: scale * (127 - zeroPoint),
      histogram,
    };
  });
}
