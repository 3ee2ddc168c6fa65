/// <reference types="node" />
/** From a trained model to the file on the device: import, optimize, calibrate, quantize, plan, serialize. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { FlintError } from '../src/error';
import { load } from '../src/model';
import { PixelFormat, writeImage } from '../src/image';
import type { FloatGraph, IntGraph, Quantization } from './graph';
import { openImages, type Image } from './images';
import { importOnnx } from './onnx/import';
import { optimize } from './optimize';
import { inputQuantization, recipeWords } from './preprocess';
import type { Progress } from './progress';
import { quantizeFloat } from './quantize/float';
import { quantize } from './quantize/quantize';
import { plain, type Scheme } from './quantize/scheme';
import type { DataSource, ImageInput, Recipe } from './recipe';
import { onLanes } from './lanes/choose';
import { settled } from './lanes/settle';
import { BASE_BYTES } from './lanes/memory';
import { withSparse, type Aim } from './sparse';
import { serialize, type FileOptions, type Serialized } from './serialize';
import { importTflite } from './tflite/import';

export interface PackOptions {
  /** double: as TensorFlow Lite Micro (the default); single: as ONNX Runtime. */
  rounding?: 'double' | 'single';
  /** lanes (the default): on BigInt lanes wherever that is faster; scalar: without any allocation. */
  kernels?: 'lanes' | 'scalar';
  /** Bytes of RAM on the device, for everything XS holds; by default what the recipe says, else as much as is of use. */
  ram?: number;
  /**
   * size: lanes only where weights keep their size or are few, zeros left out wherever that is smaller; speed: both wherever they are
   * faster, and narrow weights of convolutions on lanes as wide numbers; balance (the default): lanes wherever they are faster, zeros left out
   * where that is faster or halves a layer's flash.
   */
  optimize?: Aim;
  /** How a float model is quantized; by default what the recipe says, else plain int8. */
  scheme?: Scheme;
}

export interface Packed extends Serialized {
  graph: IntGraph;
  /** Of the file with scalar kernels only. */
  scalarBytes: number;
}

/** Puts the file's name in front of what is wrong with it. */
async function named<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FlintError) error.message = `${path}: ${error.message}`;
    throw error;
  }
}

/** The image input must be what the model takes. */
function checkInput(graph: { inputs: string[]; tensors: Map<string, { shape: number[] }> }, input: ImageInput, source: string): void {
  const { shape } = graph.tensors.get(graph.inputs[0])!, channels = input.color === 'gray' ? 1 : 3;
  if (shape.join() !== [1, input.height, input.width, channels].join())
    throw new FlintError(`${source}: the model's input is ${shape.slice(1).join(' x ')} (height x width x channels), the recipe's ${input.height} x ${input.width} x ${channels}`);
}

/** Strips as large as this are as fast as any. */
const AMPLE = 160 * 1024;

/**
 * Chooses kernels and makes the file.
 * @throws FlintError when not even scalar kernels run within the RAM
 */
function finish(quantized: IntGraph, options: PackOptions, file: FileOptions): Packed {
  const aim = options.optimize ?? 'balance', ram = options.ram ?? Infinity;
  const thin = withSparse(quantized, aim, false), scalar = serialize(thin, file), scalarBytes = scalar.file.length;
  if (options.kernels !== 'scalar') {
    const graph = withSparse(quantized, aim, true);
    const on = (budget: number): Packed => {
      const placed = onLanes(graph, { single: file.rounding === 'single', budget, aim });
      return { ...serialize(placed, file), graph: placed, scalarBytes };
    };
    // Half of what is left is for garbage, so that it is not collected all the time; all of it where nothing else fits.
    const smallest = on(0);
    if (smallest.ramBytes <= ram) {
      const left = options.ram === undefined ? AMPLE : ram - BASE_BYTES - smallest.arenaBytes;
      for (const share of [0.6, 0.8, 1]) {
        const packed = on(left * share);
        if (packed.ramBytes <= ram) return packed;
      }
      return smallest;
    }
  }
  const packed = { ...scalar, graph: thin, scalarBytes };
  if (packed.ramBytes > ram)
    throw new FlintError(`the model needs ${packed.ramBytes} bytes of RAM even on scalar kernels (arena ${packed.arenaBytes}), --ram allows ${ram}`);
  return packed;
}

/** Turns images into input tensors with the device's own code. */
export function imageConverter(input: ImageInput, quantization: Quantization): (image: Image) => Int8Array {
  const shape = [1, input.height, input.width, input.color === 'gray' ? 1 : 3], tensor = { shape, quantization, source: 'image' };
  // The smallest model there is: an image in, the same image out.
  const window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as never;
  const graph: IntGraph = {
    name: 'preprocessing', inputs: ['image'], outputs: ['copy'], tensors: new Map([['image', tensor], ['copy', { ...tensor, source: 'copy' }]]),
    nodes: [{ op: 'maxPool2d', name: 'copy', inputs: ['image'], output: 'copy', window, activation: 'none' }],
  };
  const model = load(serialize(graph, { rounding: 'double', labels: [], recipe: recipeWords(input, quantization) }).file.buffer);
  return ({ pixels, width, height, format }) => {
    writeImage(model, pixels, width, height, format);
    return model.inputs[0].slice();
  };
}

/** Calibration images as the model reads them, and the first one's int8. */
async function calibrationInputs(recipe: Recipe, source: DataSource, q: Quantization): Promise<{ inputs: Float32Array[]; first: Int8Array }> {
  const convert = imageConverter(recipe.input!, q), images = openImages(source, recipe.labels), inputs: Float32Array[] = [];
  let first: Int8Array | undefined;
  for (let i = 0; i < images.length; i++) {
    const values = convert(await images.image(i));
    first ??= values;
    inputs.push(Float32Array.from(values, (v) => q.scale * (v - q.zeroPoint)));
  }
  if (!first) throw new FlintError(`${source.images}: no calibration images`);
  return { inputs, first };
}

/** A float model and its calibration images, read and checked. */
export async function openFloat(recipe: Recipe): Promise<{ onnx: Uint8Array; graph: FloatGraph; given: Map<string, Quantization>; input: Quantization; images: () => Promise<{ inputs: Float32Array[]; first: Int8Array }> }> {
  const onnx = new Uint8Array(readFileSync(recipe.source)), imported = await named(recipe.source, () => importOnnx(onnx, recipe.name)),
    graph = optimize(imported), { input, calibration } = recipe;
  if (!input) throw new FlintError(`${recipe.source}: a float model needs an image recipe: width, height, colour, mean and std of its input`);
  if (!imported.given.size && !calibration)
    throw new FlintError(`${recipe.source}: a float model needs calibration images, a few hundred like those it will see`);
  checkInput(graph, input, recipe.source);
  const q = inputQuantization(input);
  return { onnx, graph, given: imported.given, input: q, images: () => calibrationInputs(recipe, calibration!, q) };
}

async function packOnnx(recipe: Recipe, options: PackOptions, progress: Progress): Promise<Packed> {
  const { onnx, graph, given, input, images } = await openFloat(recipe);
  if (given.size) return packQuantized(graph, given, recipe, options);
  const { inputs, first } = await images();
  return packFloat(recipe, await quantizeFloat(onnx, graph, inputs, input, options.scheme ?? recipe.quantization ?? plain, progress), input, first, options);
}

/** @param golden the first calibration image, which becomes the model's self-test */
export function packFloat(recipe: Recipe, graph: IntGraph, input: Quantization, golden: Int8Array, options: PackOptions): Packed {
  checkLabels(graph, recipe);
  const rounding = options.rounding ?? 'double';
  return finish(settled(graph, rounding === 'single'), { ...options, ram: options.ram ?? recipe.ram }, { rounding, labels: recipe.labels, recipe: recipeWords(recipe.input!, input), golden });
}

/** A model that came with scales of its own (QuantizeLinear and DequantizeLinear nodes): nothing is calibrated. */
async function packQuantized(graph: FloatGraph, given: Map<string, Quantization>, recipe: Recipe, options: PackOptions): Promise<Packed> {
  const input = recipe.input!, quantized = await named(recipe.source, () => quantize(graph, new Map(), given)), q = given.get(graph.inputs[0]);
  if (!q) throw new FlintError(`${recipe.source}: the model quantizes inside but not its input`);
  checkLabels(quantized, recipe);
  return finish(quantized, options, { rounding: options.rounding ?? 'single', labels: recipe.labels, recipe: recipeWords(input, q) });
}

async function packTflite(recipe: Recipe, options: PackOptions): Promise<Packed> {
  const rounding = options.rounding ?? 'double', bytes = new Uint8Array(readFileSync(recipe.source));
  const graph = await named(recipe.source, () => importTflite(bytes, recipe.name, rounding === 'single'));
  if (recipe.input) checkInput(graph, recipe.input, recipe.source);
  checkLabels(graph, recipe);
  const quantization = graph.tensors.get(graph.inputs[0])!.quantization!;
  const words = recipe.input && recipeWords(recipe.input, quantization);
  return named(recipe.source, () => finish(graph, options, { rounding, labels: recipe.labels, recipe: words }));
}

function checkLabels(graph: IntGraph, recipe: Recipe): void {
  const { shape } = graph.tensors.get(graph.outputs[0])!, classes = shape[shape.length - 1];
  if (recipe.labels.length && recipe.labels.length !== classes) throw new FlintError(`${recipe.source}: ${recipe.labels.length} labels for ${classes} classes`);
}

/**
 * Packs a trained model.
 * @throws FlintError naming the file, and what in it cannot be packed
 */
export async function pack(recipe: Recipe, options: PackOptions, progress: Progress): Promise<Packed> {
  const given = { ...options, ram: options.ram ?? recipe.ram };
  return extname(recipe.source) === '.tflite' ? packTflite(recipe, given) : packOnnx(recipe, given, progress);
}

/** A sample image for the device: what main.ts reads. @param label 255 when it is not known */
export function sampleFile(image: Image, label: number): Uint8Array {
  const header = [image.width & 255, image.width >> 8, image.height & 255, image.height >> 8, image.format, label, 0, 0];
  return Uint8Array.from([...header, ...image.pixels]);
}

export { PixelFormat };
