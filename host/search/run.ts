/// <reference types="node" />
/** The search on a model: calibrated once, then rounded, packed and measured as often as it takes. */
import { FlintError } from '../../src/error';
import { dropOf, type Drop } from '../evaluate/error';
import { evaluate, type FloatReference } from '../evaluate/evaluate';
import { isLayer, type IntGraph } from '../graph';
import { calibrationSet } from '../images/calibration';
import type { DataSource } from '../images/set';
import { finish, type Packed } from '../finish';
import { openOnnx } from '../open';
import { calibrateFloat, quantizeCalibrated } from '../quantize/float';
import type { Recipe } from '../recipe/read';
import { layerSchemes, type Scheme, type WeightScheme } from '../recipe/scheme';
import { silent, type Progress } from '../system/progress';
import { search, type Candidate, type SearchTask } from './search';

/** Which scales suit GPTQ better differs from model to model (models/README.md). */
const methods: Partial<WeightScheme>[] = [
  { rounding: 'gptq', scales: 'max', biasCorrection: true },
  { rounding: 'gptq', scales: 'mse', biasCorrection: true },
];

/** The smallest model, and all that were tried. */
export interface Found {
  scheme: Scheme;
  best: Candidate;
  /** Of the scheme: the best candidate's, or what layers quantized in sequence gained. */
  final: Pick<Candidate, 'accuracy' | 'flashBytes'>;
  candidates: Candidate[];
  floatAccuracy: number;
  /** Names of the layers with weights. */
  layers: string[];
  /** Images that accuracy was measured on. */
  images: number;
  /** What the packed model loses against the float model, with how sure that is. */
  drop: Drop;
  /** What people should know of the images. */
  remarks: string[];
  packed: Packed;
}

/** How far a search may go. */
export interface SearchLimits {
  /** Points of accuracy, of a hundred, that may be lost against the float model. */
  maxDrop: number;
  /** Accuracy is measured on so many images at most. */
  limit: number;
}

/** The scheme of plain int8 weights; what a search changes is laid over it. */
const wide = (scheme: Scheme): Scheme => ({ ...scheme, bits: 8, asymmetric: false, sparsity: 0 });

/**
 * Searches the smallest model within an accuracy budget.
 * @throws FlintError when the model brings its own integers, or the images carry no labels
 */
export async function searchRecipe(
  wanted: Recipe,
  source: DataSource,
  { maxDrop, limit }: SearchLimits,
  progress: Progress,
): Promise<Found> {
  const { onnx, graph, given, input, recipe } = await openOnnx(wanted),
    own = recipe.quantization,
    layers = graph.nodes.filter(isLayer);
  if (given.size)
    throw new FlintError(`${recipe.source}: the model brings its own integers, there is nothing to search`);
  layerSchemes(own, layers);
  if (!input) throw new FlintError(`${recipe.source}: a search needs a model that takes images`);
  const { inputs, golden, remarks } = await calibrationSet(recipe, input, progress),
    fixed = new Map([[graph.inputs[0], input]]),
    calibrated = await calibrateFloat(onnx, graph, inputs, fixed, { ...own, rounding: 'gptq' }, progress);

  const packed = (int: IntGraph): Packed => finish(recipe, { graph: int, rounding: 'double', golden });
  const evaluated = ({ file }: Packed, float?: FloatReference): ReturnType<typeof evaluate> =>
    evaluate({ file: file.buffer, source, labels: recipe.labels, limit, float }, silent);
  const measure = (int: IntGraph): ReturnType<SearchTask['measure']> => {
    const model = packed(int);
    return {
      flashBytes: model.file.length,
      async accuracy() {
        const { correct, images } = await evaluated(model);
        return correct / images;
      },
    };
  };

  const float: FloatReference = { onnx, ...input },
    reference = await evaluated(packed(await quantizeCalibrated(calibrated, wide(own), progress)), float),
    floatAccuracy = reference.floatCorrect! / reference.images;
  let started = false;
  const { best, candidates } = await search({
    layers: layers.map(({ name }) => name),
    scheme: own,
    methods,
    maxDrop: maxDrop / 100,
    floatAccuracy,
    quantize: (scheme) => quantizeCalibrated(calibrated, scheme, silent),
    measure,
    onMeasure(done, total) {
      if (!started) progress.start(total, 'searching');
      started = true;
      progress.update(done);
    },
  }).finally(() => progress.stop());

  // Too long for each candidate; the best one gains by it most of the time.
  const found: Scheme = { ...wide(own), ...best.method, layers: best.choice },
    inSequence = { ...found, sequential: true },
    again = measure(await quantizeCalibrated(calibrated, inSequence, progress)),
    accuracy = await again.accuracy(),
    better = accuracy > best.accuracy,
    scheme = better ? inSequence : found,
    model = packed(await quantizeCalibrated(calibrated, scheme, progress));
  return {
    scheme,
    best,
    final: better ? { accuracy, flashBytes: again.flashBytes } : best,
    candidates,
    floatAccuracy,
    layers: layers.map(({ name }) => name),
    images: reference.images,
    drop: dropOf(await evaluated(model, float)),
    remarks: [...remarks, ...reference.remarks],
    packed: model,
  };
}
