/**
 * From a trained model to the file on the device, one way and each choice once:
 *
 *     import -> optimize -> quantize -> lower -> plan -> serialize -> golden run
 *
 * Each stage takes plain data and gives plain data.
 */
import { FlintError } from '../src/error';
import { ramNeeded } from '../src/ram';
import { planArena } from './file/arena';
import { withGolden } from './file/golden';
import { lower } from './file/lower';
import type { PackedGraph } from './file/pack-graph';
import { serialize } from './file/serialize';
import type { FloatGraph, IntGraph, Quantization } from './graph';
import { checked, type Check } from './check/check';
import { calibrationSet } from './images/calibration';
import { coverageOf, coverageProblem } from './images/coverage';
import { imageShape, inputQuantization, preprocessingWords } from './images/preprocess';
import { calibrationTensors } from './images/tensors';
import { modelFormat } from './import/format';
import { importOnnx } from './import/onnx/import';
import type { ImageSize } from './import/onnx/inputs';
import { readOnnxFile } from './import/onnx/prepare';
import { importTflite } from './import/tflite/import';
import { optimize } from './optimize/passes';
import { calibrate } from './quantize/calibrate';
import { quantizeFloat } from './quantize/float';
import { rangeObserver } from './quantize/observers';
import type { Sample } from './quantize/samples';
import { quantizeOwn, separated, unscaled, withInputs } from './quantize/own/quantize';
import type { Recipe } from './recipe/read';
import { readBytes } from './system/read';
import type { Scheme } from './recipe/scheme';
import { silent, type Progress } from './system/progress';

/** A packed model, and what it takes. */
export interface Packed extends PackedGraph {
  /** Bytes that a device needs for everything XS holds while the model runs. */
  ramBytes: number;
  /** The same where kernels are interpreted. */
  interpretedRamBytes: number;
  /**
   * How many calibration images were used, and of how many they are a sample; absent where the model brought
   * its own scales.
   */
  calibration?: { images: number; sampledFrom?: number };
  /** What people should know of the model, or of the images that it was calibrated with. */
  remarks: string[];
  /** How well it agrees with the float model that it was made from. */
  check?: Check;
}

/** A quantized graph, and what the file says besides. */
interface Quantized {
  graph: IntGraph;
  /** The rounding that such a model was made for. */
  rounding: 'double' | 'single';
  golden?: Int8Array;
  calibration?: Packed['calibration'];
  remarks?: string[];
}

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
    const model = await openOnnx(recipe);
    if (!model.given.size) return packFloat(model, recipe, options.progress ?? silent);
    return finish(recipe, await quantizedOwn(model, recipe, options));
  });
}

/** Puts the file's name in front of what is wrong with it. */
async function inFile<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FlintError && !error.message.startsWith(path))
      error.message = `${path}: ${error.message}`;
    throw error;
  }
}

/** A .tflite model: it brings its own integers. */
function importQuantized(recipe: Recipe): Quantized {
  const { remarks, ...graph } = importTflite(readBytes(recipe.source), recipe.name);
  return { graph, rounding: 'double', remarks };
}

/** An .onnx model, read, optimized and checked before any long work. */
export interface OnnxModel {
  onnx: Uint8Array;
  graph: FloatGraph;
  /** Scales that the model itself gives, by tensor; none in a float model. */
  given: Map<string, Quantization>;
  /** The image input's scale and zero point; absent for a model that takes no image. */
  input?: Quantization;
}

/** The recipe's .onnx file, whole, its sizes fixed. */
export function onnxOf({ source, input }: Recipe): Uint8Array {
  const [, height, width, channels] = input ? imageShape(input) : [];
  return readOnnxFile(source, input && [height, width, channels]);
}

/** A model as it comes, before any recipe: its graph, and the scales that it brings. @throws FlintError naming it */
export const readGraph = (
  path: string,
  name: string,
  image?: ImageSize,
): Promise<{
  graph: Pick<IntGraph, 'inputs' | 'outputs' | 'tensors'>;
  scales: Map<string, Quantization>;
  isFloat: boolean;
}> =>
  inFile(path, () => {
    if (modelFormat(path) === 'onnx') {
      const { given, ...graph } = importOnnx(readOnnxFile(path, image, 'model'), name);
      return { graph, scales: given, isFloat: !given.size };
    }
    const graph = importTflite(readBytes(path, 'model'), name);
    const scales = new Map([...graph.tensors].map(([name, { quantization }]) => [name, quantization!]));
    return { graph, scales, isFloat: false };
  });

/** A float model and its graph, as it is compared with a file. @throws FlintError naming the file */
export const readOnnx = (
  path: string,
  name: string,
  image: ImageSize,
): Promise<Pick<OnnxModel, 'onnx' | 'graph'>> =>
  inFile(path, () => {
    const onnx = readOnnxFile(path, image, 'model'),
      { given: _, ...imported } = importOnnx(onnx, name);
    return { onnx, graph: optimize(imported) };
  });

/** @throws FlintError when the model cannot run, or the recipe lacks what it needs */
export async function openOnnx(recipe: Recipe): Promise<OnnxModel> {
  const onnx = onnxOf(recipe),
    { given, ...imported } = importOnnx(onnx, recipe.name);
  if (given.size) {
    const apart = separated(imported, given),
      graph = optimize(apart.graph, true),
      scales = withInputs(graph, apart.scales, recipe.input && inputQuantization(recipe.input));
    checkInput(graph, recipe);
    return { onnx, graph, given: scales, input: scales.get(graph.inputs[0]) };
  }
  const graph = optimize(imported);
  if (!recipe.calibration)
    throw new FlintError(
      recipe.input
        ? 'a float model needs calibration images, a few hundred like those it will see'
        : 'a float model needs an image recipe (--input-size WIDTHxHEIGHT, colour, mean and std of its input) and ' +
            'calibration images; one that takes no image needs --calibration with a .npy file of its inputs',
    );
  if (recipe.input && graph.inputs.length > 1)
    throw new FlintError(
      `the model has ${graph.inputs.length} inputs (${graph.inputs.join(', ')}), the recipe one image: ` +
        'calibrate it on a folder with a .npy file for each',
    );
  checkInput(graph, recipe);
  return { onnx, graph, given, input: recipe.input && inputQuantization(recipe.input) };
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
  aside: Int8Array[];
  sampledFrom?: number;
  remarks: string[];
  fixed: Map<string, Quantization>;
}> {
  if (input) {
    const images = await calibrationSet(recipe, input, progress);
    return { ...images, fixed: new Map([[graph.inputs[0], input]]) };
  }
  const { quantization, ...tensors } = calibrationTensors(recipe.calibration!, graph);
  return { ...tensors, fixed: quantization, aside: [], remarks: [] };
}

/** A float model: quantized, compared with itself in float, and quantized better where that fails. */
async function packFloat(model: OnnxModel, recipe: Recipe, progress: Progress): Promise<Packed> {
  const { onnx, graph } = model,
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
      remarks,
    });
  const packed = await make(recipe.quantization);
  return checked({ onnx, graph, fixed }, packed, { inputs, aside }, recipe, make);
}

/** A model that brings its own scales; images tell those that it leaves out. */
async function quantizedOwn(
  { onnx, graph, given, input }: OnnxModel,
  recipe: Recipe,
  { progress = silent, onOwnScales }: PackOptions,
): Promise<Quantized> {
  const model = { graph, scales: given },
    left = unscaled(model),
    isLeft = left.tensors.size > graph.inputs.length;
  onOwnScales?.(isLeft);
  if (!isLeft || !recipe.calibration) return { graph: await quantizeOwn(model), rounding: 'single' };
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
    remarks,
  };
}

/**
 * The stages from lowering on.
 * @throws FlintError when the recipe does not fit the graph, or the device has too little RAM
 */
export function finish(
  recipe: Recipe,
  { graph, rounding, golden, calibration, remarks = [] }: Quantized,
): Packed {
  checkInput(graph, recipe);
  checkLabels(graph, recipe);
  const { quantization } = graph.tensors.get(graph.inputs[0])!,
    preprocessing = recipe.input && preprocessingWords(recipe.input, quantization!);
  if (recipe.input) coverageProblem(coverageOf(recipe.input, quantization!), quantization!); // refuses what can tell nothing
  const lowered = lower(graph, { rounding: recipe.rounding ?? rounding, aim: recipe.optimize }),
    arena = planArena(lowered),
    serialized = serialize(lowered, arena, { labels: recipe.labels, preprocessing, golden }),
    file = withGolden(serialized);
  const words = new Int32Array(file.buffer),
    ramBytes = ramNeeded(words),
    interpretedRamBytes = ramNeeded(words, 'interpreted');
  if (recipe.ram !== undefined && ramBytes > recipe.ram)
    throw new FlintError(
      `the model needs ${ramBytes} bytes of RAM (${arena.arenaBytes} of them for its arena), ` +
        `the device has ${recipe.ram}: ` +
        'a smaller input image or fewer channels in its first layers take less',
    );
  const { parameterBytes } = serialized;
  return { file, lowered, arena, parameterBytes, ramBytes, interpretedRamBytes, calibration, remarks };
}

/** The image that the recipe makes must be what the model takes. */
function checkInput({ inputs, tensors }: Pick<IntGraph, 'inputs' | 'tensors'>, { input }: Recipe): void {
  if (!input) return;
  const { shape } = tensors.get(inputs[0])!,
    made = imageShape(input);
  if (shape.join() !== made.join())
    throw new FlintError(
      `the model's input is ${shape.slice(1).join(' x ')} (height x width x channels), ` +
        `the recipe's ${made.slice(1).join(' x ')}`,
    );
}

function checkLabels(graph: IntGraph, { labels }: Recipe): void {
  const { shape } = graph.tensors.get(graph.outputs[0])!,
    classes = shape[shape.length - 1];
  if (classes === 1 && labels.length > 1)
    throw new FlintError(
      `${labels.length} labels for one output; it takes one label, of what its value tells the probability`,
    );
  if (labels.length && labels.length !== classes)
    throw new FlintError(`${labels.length} labels for ${classes} classes`);
}
