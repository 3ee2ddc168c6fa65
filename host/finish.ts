/** A quantized graph becomes a file: lowered, planned, serialized, and run once for its self-test. */
import { FlintError } from '../src/error';
import { ramNeeded } from '../src/ram';
import type { Check } from './check/check';
import { planArena } from './file/arena';
import { withGolden } from './file/golden';
import { lower } from './file/lower';
import type { PackedGraph } from './file/pack-graph';
import { serialize } from './file/serialize';
import type { IntGraph } from './graph';
import { coverageOf, coverageProblem } from './images/coverage';
import { preprocessingWords } from './images/preprocess';
import { checkInput, type OnnxModel } from './open';
import type { ImageInput, Recipe } from './recipe/read';

/** A packed model, and what it takes. */
export interface Packed extends PackedGraph {
  /** How images become its input: the recipe's, and the model's own normalization where that is in it, too. */
  image?: ImageInput;
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
  /** The .onnx model that it was made from, as it was opened; absent of a TFLite model. */
  origin?: Pick<OnnxModel, 'onnx' | 'graph'>;
  /** How well it agrees with the float model that it was made from. */
  check?: Check;
}

/** A quantized graph, and what the file says besides. */
export interface Quantized {
  graph: IntGraph;
  /** The rounding that such a model was made for. */
  rounding: 'double' | 'single';
  golden?: Int8Array;
  calibration?: Packed['calibration'];
  remarks?: string[];
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
  return {
    ...{ image: recipe.input, file, lowered, arena, parameterBytes },
    ...{ ramBytes, interpretedRamBytes, calibration, remarks },
  };
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
