/// <reference types="node" />
import { existsSync, statSync } from 'node:fs';
import { FlintError } from '../../src/error';
import { evaluate, type FloatReference } from '../evaluate/evaluate';
import { describe, openModel } from '../file/describe';
import type { Flags } from '../recipe/flags';
import { readRecipe } from '../recipe/read';
import { labelledImages } from '../recipe/with-flags';
import { progressBar } from '../system/progress';
import { readBytes } from '../system/read';
import { percent, print, table } from '../system/terminal';

/** flint eval: accuracy of a packed model, and of the float model beside it. */
export async function evalCommand(
  path: string,
  data: string | undefined,
  flags: Flags['eval'],
): Promise<void> {
  const model = openModel(path),
    about = describe(model);
  if (!about.preprocessing)
    throw new FlintError(`${path}: the model takes no images; flint run --input-raw runs raw tensors`);
  // Without data, a model's folder says what it is tested on.
  const recipe = existsSync(path) && statSync(path).isDirectory() ? readRecipe(path) : undefined,
    source = labelledImages(data, flags.labels, recipe);
  const onnx = flags.float ?? (recipe?.source.endsWith('.onnx') ? recipe.source : undefined),
    input = about.tensors[about.inputs[0]];
  const float: FloatReference | undefined = onnx
    ? { onnx: readBytes(onnx, 'model'), shape: input.shape, scale: input.scale, zeroPoint: input.zeroPoint }
    : undefined;
  const start = Date.now(),
    file = model.words.buffer as ArrayBuffer,
    task = { file, source, labels: about.labels, float, limit: flags.limit ?? Infinity };
  const { images, correct, floatCorrect, agree, confusion } = await evaluate(task, progressBar());
  if (flags.confusion) {
    const name = (i: number): string => about.labels[i] ?? String(i);
    print(
      table(
        ['true \\ decided', ...confusion.map((_, i) => name(i))],
        confusion.map((row, i) => [name(i), ...row]),
      ),
    );
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  print(`int8   ${percent(correct, images)} of ${images} images, in ${seconds} s`);
  if (floatCorrect === undefined) return;
  const drop = ((100 * (floatCorrect - correct)) / images).toFixed(2);
  print(
    `float  ${percent(floatCorrect, images)}; int8 loses ${drop} points, agrees on ${percent(agree!, images)}`,
  );
}
