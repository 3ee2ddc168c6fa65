/** The packer as a library, and the device's runtime for Node. */
export { evaluate, type Evaluation, type EvaluationTask, type FloatReference, type Verdict } from './evaluate/evaluate';
export { describe, openModel, type Description, type TensorDescription } from './file/describe';
export type { DataSource } from './images/set';
export { pack, type Packed, type PackOptions } from './pack';
export { readRecipe, type Recipe } from './recipe/read';
export type { ImageInput } from './recipe/schema';
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
