/**
 * From a trained model to the file on the device, one way and each choice once:
 *
 *     import -> optimize -> quantize -> lower -> plan -> serialize -> golden run
 *
 * Each stage takes plain data and gives plain data.
 */
import { checked } from './check/check';
import { coarseParts } from './check/coarse';
import { finish, type Packed, type Quantized } from './finish';
import type { FloatGraph, Quantization } from './graph';
import { evenly } from './images/choose';
import { calibrationSet } from './images/calibration';
import { calibrationTensors } from './images/tensors';
import { modelFormat } from './import/format';
import { importTflite } from './import/tflite/import';
import { inFile, openOnnx, type OnnxModel } from './open';
import { calibrate } from './quantize/calibrate';
import { quantizeFloat } from './quantize/float';
import { rangeObserver } from './quantize/range-observer';
import { loose, quantizeOwn, unscaled } from './quantize/own/quantize';
import type { Sample } from './quantize/samples';
import type { Recipe } from './recipe/read';
import type { Scheme } from './recipe/scheme';
import { silent, type Progress } from './system/progress';
import { readBytes } from './system/read';

/** Whom to tell while a model is packed. */
export interface PackOptions {
  /** Told how long work goes on. */
  progress?: Progress;
  /**
   * Called before any long work when an .onnx model turns out to bring its own integers; what it throws ends
   * the packing. It is told whether some operators were left in float, so that images are of use.
   */
  onOwnScales?: (partly: boolean) => void;
}

/**
 * Packs a trained model.
 * @throws FlintError naming the file, and what in it cannot be packed
 */
export async function pack(recipe: Recipe, options: PackOptions = {}): Promise<Packed> {
  return inFile(recipe.source, async () => {
    if (modelFormat(recipe.source) === 'tflite') return finish(recipe, importQuantized(recipe));
    const origin = await openOnnx(recipe),
      packed = origin.given.size
        ? finish(recipe, await quantizedOwn(origin, recipe, options))
        : await packFloat(origin, options.progress ?? silent);
    return { ...packed, origin };
  });
}

/** A .tflite model: it brings its own integers. */
function importQuantized(recipe: Recipe): Quantized {
  const { remarks, ...graph } = importTflite(readBytes(recipe.source), recipe.name);
  return { graph, rounding: 'double', remarks };
}

/** What a float model is calibrated on, and its inputs' quantizations. */
async function calibrationOf(
  graph: FloatGraph,
  recipe: Recipe,
  input: Quantization | undefined,
  progress: Progress,
): Promise<{
  inputs: Sample[];
  golden: Int8Array;
  aside: Sample<Int8Array>[];
  sampledFrom?: number;
  remarks: string[];
  fixed: Map<string, Quantization>;
}> {
  if (input) {
    const images = await calibrationSet(recipe, input, progress);
    return { ...images, fixed: new Map([[graph.inputs[0], input]]) };
  }
  const { quantization, ...tensors } = calibrationTensors(recipe.calibration!, graph);
  return { ...tensors, fixed: quantization };
}

/** Inputs on which the parts of outputs are looked at. */
const FOR_PARTS = 8;

/** A float model: quantized, compared with itself in float, and quantized better where that fails. */
async function packFloat(model: OnnxModel, progress: Progress): Promise<Packed> {
  const { onnx, graph, recipe } = model,
    { inputs, golden, aside, sampledFrom, remarks, fixed } = await calibrationOf(
      graph,
      recipe,
      model.input,
      progress,
    ),
    calibration = { images: inputs.length, sampledFrom };
  const make = async (scheme: Scheme, some = inputs): Promise<Packed> =>
    finish(recipe, {
      graph: await quantizeFloat(onnx, graph, some, fixed, scheme, progress),
      rounding: 'double',
      golden,
      calibration,
      remarks: [...model.remarks, ...remarks],
    });
  const packed = await make(recipe.quantization);
  const result = await checked({ onnx, graph, fixed }, packed, { inputs, aside }, recipe, make),
    coarse = await coarseParts(onnx, graph, result.lowered.graph, evenly(inputs, FOR_PARTS));
  return { ...result, remarks: [...result.remarks, ...coarse] };
}

/** What is said of operators with coarse scales. */
const looseRemark = (names: string[]): string =>
  `${names.length} operators among quantized ones are in float (${names.slice(0, 3).join(', ')}` +
  `${names.length > 3 ? ', ...' : ''}), with scales for all that they can give, which are coarse: ` +
  '--calibration with images observes what they do give';

/** A model that brings its own scales; images tell those that it leaves out. */
async function quantizedOwn(
  { onnx, graph, given, input, remarks: ofModel }: OnnxModel,
  recipe: Recipe,
  { progress = silent, onOwnScales }: PackOptions,
): Promise<Quantized> {
  const model = { graph, scales: given },
    left = unscaled(model),
    isLeft = left.tensors.size > graph.inputs.length;
  onOwnScales?.(isLeft);
  if (!isLeft || !recipe.calibration) {
    const names = loose(model);
    return {
      graph: await quantizeOwn(model),
      rounding: 'single',
      remarks: names.length ? [...ofModel, looseRemark(names)] : ofModel,
    };
  }
  const { inputs, golden, sampledFrom, remarks } = await calibrationOf(
      graph,
      recipe,
      recipe.input ? input : undefined,
      progress,
    ),
    ranges = await calibrate(onnx, left, inputs, rangeObserver(recipe.quantization.calibration));
  return {
    graph: await quantizeOwn(model, ranges),
    rounding: 'single',
    golden,
    calibration: { images: inputs.length, sampledFrom },
    remarks: [...ofModel, ...remarks],
  };
}
