/// <reference types="node" />
import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { evaluate, type FloatReference } from '../evaluate/evaluate';
import { elements, isLayer } from '../graph';
import { openImages } from '../images/set';
import { sampleFile } from '../images/sample';
import { pack, type Packed } from '../pack';
import type { Flags } from '../recipe/flags';
import { readRecipe, type Recipe } from '../recipe/read';
import { refuseQuantization, withFlags } from '../recipe/with-flags';
import { checkOutput, writeFiles, type FileToWrite } from '../system/files';
import { progressBar } from '../system/progress';
import { readBytes } from '../system/read';
import { bytes, percent, print, table } from '../system/terminal';

/** Lines of `key   text` as the command prints them. */
const line = (key: string, text: string): void => print(`  ${key.padEnd(12)} ${text}`);

function layerTable({ lowered, parameterBytes }: Packed): string {
  const rows = lowered.nodes.map(({ node, operator, work, scratchBytes = 0 }, i) => {
    const { shape } = lowered.graph.tensors.get(node.output)!,
      outputs = shape.slice(1).join(' x ') || '1',
      parameters = isLayer(node) ? node.parameters.weights.length + node.parameters.bias.length : 0,
      macs = isLayer(node) ? work : 0;
    return [
      i,
      operator,
      node.name,
      outputs,
      parameters,
      macs,
      parameterBytes[i],
      elements(shape),
      scratchBytes,
    ];
  });
  const sum = (column: number): number => rows.reduce((total, row) => total + (row[column] as number), 0);
  rows.push(['', 'total', '', '', sum(4), sum(5), sum(6), '', '']);
  return table(
    ['', 'operator', 'name', 'output', 'parameters', 'MACs', 'flash bytes', 'activation', 'scratch'],
    rows,
  );
}

/** The float model that accuracy is compared with, and how its input is read. */
export function floatReference(recipe: Recipe, { lowered: { graph } }: Packed): FloatReference | undefined {
  if (extname(recipe.source) !== '.onnx') return undefined;
  const { shape, quantization } = graph.tensors.get(graph.inputs[0])!;
  return { onnx: readBytes(recipe.source), shape, ...quantization! };
}

/** The sample images for the device, as files beside the model. */
async function sampleFiles(recipe: Recipe, folder: string): Promise<FileToWrite[]> {
  if (!recipe.samples) return [];
  const samples = openImages({ images: recipe.samples }, recipe.labels);
  return Promise.all(
    Array.from({ length: samples.length }, async (_, i) => ({
      path: join(folder, `sample${i}.image`),
      data: sampleFile(await samples.image(i), samples.label(i)),
    })),
  );
}

/** flint pack: packs, tells what the device will need, and writes all files or none. */
export async function packCommand(path: string, flags: Flags['pack']): Promise<void> {
  const given = readRecipe(path),
    recipe = withFlags(given, flags),
    { output } = recipe;
  checkOutput(output, recipe.inputs);
  const progress = progressBar(),
    packed = await pack(recipe, { progress, onOwnScales: () => refuseQuantization(given, flags) }),
    { arenaBytes, lowerBound } = packed.arena,
    samples = await sampleFiles(recipe, dirname(output));
  print(layerTable(packed));
  const over = (100 * (arenaBytes / lowerBound - 1)).toFixed(1);
  print('');
  line(
    'arena',
    `${bytes(arenaBytes)} of RAM; no plan needs less than ${bytes(lowerBound)} (${over} % above)`,
  );
  line('RAM', `${bytes(packed.ramBytes)} for all that XS holds on a 32-bit device, the arena included`);
  line('', `(${bytes(packed.interpretedRamBytes)} where kernels are interpreted)`);
  line('flash', bytes(packed.file.length));
  if (recipe.input) {
    const { width, height, color, mean, std, resize, fit } = recipe.input;
    line(
      'image',
      `${width} x ${height} ${color}, (pixel - ${mean.join('/')}) / ${std.join('/')}, ${fit}, ${resize}`,
    );
  } else
    line(
      'image',
      'none: the model takes raw int8 tensors; --input-size, --mean and --std would tell how it sees images',
    );
  if (packed.calibration) {
    const { images, sampledFrom } = packed.calibration;
    const sample = sampledFrom ? `, a random sample of ${sampledFrom.toLocaleString('en')}` : '';
    line('calibration', `${images} images${sample}`);
  }
  writeFiles([{ path: output, data: packed.file }, ...samples]);
  if (samples.length) line('samples', `${samples.length} images beside it, for the device`);
  const next = join(dirname(output), `sample${samples.length}.image`);
  if (existsSync(next))
    line('samples', `${next} is not of this pack, but the app will show it and those after it: remove them`);
  if (recipe.test && flags.eval) await printAccuracy(recipe, packed, flags.limit ?? Infinity);
  line('written to', output);
}

async function printAccuracy(recipe: Recipe, packed: Packed, limit: number): Promise<void> {
  const source = recipe.test!;
  if (!existsSync(source.images)) return line('accuracy', `not measured: ${source.images} is not there`);
  const float = floatReference(recipe, packed),
    task = { file: packed.file.buffer, source, labels: recipe.labels, float, limit };
  const { images, correct, floatCorrect, agree } = await evaluate(task, progressBar());
  const against =
    floatCorrect === undefined
      ? ''
      : `, float ${percent(floatCorrect, images)}; they agree on ${percent(agree!, images)}`;
  line('accuracy', `int8 ${percent(correct, images)}${against} (${images} images)`);
}
