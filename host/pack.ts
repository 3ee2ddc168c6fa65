/**
 * From a trained model to the file on the device, one way and each choice once:
 *
 *     import -> optimize -> quantize -> lower -> plan -> serialize -> golden run
 *
 * Each stage takes plain data and gives plain data.
 */
import { extname } from 'node:path';
import { FlintError } from '../src/error';
import { ramNeeded } from '../src/ram';
import { planArena } from './file/arena';
import { withGolden } from './file/golden';
import { lower } from './file/lower';
import type { PackedGraph } from './file/pack-graph';
import { serialize } from './file/serialize';
import type { FloatGraph, IntGraph, Quantization } from './graph';
import { calibrationSet } from './images/calibration';
import { imageShape, inputQuantization, preprocessingWords } from './images/preprocess';
import { importOnnx } from './import/onnx/import';
import { importTflite } from './import/tflite/import';
import { optimize } from './optimize/passes';
import { quantizeFloat } from './quantize/float';
import { quantize } from './quantize/quantize';
import type { Recipe } from './recipe/read';
import { readBytes } from './system/read';
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
}

/** A quantized graph, and what the file says besides. */
interface Quantized {
  graph: IntGraph;
  /** The rounding that such a model was made for. */
  rounding: 'double' | 'single';
  golden?: Int8Array;
  calibration?: Packed['calibration'];
}

/** Whom to tell while a model is packed. */
export interface PackOptions {
  /** Told how long work goes on. */
  progress?: Progress;
  /**
   * Called before any long work when an .onnx model turns out to bring its own integers; what it throws ends
   * the packing.
   */
  onOwnScales?: () => void;
}

/**
 * Packs a trained model.
 * @throws FlintError naming the file, and what in it cannot be packed
 */
export async function pack(recipe: Recipe, options: PackOptions = {}): Promise<Packed> {
  const quantized = await inFile(recipe.source, async () =>
    extname(recipe.source) === '.tflite'
      ? importQuantized(recipe)
      : quantizeOnnx(await openOnnx(recipe), recipe, options),
  );
  return inFile(recipe.source, () => finish(recipe, quantized));
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
  return { graph: importTflite(readBytes(recipe.source), recipe.name), rounding: 'double' };
}

/** An .onnx model, read, optimized and checked before any long work. */
export interface OnnxModel {
  onnx: Uint8Array;
  graph: FloatGraph;
  /** Scales that the model itself gives, by tensor; none in a float model. */
  given: Map<string, Quantization>;
  /** The input's scale and zero point. */
  input: Quantization;
}

/** @throws FlintError when the model cannot run, or the recipe lacks what it needs */
export async function openOnnx(recipe: Recipe): Promise<OnnxModel> {
  const onnx = readBytes(recipe.source),
    { given, ...imported } = importOnnx(onnx, recipe.name),
    graph = optimize(imported);
  if (!recipe.input)
    throw new FlintError(
      'a float model needs an image recipe: width, height, colour, mean and std of its input',
    );
  const ownScales = given.get(graph.inputs[0]);
  if (given.size && !ownScales) throw new FlintError('the model quantizes inside but not its input');
  if (!given.size && !recipe.calibration)
    throw new FlintError('a float model needs calibration images, a few hundred like those it will see');
  checkInput(graph, recipe);
  return { onnx, graph, given, input: ownScales ?? inputQuantization(recipe.input) };
}

async function quantizeOnnx(
  { onnx, graph, given, input }: OnnxModel,
  recipe: Recipe,
  { progress = silent, onOwnScales }: PackOptions,
): Promise<Quantized> {
  if (given.size) {
    onOwnScales?.();
    return { graph: await quantize(graph, new Map(), given), rounding: 'single' };
  }
  const images = await calibrationSet(recipe, input, progress);
  return {
    graph: await quantizeFloat(onnx, graph, images.inputs, input, recipe.quantization, progress),
    rounding: 'double',
    golden: images.golden,
    calibration: { images: images.inputs.length, sampledFrom: images.sampledFrom },
  };
}

/**
 * The stages from lowering on.
 * @throws FlintError when the recipe does not fit the graph, or the device has too little RAM
 */
export function finish(recipe: Recipe, { graph, rounding, golden, calibration }: Quantized): Packed {
  checkInput(graph, recipe);
  checkLabels(graph, recipe);
  const { quantization } = graph.tensors.get(graph.inputs[0])!,
    preprocessing = recipe.input && preprocessingWords(recipe.input, quantization!);
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
  return { file, lowered, arena, parameterBytes, ramBytes, interpretedRamBytes, calibration };
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
  if (labels.length && labels.length !== classes)
    throw new FlintError(`${labels.length} labels for ${classes} classes`);
}
