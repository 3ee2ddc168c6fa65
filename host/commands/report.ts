/// <reference types="node" />
import { extname } from 'node:path';
import { FlintError } from '../../src/error';
import { load } from '../../src/model';
import { evaluate } from '../evaluate/evaluate';
import { describe } from '../file/describe';
import { imageConverter } from '../images/preprocess';
import { openImages, type ImageSet } from '../images/set';
import { openOnnx, pack, type Packed } from '../pack';
import { equalize } from '../quantize/equalize';
import type { Flags } from '../recipe/flags';
import { readRecipe, type Recipe } from '../recipe/read';
import { labelledImages } from '../recipe/with-flags';
import { compareLayers, type LayerComparison } from '../report/compare';
import { page, type Section } from '../report/html';
import * as sections from '../report/sections';
import { checkOutput, writeFile } from '../system/files';
import { progressBar } from '../system/progress';
import { readBytes } from '../system/read';
import { print } from '../system/terminal';
import { floatReference } from './pack';

/** Images that layers are compared on. */
const COMPARED = 16;

/** Instructions of each operator, out of what `npm run bench -- MODEL --json` printed. */
function instructionsOf(path: string): sections.Instructions {
  const text = new TextDecoder().decode(readBytes(path));
  try {
    const [run] = JSON.parse(text) as {
      engine: string;
      ram: number;
      operators: { name: string; instructions: number }[];
    }[];
    return {
      names: run.operators.map((o) => o.name),
      values: run.operators.map((o) => o.instructions / 1e6),
      about: `XS ${run.engine} in ${run.ram.toLocaleString('en')} bytes of RAM`,
    };
  } catch (error) {
    throw new FlintError(`${path}: not what npm run bench -- --json prints: ${(error as Error).message}`);
  }
}

/** The int8 model beside the float one on some of the images. */
async function comparison(recipe: Recipe, packed: Packed, images: ImageSet): Promise<LayerComparison[]> {
  const { onnx, graph } = await openOnnx(recipe),
    int = packed.lowered.graph,
    convert = imageConverter(recipe.input!, int.tensors.get(int.inputs[0])!.quantization!),
    count = Math.min(COMPARED, images.length),
    inputs: Int8Array[] = [];
  for (let i = 0; i < count; i++)
    inputs.push(convert(await images.image(Math.floor((i * images.length) / count))));
  const factors = recipe.quantization.equalize ? equalize(graph).factors : undefined;
  return compareLayers(onnx, graph, int, packed.file, inputs, factors);
}

/** flint report: packs a model and writes a page about what quantization did to it. */
export async function reportCommand(
  path: string,
  data: string | undefined,
  flags: Flags['report'],
): Promise<void> {
  const recipe = readRecipe(path),
    source = labelledImages(data, flags.labels, recipe),
    { output } = flags;
  if (!recipe.input) throw new FlintError(`${path}: a report needs a model that takes images`);
  checkOutput(output, [...recipe.inputs, source.images, source.labels, flags.bench]);
  const instructions = flags.bench ? instructionsOf(flags.bench) : undefined,
    images = openImages(source, recipe.labels),
    progress = progressBar(),
    packed = await pack(recipe, { progress }),
    about = describe(load(packed.file.buffer));
  const limit = flags.limit ?? Infinity,
    float = floatReference(recipe, packed),
    result = await evaluate(
      { file: packed.file.buffer, source, labels: recipe.labels, float, limit },
      progress,
    );

  const shown: Section[] = [
    sections.accuracySection(result, about, source.images),
    sections.confusionSection(recipe.labels, result),
  ];
  if (result.changed) shown.push(await sections.changedSection(result.changed, recipe.labels, images));
  if (extname(recipe.source) === '.onnx')
    shown.push(...sections.layerSections(await comparison(recipe, packed, images)));
  shown.push(...sections.sizeSections(packed, about));
  if (instructions) shown.push(sections.instructionsSection(instructions));
  writeFile(output, page(`${recipe.name}: what quantization did`, shown));
  print(`  written to   ${output}`);
}
