/**
 * A float model to integers, with all that its scheme asks for: equalize, calibrate, prune, round.
 * Calibration may serve many schemes.
 */
import type { FloatGraph, IntGraph, Quantization } from '../graph';
import type { Scheme } from '../recipe/scheme';
import { cached } from '../system/cache';
import type { Progress } from '../system/progress';
import { calibrate, channelMaxima, floatValues, layerMoments } from './calibrate';
import { pruneChannels } from './channels';
import { equalize, limited } from './equalize';
import type { Range } from './observers';
import { rangeObserver } from './range-observer';
import { pruneWeights } from './prune';
import { quantize, quantizeInSequence } from './quantize';
import { rescaled } from './rescale';
import { asInput, partsOf, type Sample } from './samples';
import type { Moments } from './statistics';

/** Whether the scheme looks at what layers read. */
const needsMoments = (scheme: Scheme): boolean =>
  scheme.sequential ||
  [scheme, ...Object.values(scheme.layers)].some((s) => s.rounding === 'gptq' || s.biasCorrection);

/** What calibration found, from which graphs of any widths can be made. */
export interface Calibrated {
  onnx: Uint8Array;
  inputs: Sample[];
  graph: FloatGraph;
  ranges: Map<string, Range>;
  moments?: Map<string, Moments[]>;
  /** Quantizations that are given: the inputs'. */
  fixed: Map<string, Quantization>;
}

/** How far channels reach where equalizing looks at it; most models are not run for that. */
async function maximaOf(
  onnx: Uint8Array,
  float: FloatGraph,
  inputs: Sample[],
): Promise<Map<string, Float32Array> | undefined> {
  const names = limited(float);
  if (!names.length) return undefined;
  return cached(['maxima', onnx, float, inputs], () => channelMaxima(onnx, float, names, inputs));
}

/** Runs the calibration images, as the scheme wants it. */
export async function calibrateFloat(
  onnx: Uint8Array,
  float: FloatGraph,
  inputs: Sample[],
  fixed: Map<string, Quantization>,
  scheme: Scheme,
  progress: Progress,
): Promise<Calibrated> {
  const graph = scheme.equalize ? equalize(float, await maximaOf(onnx, float, inputs)) : float;
  const watched = async <T>(
    what: string,
    work: (onInput: (done: number) => void) => Promise<T>,
  ): Promise<T> => {
    progress.start(inputs.length, what);
    return work((done) => progress.update(done)).finally(() => progress.stop());
  };
  const ranges = await cached(['ranges', onnx, graph, inputs, scheme.calibration], () =>
    watched('calibrating', (onInput) =>
      calibrate(onnx, graph, inputs, rangeObserver(scheme.calibration), onInput),
    ),
  );
  const moments = needsMoments(scheme)
    ? await cached(['moments', onnx, graph, inputs], () =>
        watched('gathering moments', (onInput) => layerMoments(onnx, graph, inputs, onInput)),
      )
    : undefined;
  return { onnx, inputs, moments, fixed, ...rescaled(graph, ranges, fixed) };
}

/** A float graph to an int8 one, with everything that its scheme asks for. */
export async function quantizeFloat(
  onnx: Uint8Array,
  float: FloatGraph,
  inputs: Sample[],
  fixed: Map<string, Quantization>,
  scheme: Scheme,
  progress: Progress,
): Promise<IntGraph> {
  return quantizeCalibrated(
    await calibrateFloat(onnx, float, inputs, fixed, scheme, progress),
    scheme,
    progress,
  );
}

/** A calibrated network as int8, with everything that the scheme asks for. */
export async function quantizeCalibrated(
  { onnx, inputs, graph, ranges, moments, fixed }: Calibrated,
  scheme: Scheme,
  progress: Progress,
): Promise<IntGraph> {
  if (scheme.pruning === 'channels') {
    const pruned = await pruneChannels(graph, scheme, moments, progress);
    return quantize(pruned.graph, ranges, fixed, scheme, pruned.moments, progress);
  }
  const pruned = await pruneWeights(graph, scheme, moments, progress);
  if (!scheme.sequential) return quantize(pruned, ranges, fixed, scheme, moments, progress);
  const images = {
    inputs: graph.inputs.map((name, i) =>
      inputs.map((sample) => asInput(partsOf(sample)[i], fixed.get(name)!)),
    ),
    exact: (name: string) => floatValues(onnx, graph, name, inputs),
  };
  return cached(['sequence', onnx, inputs, fixed, graph, pruned, ranges, scheme], () =>
    quantizeInSequence(graph, pruned, ranges, fixed, scheme, images, progress),
  );
}
