/** The packer as a library, and the device's runtime for Node. */
import type { Check } from './check/check';
import { isLayer } from './graph';
import { pack as packRecipe } from './pack';
import type { Recipe } from './recipe/read';
import type { Progress } from './system/progress';

export {
  evaluate,
  type Evaluation,
  type EvaluationTask,
  type FloatReference,
  type Verdict,
} from './evaluate/evaluate';
export { decibels, type Agreement } from './check/agreement';
export type { Check } from './check/check';
export type { Fault } from './check/fault';
export type { Recovery } from './check/recover';
export { describe, openModel, type Description, type TensorDescription } from './file/describe';
export type { DataSource } from './images/set';
export { readRecipe, type ImageInput, type Recipe } from './recipe/read';
export { readScheme, type Scheme, type WeightScheme } from './recipe/scheme';
export { progressBar, silent, type Progress } from './system/progress';
export { FlintError } from '../src/error';
export { PixelFormat, writeImage, type ImageTarget } from '../src/image';
export {
  dequantize,
  input,
  label,
  load,
  output,
  ramNeeded,
  run,
  runTraced,
  selfTest,
  topK,
  writeGoldenInput,
  type FileBuffer,
  type Model,
  type Score,
} from '../src/model';

export interface PackOptions {
  /** Told how long work goes on. */
  progress?: Progress;
}

/** A packed model, and what it takes of a device. */
export interface PackedModel {
  /** The model file. */
  file: Uint8Array<ArrayBuffer>;
  /** Bytes of the buffer that holds all activations. */
  arenaBytes: number;
  /** Bytes of everything that XS holds while the model runs, the arena among it. */
  ramBytes: number;
  /**
   * Images that calibration has seen, and of how many they are a sample. Absent where the model brings its
   * own scales.
   */
  calibration?: { images: number; sampledFrom?: number };
  /**
   * How well it agrees with the float model, and what was done where it did not; the scheme is the one that was
   * taken. Absent likewise.
   */
  check?: Check;
  /** What people should know of the calibration images. */
  remarks: string[];
  /** In the order in which they run. */
  operators: PackedOperator[];
}

export interface PackedOperator {
  operator: string;
  /** What the source model calls it. */
  name: string;
  /** Multiply-adds of one run. */
  macs: number;
  /** Bytes of the file for its weights, biases and tables. */
  parameterBytes: number;
  /** Bytes of the arena that it needs only while it runs. */
  scratchBytes: number;
}

/**
 * Packs a trained model.
 * @throws FlintError naming the model, and what in it cannot be packed
 */
export async function pack(recipe: Recipe, { progress }: PackOptions = {}): Promise<PackedModel> {
  const packed = await packRecipe(recipe, { progress }),
    { file, arena, ramBytes, calibration, check, remarks, lowered, parameterBytes } = packed;
  const operators = lowered.nodes.map(({ node, operator, work, scratchBytes = 0 }, i) => ({
    operator,
    name: node.name,
    macs: isLayer(node) ? work : 0,
    parameterBytes: parameterBytes[i],
    scratchBytes,
  }));
  return { file, arenaBytes: arena.arenaBytes, ramBytes, calibration, check, remarks, operators };
}
