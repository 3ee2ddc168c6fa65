/** The packer as a library, and the device's runtime for Node. */
export { evaluate } from './evaluate';
export { describe, openModel } from './model-file';
export { pack, type PackOptions, type Packed } from './pack';
export { readRecipe, type Recipe } from './recipe';
export { FlintError } from '../src/error';
export { PixelFormat, writeImage } from '../src/image';
export { dequantize, input, label, load, output, run, runTraced, selfTest, topK, type Model, type Score } from '../src/model';
