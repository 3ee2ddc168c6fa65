/// <reference types="node" />
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { evaluate, type FloatReference } from '../evaluate/evaluate';
import { manifestFile, manifestPath } from '../fit/manifest';
import { creationOf } from '../fit/split';
import { openImages } from '../images/set';
import { sampleFile, samplePath } from '../images/sample';
import type { Packed } from '../finish';
import { pack } from '../pack';
import type { Flags } from '../recipe/flags';
import { labelRemarks } from '../recipe/labels';
import { readRecipe, type Recipe } from '../recipe/read';
import { refuseQuantization, withFlags } from '../recipe/with-flags';
import { checkOutput, writeFiles, type FileToWrite } from '../system/files';
import { progressBar } from '../system/progress';
import { json, print, warn } from '../system/terminal';
import { agreementWarning, packDocument, packText, type Accuracy } from './pack-document';

/** The float model that accuracy is compared with, and how its input is read. */
export function floatReference({ origin, lowered: { graph } }: Packed): FloatReference | undefined {
  const { quantization } = graph.tensors.get(graph.inputs[0])!;
  return origin && { onnx: origin.onnx, ...quantization! };
}

/** The sample images for the device, as files beside the model. */
async function sampleFiles(recipe: Recipe, folder: string): Promise<FileToWrite[]> {
  if (!recipe.samples) return [];
  const samples = openImages({ images: recipe.samples }, recipe.labels);
  return Promise.all(
    Array.from({ length: samples.length }, async (_, i) => ({
      path: samplePath(folder, i),
      data: sampleFile(await samples.image(i), samples.label(i)),
    })),
  );
}

/** What of the image was taken without anybody having said so. */
function assumedOf(given: Recipe, flags: Flags['pack'], { input }: Recipe): string[] {
  if (given.input || !input) return [];
  const { color, mean, std, fit, resize } = input;
  const all = { color, mean: mean[0], std: std[0], fit, resize };
  return Object.entries(all).flatMap(([key, value]) =>
    flags[key as keyof typeof all] === undefined ? [`--${key} ${value}`] : [],
  );
}

/** Accuracy on the recipe's test images, or why it was not measured. */
async function accuracyOf(recipe: Recipe, packed: Packed, limit: number): Promise<Accuracy | string> {
  const source = recipe.test!;
  if (!existsSync(source.images)) return `accuracy is not measured: ${source.images} is not there`;
  const float = floatReference(packed),
    task = { file: packed.file.buffer, source, labels: recipe.labels, float, limit };
  const { changed: _changed, confusion: _confusion, ...accuracy } = await evaluate(task, progressBar());
  return accuracy;
}

/** flint pack: packs, tells what the device will need, and writes all files or none. */
export async function packCommand(path: string, flags: Flags['pack']): Promise<void> {
  const given = readRecipe(path),
    recipe = withFlags(given, flags),
    { output } = recipe;
  checkOutput(output, recipe.inputs);
  const isFile = !existsSync(output) || statSync(output).isFile();
  if (isFile) checkOutput(manifestPath(output), recipe.inputs);
  const progress = progressBar(),
    packed = await pack(recipe, {
      progress,
      onOwnScales: (partly) => refuseQuantization(given, flags, partly),
    }),
    samples = await sampleFiles(recipe, dirname(output)),
    about = packDocument(recipe, packed, assumedOf(given, flags, recipe), samples.length),
    files = [{ path: output, data: packed.file }, ...samples],
    creation = creationOf(packed.ramBytes, 'compiled');
  if (isFile) {
    const paths = samples.map(({ path }) => path),
      manifest = manifestFile(output, paths, creation);
    files.push(manifest);
    about.manifest = manifest.path;
  }
  about.warnings.push(...labelRemarks(recipe.labels), ...packed.remarks);
  if (about.imageProblem) about.warnings.push(about.imageProblem);
  if (about.agreement?.bad) about.warnings.push(agreementWarning(about.agreement));
  writeFiles(files);
  if (recipe.test && flags.eval) {
    const accuracy = await accuracyOf(recipe, packed, flags.limit ?? Infinity);
    if (typeof accuracy === 'string') about.warnings.push(accuracy);
    else {
      about.accuracy = accuracy;
      about.warnings.push(...accuracy.remarks);
    }
  }
  print(flags.json ? json(about, 2) : packText(about));
  about.warnings.forEach(warn);
}
