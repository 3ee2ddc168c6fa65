/** Models as people have them: read and checked, before any long work. */
import { FlintError } from '../src/error';
import type { FloatGraph, IntGraph, Quantization } from './graph';
import { imageShape, inputQuantization } from './images/preprocess';
import { sampleShape } from './images/tensors';
import { modelFormat } from './import/format';
import { importOnnx } from './import/onnx/import';
import { imageSizeOf, openImage, type ImageSize } from './import/onnx/inputs';
import { readOnnxFile } from './import/onnx/prepare';
import { parseOnnx } from './import/onnx/read';
import { valuesIn } from './import/onnx/runtime';
import { importTflite } from './import/tflite/import';
import { behindNormalization, withNormalization } from './normalization';
import { optimize } from './optimize/passes';
import { separated, withInputs } from './quantize/own/quantize';
import type { Recipe } from './recipe/read';
import { readBytes } from './system/read';

/** Puts the file's name in front of what is wrong with it. */
export async function inFile<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FlintError && !error.message.startsWith(path))
      error.message = `${path}: ${error.message}`;
    throw error;
  }
}

/** An .onnx model, read, optimized and checked before any long work. */
export interface OnnxModel {
  onnx: Uint8Array;
  graph: FloatGraph;
  /** Scales that the model itself gives, by tensor; none in a float model. */
  given: Map<string, Quantization>;
  /** The image input's scale and zero point; absent for a model that takes no image. */
  input?: Quantization;
  /** The recipe with the normalization in it that the model itself began with, and here no longer does. */
  recipe: Recipe;
  /** What was changed of it that people should know. */
  remarks: string[];
}

/** The recipe's .onnx file, whole, its sizes fixed. */
function onnxOf({ source, input }: Recipe): Uint8Array {
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
      const { given, remarks: _, ...graph } = importOnnx(readOnnxFile(path, image, 'model'), name);
      return { graph, scales: given, isFloat: !given.size };
    }
    const graph = importTflite(readBytes(path, 'model'), name);
    const scales = new Map([...graph.tensors].map(([name, { quantization }]) => [name, quantization!]));
    return { graph, scales, isFloat: false };
  });

/**
 * A model, as it is compared with a file: from the value on that the file takes, which is one inside where the
 * normalization before it is in the file's recipe.
 * @param input of the file
 * @throws FlintError naming the model
 */
export const sourceOf = (path: string, input: { name: string; shape: number[] }): Promise<Uint8Array> =>
  inFile(path, () => {
    const onnx = readOnnxFile(path, imageSizeOf(input.shape), 'model');
    if (!valuesIn(onnx).has(input.name)) return onnx;
    const begun = behindNormalization(onnx, importOnnx(onnx, ''));
    return begun?.input === input.name ? begun.onnx : onnx;
  });

/** Such a model as a graph. @throws FlintError naming it */
export const graphOf = (path: string, name: string, onnx: Uint8Array): Promise<FloatGraph> =>
  inFile(path, () => {
    const { given: _, remarks: __, ...imported } = importOnnx(onnx, name);
    return optimize(imported);
  });

/** @throws FlintError when the model cannot run, or the recipe lacks what it needs */
export async function openOnnx(recipe: Recipe): Promise<OnnxModel> {
  const onnx = onnxOf(recipe),
    { given, remarks, ...imported } = importOnnx(onnx, recipe.name);
  if (given.size) {
    const apart = separated(imported, given),
      graph = optimize(apart.graph, true),
      scales = withInputs(graph, apart.scales, recipe.input && inputQuantization(recipe.input));
    checkInput(graph, recipe);
    return { onnx, graph, given: scales, input: scales.get(graph.inputs[0]), recipe, remarks };
  }
  const graph = optimize(imported);
  if (!recipe.calibration)
    throw new FlintError(
      recipe.input
        ? 'a float model needs calibration images, a few hundred like those it will see'
        : takesImage(graph)
          ? 'a float model needs an image recipe (--input-size WIDTHxHEIGHT, colour, mean and std of its input) ' +
            'and calibration images; or, if its input is no image, --calibration with a .npy file of it'
          : 'a float model needs calibration: --calibration FILE.npy with a few hundred samples of its input, ' +
            'or a folder with such a file for each input: ' +
            graph.inputs
              .map((name) => `${name} [n, ${sampleShape(graph.tensors.get(name)!).join(', ')}]`)
              .join(', '),
    );
  if (recipe.input && graph.inputs.length > 1)
    throw new FlintError(
      `the model has ${graph.inputs.length} inputs (${graph.inputs.join(', ')}), the recipe one image: ` +
        'calibrate it on a folder with a .npy file for each',
    );
  checkInput(graph, recipe);
  return normalized(
    { onnx, graph, given, input: recipe.input && inputQuantization(recipe.input), recipe, remarks },
    imported,
  );
}

/** The model without the normalization it begins with, where the image recipe can do that. */
function normalized(model: OnnxModel, imported: FloatGraph): OnnxModel {
  const { input } = model.recipe,
    begun = input && behindNormalization(model.onnx, imported),
    image = begun && withNormalization(input, begun);
  if (!image) return model;
  const { given, remarks, ...behind } = importOnnx(begun.onnx, imported.name);
  return {
    ...{ onnx: begun.onnx, graph: optimize(behind), given },
    ...{ input: inputQuantization(image), recipe: { ...model.recipe, input: image }, remarks },
  };
}

/** The one image that a model takes and whose size it leaves open. @throws FlintError naming the file */
export const openImageOf = (path: string): Promise<ReturnType<typeof openImage>> =>
  inFile(path, () =>
    modelFormat(path) === 'onnx' ? openImage(parseOnnx(readBytes(path, 'model')).graph!) : undefined,
  );

/** The image that the recipe makes must be what the model takes. */
export function checkInput(
  { inputs, tensors }: Pick<IntGraph, 'inputs' | 'tensors'>,
  { input }: Recipe,
): void {
  if (!input) return;
  const { shape } = tensors.get(inputs[0])!,
    made = imageShape(input);
  if (shape.join() !== made.join())
    throw new FlintError(
      `the model's input is ${shape.slice(1).join(' x ')} (height x width x channels), ` +
        `the recipe's ${made.slice(1).join(' x ')}`,
    );
}

/** Whether a model takes one image, gray or of three colours. */
export function takesImage({ inputs, tensors }: Pick<IntGraph, 'inputs' | 'tensors'>): boolean {
  const { shape } = tensors.get(inputs[0])!;
  return inputs.length === 1 && shape.length === 4 && [1, 3].includes(shape[3]);
}
