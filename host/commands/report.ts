/// <reference types="node" />
import { extname } from 'node:path';
import { FlintError } from '../../src/error';
import { load } from '../../src/model';
import { evaluate, type FloatReference } from '../evaluate/evaluate';
import { describe, openModel, type Description } from '../file/describe';
import { openImages, type ImageSet } from '../images/set';
import type { Packed } from '../finish';
import { graphOf, sourceOf } from '../open';
import { pack } from '../pack';
import { equalize, limited } from '../quantize/equalize';
import type { FloatGraph, IntGraph } from '../graph';
import type { Flags } from '../recipe/flags';
import { labelRemarks } from '../recipe/labels';
import { readRecipe, type Recipe } from '../recipe/read';
import { schemeWords } from '../recipe/scheme';
import { labelledImages, refuseForFile, withOptions } from '../recipe/with-flags';
import { compareLayers, type LayerComparison } from '../report/compare';
import { fileGraph } from '../report/file-graph';
import { page, type Section } from '../report/html';
import * as sections from '../report/sections';
import { checkOutput, writeFile } from '../system/files';
import { progressBar } from '../system/progress';
import { readBytes } from '../system/read';
import { packageVersion } from '../system/version';
import { keyLine, print, warn } from '../system/terminal';
import { writeImage } from '../../src/image';
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

/** What a report is about: a recipe that was packed for it, or a file that was there. */
interface Subject {
  name: string;
  file: Uint8Array<ArrayBuffer>;
  about: Description;
  labels: string[];
  float?: FloatReference;
  /** The int8 graph behind the file. */
  int: IntGraph;
  /** Widths of the weights, and what else the scheme says. */
  weights: string;
  scheme: string;
  remarks: string[];
  packed?: Packed;
}

/** All of a scheme that is not plain, in words of model.json. */
const schemeText = (recipe: Recipe, packed: Packed): string => {
  const scheme = packed.check?.scheme ?? recipe.quantization,
    { layers, ...common } = scheme,
    own = Object.entries(common).map(([key, value]) => `${key} ${value}`),
    special = Object.keys(layers).length;
  return `${own.join(', ')}${special ? `, ${special} layers of their own` : ''}; ${packed.lowered.single ? 'single' : 'double'} rounding`;
};

async function packedSubject(recipe: Recipe): Promise<Subject> {
  const packed = await pack(recipe, { progress: progressBar() });
  return {
    name: recipe.name,
    file: packed.file,
    about: describe(load(packed.file.buffer)),
    labels: recipe.labels,
    float: floatReference(packed),
    int: packed.lowered.graph,
    weights: schemeWords(packed.check?.scheme ?? recipe.quantization),
    scheme: schemeText(recipe, packed),
    remarks: packed.remarks,
    packed,
  };
}

/** A .flint file. @param onnx the float model that it was made from, where that is known */
async function fileSubject(path: string, onnx: string | undefined): Promise<Subject> {
  const about = describe(openModel(path)),
    input = about.tensors[about.inputs[0]],
    { scale, zeroPoint } = input;
  return {
    name: about.name,
    file: readBytes(path),
    about,
    labels: about.labels,
    float: onnx ? { onnx: await sourceOf(onnx, input), scale, zeroPoint } : undefined,
    int: fileGraph(about),
    weights: 'packed',
    scheme: `the file as it is; ${about.rounding} rounding`,
    remarks: [],
  };
}

/** The int8 model beside the float one on some of the images. */
async function comparison(
  { file, int, packed }: Subject,
  { onnx, graph }: { onnx: Uint8Array; graph: FloatGraph },
  images: ImageSet,
): Promise<LayerComparison[]> {
  const model = load(file.buffer),
    count = Math.min(COMPARED, images.length),
    inputs: Int8Array[] = [];
  for (let i = 0; i < count; i++) {
    const { pixels, width, height, format } = await images.image(Math.floor((i * images.length) / count));
    writeImage(model, pixels, width, height, format);
    inputs.push(model.inputs[0].slice());
  }
  const compare = (float: FloatGraph): Promise<LayerComparison[]> =>
    compareLayers(onnx, float, int, file, inputs);
  if (packed) return compare(graph);
  // A file does not say whether its channels were equalized; its values do.
  const both = [await compare(graph), await compare(equalize(graph))],
    sum = (layers: LayerComparison[]): number => layers.reduce((all, { sqnr }) => all + sqnr, 0);
  return sum(both[1]) > sum(both[0]) ? both[1] : both[0];
}

/** Below so many decibels a layer is worth a word. */
const NOISY = 20;

/** A file does not say by what factors channels were equalized through ReLU6: those follow from its calibration. */
function factorRemarks(path: string, graph: FloatGraph, layers: LayerComparison[]): string[] {
  const names = limited(graph),
    isNoisy = layers.some(({ output, sqnr }) => names.includes(output) && sqnr < NOISY);
  return isNoisy
    ? [
        `${path}: if it was packed with --recover equalize, its layers with ReLU6 are better than shown here; ` +
          'flint report MODEL, with the float model and its calibration images, shows them as they are',
      ]
    : [];
}

/** flint report: a page about what quantization did to a model that is packed for it, or was before. */
export async function reportCommand(
  path: string,
  data: string | undefined,
  flags: Flags['report'],
): Promise<void> {
  const { output, bench, float: floatPath, ...options } = flags,
    isFile = extname(path) === '.flint';
  if (isFile) refuseForFile(options);
  if (!isFile && floatPath)
    throw new FlintError('--float goes with a .flint file: MODEL is the float model itself');
  const { recipe, labels } = isFile
    ? { recipe: undefined, labels: flags.labels }
    : withOptions(readRecipe(path), options);
  if (recipe && !recipe.input)
    throw new FlintError(
      `${path}: a report needs a model that takes images; --input-size tells how large they are`,
    );
  const source = labelledImages(data, labels, recipe);
  checkOutput(output, [...(recipe?.inputs ?? [path]), floatPath, source.images, source.labels, bench]);
  const instructions = bench ? instructionsOf(bench) : undefined,
    subject = recipe ? await packedSubject(recipe) : await fileSubject(path, floatPath),
    { about, file, float, weights } = subject;
  if (!about.preprocessing) throw new FlintError(`${path}: a report needs a model that takes images`);
  const images = openImages(source, subject.labels),
    result = await evaluate(
      { file: file.buffer, source, labels: subject.labels, float, limit: flags.limit ?? Infinity },
      progressBar(),
    ),
    names = result.order ?? subject.labels;

  const shown: Section[] = [
    sections.accuracySection(result, about, source.images, weights),
    sections.confusionSection(names, result),
  ];
  if (result.changed) shown.push(await sections.changedSection(result, names, images));
  const onnx = floatPath
    ? { onnx: float!.onnx, graph: await graphOf(floatPath, about.name, float!.onnx) }
    : subject.packed?.origin;
  if (onnx) {
    const layers = await comparison(subject, onnx, images);
    if (!layers.length)
      throw new FlintError(
        `${floatPath}: it has none of the tensors of ${path}, which was made from another model`,
      );
    shown.push(...sections.layerSections(layers));
    if (!recipe) subject.remarks.push(...factorRemarks(path, onnx.graph, layers));
  }
  shown.push(sections.memorySection(about));
  if (subject.packed) shown.push(...sections.sizeSections(subject.packed));
  if (instructions) shown.push(sections.instructionsSection(instructions));
  const date = new Date().toISOString().slice(0, 10),
    lead = [
      `${date}, flint ${packageVersion()}. Scheme: ${subject.scheme}.`,
      sections.summary(result, about, weights),
    ];
  if (subject.packed?.check?.recovery)
    lead.push(`Plain quantization failed; it was recovered with ${subject.packed.check.recovery.remedy}.`);
  writeFile(output, page(`${subject.name}: what quantization did`, lead, shown));
  print(keyLine('written to', output));
  [...labelRemarks(subject.labels), ...subject.remarks, ...result.remarks].forEach(warn);
}
