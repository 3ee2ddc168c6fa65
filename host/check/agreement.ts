/** How well an int8 model agrees with the float model that it was made from, on some images. */
import { load, run } from '../../src/model';
import { decision } from '../evaluate/answer';
import { elements, type FloatGraph, type IntGraph, type Quantization } from '../graph';
import { floatSession, resultsOf, sourcesOf } from '../quantize/calibrate';
import { asReal, dequantized, partsOf, type Sample } from '../quantize/samples';
import { viewed } from '../view';

/** What both models make of some images. Sums of several can be added. */
export interface Agreement {
  images: number;
  /** Decisions that can be compared: one an image, or one a position of a map; none of a regression. */
  decisions: number;
  /** Those that are the same in both. */
  alike: number;
  /** Sums over all outputs: of squared float values, and of squared differences. */
  signal: number;
  noise: number;
  /** Different outputs, those of the float model rounded to the steps of int8. */
  distinct: { float: number; int8: number };
}

/** Decibels of signal to quantization noise in the outputs. */
export const decibels = ({ signal, noise }: Pick<Agreement, 'signal' | 'noise'>): number =>
  10 * Math.log10((signal || 1e-12) / (noise || signal * 1e-12 || 1e-12));

/** Below this share of equal decisions something is wrong with how a model was quantized. */
const ENOUGH = 0.9;

/** Below so many decibels outputs are noise, though the largest of a few may still be the same. */
const NOISE = 10;

/** Below so many it is worth to look for something better: 8 bits leave 30 and more. */
const POOR = 20;

/** Whether int8 does not stand for the float model. */
export function isBad(agreement: Agreement): boolean {
  const { decisions, alike, distinct } = agreement;
  return distinct.int8 * 2 < distinct.float || alike < ENOUGH * decisions || decibels(agreement) < NOISE;
}

/** Whether something better should be looked for. */
export const isPoor = (agreement: Agreement): boolean => isBad(agreement) || decibels(agreement) < POOR;

/** Whether the first agrees better than the second: in more decisions, or as many with half the noise. */
export function isBetter(a: Agreement, b: Agreement): boolean {
  const [alike, before] = [a, b].map(({ alike, decisions }) => alike / (decisions || 1));
  return alike > before || (alike === before && decibels(a) >= decibels(b) + 3);
}

/** The agreement on the images of all. */
export const joined = (all: Agreement[]): Agreement =>
  all.reduce((a, b) => ({
    images: a.images + b.images,
    decisions: a.decisions + b.decisions,
    alike: a.alike + b.alike,
    signal: a.signal + b.signal,
    noise: a.noise + b.noise,
    distinct: { float: a.distinct.float + b.distinct.float, int8: a.distinct.int8 + b.distinct.int8 },
  }));

/** A decision for each position of a tensor: its channel of the largest value, or of a single one its side. */
const decisionsOf = (values: Float32Array, channels: number): number[] =>
  Array.from({ length: values.length / channels }, (_, p) =>
    channels === 1 ? Number(values[p] > 0.5) : decision(values.subarray(p * channels, (p + 1) * channels)),
  );

/**
 * Classes decide, and maps of them. Rows of values, as the boxes of a detector, do not; a single value does where
 * it is a probability: where int8 holds just 0 to 1.
 */
const decides = (shape: number[], { scale, zeroPoint }: Quantization): boolean => {
  const [channels, rows] = [...shape].reverse();
  if (shape.length === 3 && rows > 1) return false;
  return channels > 1 || (scale === 1 / 256 && zeroPoint === -128);
};

/**
 * Runs images, or what else the models read, through both.
 * @param float the graph that calibration observes: its outputs' sources name those of the .onnx model
 * @param int what was packed into `file`
 * @param inputs as int8, at least one
 */
export async function agreementOf(
  onnx: Uint8Array,
  float: FloatGraph,
  int: IntGraph,
  file: Uint8Array<ArrayBuffer>,
  inputs: Sample<Int8Array>[],
): Promise<Agreement> {
  const outputs = float.outputs.map((name) => float.tensors.get(name)!),
    session = await floatSession(onnx, sourcesOf(float, float.outputs)),
    model = load(file.buffer);
  const seen = { float: new Set<string>(), int8: new Set<string>() };
  const result = { images: inputs.length, decisions: 0, alike: 0, signal: 0, noise: 0 };
  for (const sample of inputs) {
    const results = await resultsOf(session, float, asReal(int, sample));
    partsOf(sample).forEach((values, i) => model.inputs[i].set(values));
    run(model);
    const texts = { float: '', int8: '' };
    outputs.forEach(({ source, shape, view }, k) => {
      const q = int.tensors.get(int.outputs[k])!.quantization!,
        exact = viewed(results.get(source)!, view),
        made = model.outputs[k].slice(),
        own = dequantized(made, q);
      exact.forEach((v, i) => {
        result.signal += v * v;
        result.noise += (v - own[i]) ** 2;
      });
      texts.int8 += made.join();
      texts.float += Array.from(exact, (v) => Math.round(v / q.scale)).join();
      const channels = shape[shape.length - 1];
      if (k > 0 || elements(shape) !== made.length || !decides(shape, q)) return;
      const [wanted, got] = [decisionsOf(exact, channels), decisionsOf(own, channels)];
      result.decisions += wanted.length;
      wanted.forEach((decision, i) => (result.alike += Number(decision === got[i])));
    });
    seen.float.add(texts.float);
    seen.int8.add(texts.int8);
  }
  return { ...result, distinct: { float: seen.float.size, int8: seen.int8.size } };
}
