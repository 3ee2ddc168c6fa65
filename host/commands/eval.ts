/// <reference types="node" />
import { existsSync, statSync } from 'node:fs';
import { FlintError } from '../../src/error';
import { answerOf, answerWords } from '../evaluate/answer';
import { dropOf } from '../evaluate/error';
import { evaluate, type FloatReference } from '../evaluate/evaluate';
import { describe, openModel } from '../file/describe';
import { modelFormat } from '../import/format';
import { sourceOf } from '../open';
import type { Flags } from '../recipe/flags';
import { labelRemarks } from '../recipe/labels';
import { readRecipe } from '../recipe/read';
import { labelledImages } from '../recipe/with-flags';
import { progressBar } from '../system/progress';
import { json, lineWidth, percent, print, table, warn } from '../system/terminal';

/** The matrix where it fits, else the mistakes that are made most. */
function confusionText(confusion: number[][], name: (i: number) => string): string {
  const whole = table(
    ['true \\ decided', ...confusion.map((_, i) => name(i))],
    confusion.map((row, i) => [name(i), ...row]),
  );
  if (Math.max(...whole.split('\n').map((line) => line.length)) <= lineWidth()) return whole;
  const mistakes = confusion
    .flatMap((row, truth) => row.map((count, decided) => ({ truth, decided, count })))
    .filter(({ truth, decided, count }) => count && truth !== decided)
    .sort((a, b) => b.count - a.count)
    .slice(0, 20);
  return table(
    ['true', 'decided', 'images'],
    mistakes.map(({ truth, decided, count }) => [name(truth), name(decided), count]),
  );
}

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
  const onnx = flags.float ?? (recipe && modelFormat(recipe.source) === 'onnx' ? recipe.source : undefined),
    input = about.tensors[about.inputs[0]],
    { shape, ...quantization } = about.tensors[about.outputs[0]],
    answer = answerOf(shape, quantization);
  const float: FloatReference | undefined = onnx
    ? { onnx: await sourceOf(onnx, input), scale: input.scale, zeroPoint: input.zeroPoint }
    : undefined;
  const start = Date.now(),
    file = model.words.buffer as ArrayBuffer,
    task = { file, source, labels: about.labels, float, limit: flags.limit ?? Infinity },
    result = await evaluate(task, progressBar()),
    { images, correct, floatCorrect, agree, confusion, order, remarks } = result,
    seconds = (Date.now() - start) / 1000,
    warnings = [...labelRemarks(about.labels), ...remarks],
    drop = result.changed && dropOf(result);
  if (flags.json)
    print(
      json(
        {
          model: path,
          ...{ images, correct, reference: result.reference, floatCorrect, agree, drop, seconds, answer },
          classes: order,
          ...{ confusion, warnings },
        },
        2,
      ),
    );
  else {
    if (flags.confusion) print(confusionText(confusion, (i) => order?.[i] ?? about.labels[i] ?? String(i)));
    if (answer.kind === 'binary') print(`answer ${answerWords(answer)}`);
    if (order) print(`classes in the order of the folders, for the model has no labels: ${order.join(', ')}`);
    print(`packed ${percent(correct, images)} of ${images} images, in ${seconds.toFixed(1)} s`);
    if (drop)
      print(
        `${result.reference!.padEnd(6)} ${percent(floatCorrect!, images)}; packed loses ${drop.points.toFixed(2)} ` +
          `(±${drop.error.toFixed(2)}) points, agrees on ${percent(agree!, images)}`,
      );
  }
  warnings.forEach(warn);
}
