/// <reference types="node" />
import { extname } from 'node:path';
import { FlintError } from '../../src/error';
import { cached } from '../cache';
import { evaluate, hashOf } from '../evaluate';
import type { FloatGraph, IntGraph, Quantization } from '../graph';
import { openImages, type Image, type ImageSet } from '../images';
import { imageConverter, openFloat, packFloat, type Packed } from '../pack';
import { progressBar, silent, type Progress } from '../progress';
import { floatSession, runSession } from '../quantize/calibrate';
import { calibrateFloat, quantizeCalibrated } from '../quantize/float';
import { layerSchemes, plain, type Scheme, type WeightScheme } from '../quantize/scheme';
import { isLayer } from '../quantize/statistics';
import { readRecipe, type DataSource, type Recipe } from '../recipe';
import { pareto, search, type Candidate, type SearchTask } from '../search';
import { bytes, table } from '../table';
import { writeWhole } from '../write';

export interface QuantizeFlags {
  output?: string;
  search?: boolean;
  'max-drop'?: number;
  labels?: string;
  limit?: number;
}

/** Which scales suit GPTQ better differs from model to model (README, Quantization). */
const methods: Partial<WeightScheme>[] = [{ rounding: 'gptq', scales: 'max', biasCorrection: true }, { rounding: 'gptq', scales: 'mse', biasCorrection: true }];

export interface Found {
  scheme: Scheme;
  best: Candidate;
  /** Of the scheme: the best candidate's, or what layers quantized in sequence gained. */
  final: Pick<Candidate, 'accuracy' | 'flashBytes'>;
  candidates: Candidate[];
  floatAccuracy: number;
  layers: string[];
  images: number;
  pack(): Promise<Packed>;
}

/**
 * Searches the smallest model within an accuracy budget.
 * @param maxDrop points of accuracy that may be lost against the float model
 * @param limit of images that accuracy is measured on
 */
export async function searchRecipe(recipe: Recipe, source: DataSource, maxDrop: number, limit: number, progress: Progress): Promise<Found> {
  const { onnx, graph, given, input, images } = await openFloat(recipe), own = recipe.quantization ?? plain;
  if (given.size) throw new FlintError(`${recipe.source}: the model brings its own integers, there is nothing to search`);
  const { inputs, first } = await images(), calibrated = await calibrateFloat(onnx, graph, inputs, input, { ...own, rounding: 'gptq' }, progress),
    layers = graph.nodes.filter(isLayer).map(({ name }) => name);
  layerSchemes(own, graph.nodes.filter(isLayer));
  const scalar = { kernels: 'scalar', ram: Infinity, optimize: 'size' } as const, set = openImages(source, recipe.labels),
    count = Math.min(set.length, limit);
  const floatAccuracy = await cached(['float accuracy', onnx, input, recipe.input, hashOf(set, count)], () => floatShare(onnx, graph, imageConverter(recipe.input!, input), input, set, count));
  const measure = (int: IntGraph): ReturnType<SearchTask['measure']> => {
    const { file } = packFloat(recipe, int, input, first, scalar);
    return {
      flashBytes: file.length,
      accuracy: async () => { const { correct, images } = await evaluate({ file: file.buffer, source, labels: recipe.labels, limit }, silent); return correct / images; },
    };
  };
  let started = false;
  const { best, candidates } = await search({
    layers, scheme: own, methods, maxDrop: maxDrop / 100, floatAccuracy,
    quantize: (scheme) => quantizeCalibrated(calibrated, scheme, silent),
    measure,
    onMeasure(done, total) {
      if (!started) progress.start(total, 'searching');
      started = true;
      progress.update(done);
    },
  }).finally(() => progress.stop());
  const found = { ...own, ...best.method, bits: 8, asymmetric: false, sparsity: 0, layers: best.choice }, inSequence = { ...found, sequential: true };
  // Too long for each candidate; the best one gains by it most of the time.
  const again = measure(await quantizeCalibrated(calibrated, inSequence, progress)), accuracy = await again.accuracy(),
    better = accuracy > best.accuracy, scheme = better ? inSequence : found;
  return {
    scheme, best, final: better ? { accuracy, flashBytes: again.flashBytes } : best, candidates, floatAccuracy, layers, images: count,
    pack: async () => packFloat(recipe, await quantizeCalibrated(calibrated, scheme, progress), input, first, {}),
  };
}

/** The float model's share of right answers on the first images. It runs in this thread: ONNX Runtime does not survive the end of others that used it. */
async function floatShare(
  onnx: Uint8Array, { tensors, inputs: [name] }: FloatGraph, convert: (image: Image) => Int8Array, { scale, zeroPoint }: Quantization, set: ImageSet,
  count: number,
): Promise<number> {
  const session = await floatSession(onnx), { shape } = tensors.get(name)!;
  let right = 0;
  for (let i = 0; i < count; i++) {
    const results = await runSession(session, Float32Array.from(convert(await set.image(i)), (q) => scale * (q - zeroPoint)), shape),
      scores = results[session.outputNames[0]].data as Float32Array;
    if (scores.indexOf(Math.max(...scores)) === set.label(i)) right++;
  }
  return right / count;
}

/** A layer's weights in a table: bits, and the share of zeros. */
const short = ({ bits = 8, sparsity = 0 }: Partial<WeightScheme> = {}): string => (sparsity ? `${bits}/${100 * sparsity}%` : String(bits));

export async function quantizeCommand(path: string, data: string | undefined, flags: QuantizeFlags): Promise<void> {
  const recipe = readRecipe(path), source: DataSource | undefined = data ? { images: data, labels: flags.labels } : recipe.test,
    limit = flags.limit ?? 1000, maxDrop = Number(flags['max-drop'] ?? 0.5);
  if (!flags.search) throw new FlintError('quantize has --search only; flint pack quantizes with one scheme for all layers or the recipe\'s own');
  if (extname(recipe.source) !== '.onnx') throw new FlintError(`${recipe.source}: only a float .onnx model can be searched: others bring their own weights`);
  if (!(maxDrop >= 0)) throw new FlintError(`--max-drop ${flags['max-drop']}: points of accuracy, as in 0.5`);
  if (!source) throw new FlintError('no images given to measure accuracy on');
  const { scheme, best, final, candidates, floatAccuracy, layers, images, pack } = await searchRecipe(recipe, source, maxDrop, limit, progressBar()),
    front = pareto(candidates).sort((a, b) => b.flashBytes - a.flashBytes);
  console.log(`  float        ${(100 * floatAccuracy).toFixed(2)} % of ${images} images of ${source.images}`);
  console.log(table(['flash, scalar', 'accuracy %', 'lost', 'bits/zeros', ''], front.map((c) => [
    c.flashBytes, (100 * c.accuracy).toFixed(2), (100 * (floatAccuracy - c.accuracy)).toFixed(2), layers.map((name) => short(c.choice[name])).join(' '), c === best ? 'packed' : c.kept ? '' : 'loses too much',
  ])));
  if (floatAccuracy - best.accuracy > maxDrop / 100) console.log(`  int8 alone loses more than ${maxDrop} points: no layer was narrowed`);
  if (final !== best)
    console.log(`  in sequence  ${final.flashBytes} bytes, ${(100 * final.accuracy).toFixed(2)} %, ${(100 * (floatAccuracy - final.accuracy)).toFixed(2)} points lost`);
  const packed = await pack(), output = flags.output ?? recipe.output;
  writeWhole(output, packed.file);
  const special = Object.fromEntries(Object.entries(scheme).filter(([key, value]) => value !== plain[key as keyof Scheme]));
  console.log(`  flash        ${bytes(packed.file.length)}; ${bytes(packed.scalarBytes)} on scalar kernels alone\n  recipe       "quantization": ${JSON.stringify(special)}\n  written to   ${output}`);
}
