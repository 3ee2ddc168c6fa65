/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import sharp from 'sharp';
import { FlintError } from '../../src/error';
import { PixelFormat } from '../../src/image';
import { load } from '../../src/model';
import { evaluate } from '../evaluate';
import { elements } from '../graph';
import { openImages, type Image, type ImageSet } from '../images';
import { describe } from '../model-file';
import { importOnnx } from '../onnx/import';
import { optimize } from '../optimize';
import { imageConverter, pack } from '../pack';
import { progressBar } from '../progress';
import { equalize } from '../quantize/equalize';
import { readRecipe, type DataSource } from '../recipe';
import { bars, confusion, histogram, memoryPlan } from '../report/charts';
import { compareLayers, type LayerComparison } from '../report/compare';
import { gallery, htmlTable, page, picture, type Section } from '../report/page';
import { percent } from '../table';
import { writeWhole } from '../write';

export interface ReportFlags {
  output?: string;
  labels?: string;
  limit?: number;
  bench?: string;
}

/** Images that layers are compared on, and changed ones that are shown. */
const COMPARED = 16, SHOWN = 24;

async function png({ pixels, width, height, format }: Image): Promise<Buffer> {
  const channels = format === PixelFormat.gray ? 1 : 3;
  return sharp(Buffer.from(pixels), { raw: { width, height, channels } }).png().toBuffer();
}

/** Instructions of each operator, out of what `npm run bench -- MODEL --json` printed. */
function instructionsOf(path: string): { names: string[]; values: number[]; about: string } {
  try {
    const [run] = JSON.parse(readFileSync(path, 'utf8')) as { engine: string; ram: number; operators: { name: string; instructions: number }[] }[];
    return {
      names: run.operators.map((o) => o.name), values: run.operators.map((o) => o.instructions / 1e6),
      about: `XS ${run.engine} in ${run.ram.toLocaleString('en')} bytes of RAM`,
    };
  } catch (error) {
    throw new FlintError(`${path}: not what npm run bench -- --json prints: ${(error as Error).message}`);
  }
}

/** Packs a model and writes a page about what quantization did to it. */
export async function reportCommand(path: string, data: string | undefined, flags: ReportFlags): Promise<void> {
  const recipe = readRecipe(path), source: DataSource | undefined = data ? { images: data, labels: flags.labels } : recipe.test,
    output = flags.output ?? 'report.html';
  if (!recipe.input) throw new FlintError(`${path}: a report needs a model that takes images`);
  if (!source) throw new FlintError('no images given to report on');
  const progress = progressBar(), packed = await pack(recipe, {}, progress), scalar = await pack(recipe, { kernels: 'scalar' }, progress),
    about = describe(load(packed.file.buffer)), sections: Section[] = [];
  const onnx = extname(recipe.source) === '.onnx' ? new Uint8Array(readFileSync(recipe.source)) : undefined,
    shape = scalar.graph.tensors.get(scalar.graph.inputs[0])!.shape;
  const images = openImages(source, recipe.labels), layers = onnx && (await comparison(onnx, images));
  // ONNX Runtime does not survive the end of threads that used it: nothing runs it after this.
  const result = await evaluate({ file: scalar.file.buffer, source, labels: recipe.labels, float: onnx && { onnx, shape }, limit: flags.limit ?? Infinity }, progress);
  const name = (i: number): string => recipe.labels[i] ?? String(i);

  sections.push({
    title: 'Accuracy', note: `${result.images.toLocaleString('en')} images of ${source.images}`,
    body: htmlTable(['', 'accuracy'], [
      ...(result.floatCorrect === undefined ? [] : [['float', percent(result.floatCorrect, result.images)]]), ['int8, on the device', percent(result.correct, result.images)],
      ...(result.agree === undefined ? [] : [['both decide alike', percent(result.agree, result.images)]]),
    ]) + htmlTable(['', 'bytes'], [['flash', about.fileBytes], ['flash on scalar kernels alone', packed.scalarBytes], ['RAM, for all that XS holds', about.ramBytes], ['of that, arena', about.arenaBytes]]),
  });
  sections.push({
    title: 'Confusion', note: 'True classes are rows, decisions columns. Right ones are green; the darker a mistake, the more frequent.',
    body: confusion(recipe.labels, result.confusion),
  });

  if (result.changed) {
    const shown = await Promise.all(result.changed.slice(0, SHOWN).map(async (v) => ({ picture: picture(await png(await images.image(v.index)), name(v.truth!)), caption: `${name(v.truth!)}: float ${name(v.float!)}, int8 ${name(v.int8)}` })));
    sections.push({
      title: 'Decisions that changed',
      note: `On ${result.changed.length.toLocaleString('en')} images float and int8 decide differently${result.changed.length > SHOWN ? `; the first ${SHOWN}` : ''}.`,
      body: gallery(shown),
    });
  }
  if (layers) {
    // A fall against the layer before tells which layer hurts.
    const falls = layers.map((l, i) => ({ ...l, fall: i ? layers[i - 1].sqnr - l.sqnr : 0 })).sort((a, b) => b.fall - a.fall).slice(0, 5);
    sections.push({
      title: 'Signal to quantization noise', note: 'In decibels, behind each layer: the more the better; 6 dB are one bit. Red: below 15 dB.',
      body: bars(layers.map((l) => l.name), [{ name: 'SQNR', values: layers.map((l) => l.sqnr), color: (i) => (layers[i].sqnr < 15 ? '#d9480f' : '#2b6cb0') }], 'dB'),
    });
    sections.push({
      title: 'Layers that hurt', note: 'Where the noise grows most, from one layer to the next.',
      body: htmlTable(['layer', 'operator', 'dB before', 'dB behind', 'lost'], falls.map((l) => [l.name, l.op, l.sqnr + l.fall, l.sqnr, l.fall])),
    });
    sections.push({
      title: 'Ranges', note: 'What values each layer gives in float (counts on a logarithmic scale), and between the dashed lines what int8 holds.',
      body: gallery(layers.map((l) => ({ picture: histogram(l), caption: l.name }))),
    });
  }
  sections.push({
    title: 'Memory plan',
    note: 'Each box is a tensor in the arena: from left to right the operators during which it lives, from bottom to top its addresses.',
    body: memoryPlan(about),
  });
  const steps = packed.steps.filter(({ parameterBytes }) => parameterBytes > 0);
  sections.push({
    title: 'Flash', note: 'Bytes of parameters.',
    body: bars(steps.map(({ node }) => node.name), [{ name: 'bytes', values: steps.map(({ parameterBytes }) => parameterBytes) }], 'bytes'),
  });
  const weighted = packed.steps.filter(({ node }) => 'parameters' in node),
    macs = weighted.map(({ node }) => ('parameters' in node ? (elements(packed.graph.tensors.get(node.output)!.shape) / node.parameters.bias.length) * node.parameters.weights.length : 0));
  sections.push({ title: 'Multiply-adds', body: bars(weighted.map(({ node }) => node.name), [{ name: 'multiply-adds', values: macs }], 'multiply-adds') });
  if (flags.bench) {
    if (!existsSync(flags.bench)) throw new FlintError(`${flags.bench}: there is no such file`);
    const { names, values, about } = instructionsOf(flags.bench);
    sections.push({
      title: 'Instructions', note: `Millions of RV32 instructions on the emulated core, ${about}. They are not cycles on a board.`,
      body: bars(names, [{ name: 'instructions', values }], 'million instructions'),
    });
  }

  async function comparison(onnx: Uint8Array, images: ImageSet): Promise<LayerComparison[]> {
    const graph = optimize(importOnnx(onnx, recipe.name)),
      convert = imageConverter(recipe.input!, scalar.graph.tensors.get(scalar.graph.inputs[0])!.quantization!), inputs: Int8Array[] = [],
      count = Math.min(COMPARED, images.length);
    for (let i = 0; i < count; i++) inputs.push(convert(await images.image(Math.floor((i * images.length) / count))));
    return compareLayers(onnx, graph, scalar.graph, scalar.file, inputs, recipe.quantization?.equalize ? equalize(graph).factors : undefined);
  }

  writeWhole(output, Buffer.from(page(`${recipe.name}: what quantization did`, sections)));
  console.log(`  written to   ${output}`);
}
