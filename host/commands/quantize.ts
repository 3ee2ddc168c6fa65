/// <reference types="node" />
import { extname } from 'node:path';
import { FlintError } from '../../src/error';
import { evaluate } from '../evaluate';
import { calibrateFloat, openFloat, packFloat, quantizeCalibrated } from '../pack';
import { progressBar, silent } from '../progress';
import { layerSchemes, plain } from '../quantize/scheme';
import { isLayer } from '../quantize/statistics';
import { readRecipe, type DataSource } from '../recipe';
import { pareto, search } from '../search';
import { bytes, table } from '../table';
import { writeWhole } from '../write';

export interface QuantizeFlags {
  output?: string;
  search?: boolean;
  'max-drop'?: number;
  labels?: string;
  limit?: number;
}

/** Searches the smallest model within an accuracy budget, and packs it. */
export async function quantizeCommand(path: string, data: string | undefined, flags: QuantizeFlags): Promise<void> {
  const recipe = readRecipe(path), source: DataSource | undefined = data ? { images: data, labels: flags.labels } : recipe.test, limit = flags.limit ?? 1000, maxDrop = flags['max-drop'] ?? 0.5;
  if (!flags.search) throw new FlintError('quantize has --search only; flint pack quantizes with one scheme for all layers or the recipe\'s own');
  if (extname(recipe.source) !== '.onnx') throw new FlintError(`${recipe.source}: only a float .onnx model can be searched: others bring their own weights`);
  if (!(Number(maxDrop) >= 0)) throw new FlintError(`--max-drop ${maxDrop}: points of accuracy, as in 0.5`);
  if (!source) throw new FlintError('no images given to measure accuracy on');
  const progress = progressBar(), { onnx, graph, given, input, images } = await openFloat(recipe);
  if (given.size) throw new FlintError(`${recipe.source}: the model brings its own integers, there is nothing to search`);
  const { inputs, first } = await images(), scheme = recipe.quantization ?? { ...plain, scales: 'mse' as const, rounding: 'gptq' as const, biasCorrection: true };
  const calibrated = await calibrateFloat(onnx, graph, inputs, input, { ...scheme, rounding: 'gptq' }, progress), layers = graph.nodes.filter(isLayer);
  layerSchemes(scheme, layers);
  const shape = graph.tensors.get(graph.inputs[0])!.shape, file = packFloat(recipe, await quantizeCalibrated(calibrated, scheme, progress), input, first, { kernels: 'scalar', ram: Infinity }).file;
  const float = await evaluate({ file: file.buffer, source, labels: recipe.labels, float: { onnx, shape }, limit }, progress), floatAccuracy = float.floatCorrect! / float.images;
  console.log(`  float        ${(100 * floatAccuracy).toFixed(2)} % of ${float.images} images of ${source.images}`);
  let started = false;
  const candidates = await search({
    layers: layers.map((node) => node.name), scheme, maxDrop: maxDrop / 100, floatAccuracy,
    quantize: (own) => quantizeCalibrated(calibrated, own, silent),
    async measure(int) {
      const { file } = packFloat(recipe, int, input, first, { kernels: 'scalar', ram: Infinity }), { correct, images } = await evaluate({ file: file.buffer, source, labels: recipe.labels, limit }, silent);
      return { accuracy: correct / images, flashBytes: file.length };
    },
    onMeasure(done, total) {
      if (!started) progress.start(total, 'searching');
      started = true;
      progress.update(done);
    },
  }).finally(() => progress.stop());
  const best = candidates.filter((c) => c.kept).at(-1)!, front = pareto(candidates).sort((a, b) => b.flashBytes - a.flashBytes);
  console.log(table(['flash, scalar', 'accuracy %', 'lost', 'widths', ''], front.map((c) => [
    c.flashBytes, (100 * c.accuracy).toFixed(2), (100 * (floatAccuracy - c.accuracy)).toFixed(2), layers.map((node) => c.bits[node.name]).join(' '), c === best ? 'packed' : c.kept ? '' : 'loses too much',
  ])));
  if (floatAccuracy - best.accuracy > maxDrop / 100) console.log(`  int8 alone loses more than ${maxDrop} points: no layer was narrowed`);
  const settings = Object.fromEntries(Object.entries(best.bits).filter(([, width]) => width !== 8).map(([name, bits]) => [name, { bits }]));
  const packed = packFloat(recipe, await quantizeCalibrated(calibrated, { ...scheme, layers: settings }, progress), input, first, {}), output = flags.output ?? recipe.output;
  writeWhole(output, packed.file);
  const { bits: _, ...common } = { ...scheme, layers: settings };
  console.log(`  flash        ${bytes(packed.file.length)}; ${bytes(packed.scalarBytes)} on scalar kernels alone\n  recipe       "quantization": ${JSON.stringify(common)}\n  written to   ${output}`);
}
