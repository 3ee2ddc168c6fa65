/// <reference types="node" />
import { existsSync, readFileSync, statSync } from 'node:fs';
import { FlintError } from '../../src/error';
import { evaluate } from '../evaluate';
import { describe, openModel } from '../model-file';
import { progressBar } from '../progress';
import { readRecipe, type DataSource } from '../recipe';
import { percent, table } from '../table';

export interface EvalFlags {
  labels?: string;
  float?: string;
  limit?: number;
  confusion?: boolean;
}

export async function evalCommand(path: string, data: string | undefined, flags: EvalFlags): Promise<void> {
  const model = openModel(path), about = describe(model);
  if (!about.recipe) throw new FlintError(`${path}: the model takes no images; flint run --input-raw runs raw tensors`);
  // Without data, a model's folder says what it is tested on.
  const recipe = existsSync(path) && statSync(path).isDirectory() ? readRecipe(path) : undefined;
  const source: DataSource | undefined = data ? { images: data, labels: flags.labels } : recipe?.test;
  if (!source) throw new FlintError('no images given to evaluate on');
  const onnx = flags.float ?? (recipe?.source.endsWith('.onnx') ? recipe.source : undefined), limit = flags.limit ?? Infinity;
  if (onnx && !existsSync(onnx)) throw new FlintError(`${onnx}: no such model`);
  const float = onnx ? { onnx: new Uint8Array(readFileSync(onnx)), shape: about.tensors[about.inputs[0]].shape } : undefined;
  const start = Date.now(),
    result = await evaluate({ file: model.bytes.buffer as ArrayBuffer, source, labels: about.labels, float, limit }, progressBar());
  if (flags.confusion) {
    const name = (i: number): string => about.labels[i] ?? String(i);
    console.log(table(['true \\ decided', ...result.confusion.map((_, i) => name(i))], result.confusion.map((row, i) => [name(i), ...row])));
  }
  console.log(`int8   ${percent(result.correct, result.images)} of ${result.images} images, in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  if (result.floatCorrect !== undefined) {
    const drop = (100 * (result.floatCorrect - result.correct)) / result.images;
    console.log(`float  ${percent(result.floatCorrect, result.images)}; int8 loses ${drop.toFixed(2)} points and agrees on ${percent(result.agree!, result.images)}`);
  }
}
