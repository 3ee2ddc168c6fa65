/// <reference types="node" />
/**
 * npm run schemes [-- MODEL...] [--only TEXT] [--limit N] [--json]: accuracy, flash, RAM and instructions of
 * every model at hand under many quantization schemes, on the full test sets. Accuracy is the integer
 * engine's own, on its scalar kernels; RAM and instructions are those of the file for the board. Results are
 * kept until the code, the model or the scheme changes.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../../host/system/cache';
import { searchRecipe } from '../../host/search/run';
import { floatReference } from '../../host/commands/pack';
import { evaluate } from '../../host/evaluate/evaluate';
import { pack } from '../../host/pack';
import { progressBar } from '../../host/system/progress';
import { readScheme } from '../../host/recipe/scheme';
import { readRecipe, type Recipe } from '../../host/recipe/read';
import { table } from '../../host/system/terminal';
import { writeFile } from '../../host/system/files';
import { packageRoot } from '../../host/system/version';
import { NoEmulatorError } from '../mcu/cores';
import { measure as onCore } from '../mcu/measure';

const best = { rounding: 'gptq', scales: 'mse', biasCorrection: true },
  pruned = { rounding: 'gptq', biasCorrection: true };
const schemes: Record<string, Record<string, unknown>> = {
  'int8, min-max': {},
  'int8, percentile': { calibration: 'percentile' },
  'int8, entropy': { calibration: 'entropy' },
  'int8, MSE': { calibration: 'mse' },
  'int8, per-tensor': { perTensor: true },
  'int8, per-tensor, equalized': { perTensor: true, equalize: true },
  'int8, power-of-two activations': { activations: 'power-of-two' },
  'int4, plain': { bits: 4 },
  'int4, MSE scales': { bits: 4, scales: 'mse' },
  'int4, GPTQ + bias': { bits: 4, ...pruned },
  'int4, GPTQ + MSE + bias': { bits: 4, ...best },
  'int4, asymmetric, GPTQ + MSE + bias': { bits: 4, asymmetric: true, ...best },
  'int4, the same in sequence': { bits: 4, ...best, sequential: true },
  'int3, in sequence': { bits: 3, ...best, sequential: true },
  'ternary, GPTQ + MSE + bias': { bits: 2, ...best },
  'ternary, in sequence': { bits: 2, ...best, sequential: true },
  'mixed, found by search': {},
  'pruned 50 %, smallest weights': { sparsity: 0.5 },
  'pruned 50 %, GPTQ + bias': { sparsity: 0.5, ...pruned },
  'pruned 50 % of all, GPTQ + bias': { sparsity: 0.5, scope: 'global', ...pruned },
  'pruned 50 % of all, in sequence': { sparsity: 0.5, scope: 'global', ...pruned, sequential: true },
  'pruned 80 % of all, GPTQ + bias': { sparsity: 0.8, scope: 'global', ...pruned },
  'pruned 80 % of all, in sequence': { sparsity: 0.8, scope: 'global', ...pruned, sequential: true },
  'pruned 80 % of all, int4, in sequence': {
    sparsity: 0.8,
    scope: 'global',
    bits: 4,
    ...best,
    sequential: true,
  },
  'channels 25 %, smallest filters': { sparsity: 0.25, pruning: 'channels' },
  'channels 25 %, GPTQ + bias': { sparsity: 0.25, pruning: 'channels', ...pruned },
  'channels 25 % of all, GPTQ + bias': { sparsity: 0.25, pruning: 'channels', scope: 'global', ...pruned },
};
/** It was pruned before: little is to be done about it. */
const PRUNED = 'seed-pruned80',
  BEST = 'int4, GPTQ + MSE + bias';

/** Searched on the first 1,000 test images. */
const SEARCHED = 'mixed, found by search',
  SEARCH_IMAGES = 1000,
  MAX_DROP = 0.5;

const root = packageRoot(),
  flags = process.argv.slice(2),
  value = (name: string): string | undefined =>
    flags.includes(name) ? flags[flags.indexOf(name) + 1] : undefined;
const limit = Number(value('--limit') ?? Infinity),
  only = value('--only'),
  given = flags.filter(
    (flag, i) => !flag.startsWith('--') && !['--limit', '--only', '--one'].includes(flags[i - 1]),
  );

/**
 * The shipped models, and those at hand that take seed's images: ResNet-8, and seed trained with 80 % of its
 * weights pruned.
 */
function recipes(): Recipe[] {
  const shipped = ['fashion', 'seed'].map((name) => readRecipe(join(root, 'models', name))),
    at = (file: string): string => join(root, '../shared/models/onnx', file);
  const others = [
    { ...shipped[1], name: 'resnet8', source: at('resnet8_b.onnx') },
    { ...shipped[1], name: PRUNED, source: at('seed_pruned80.onnx') },
  ];
  return [...shipped, ...others.filter(({ source }) => existsSync(source))].filter(({ name, test }) => {
    if (given.length && !given.includes(name)) return false;
    if (!test || !existsSync(test.images))
      return (console.error(`skipped: ${name}: its test images are not there (${test?.images})`), false);
    return true;
  });
}

interface Result {
  model: string;
  scheme: string;
  images: number;
  accuracy: number;
  floatAccuracy?: number;
  flash: number;
  ramBytes: number;
  /** Per inference, on the emulated core in the recipe's RAM; absent without an emulator. */
  instructions?: number;
}

async function measure(recipe: Recipe, name: string): Promise<Result> {
  const progress = progressBar(),
    source = recipe.test!,
    limits = { maxDrop: MAX_DROP, limit: SEARCH_IMAGES };
  const scheme =
      name === SEARCHED
        ? (await searchRecipe(recipe, source, limits, progress)).scheme
        : readScheme(schemes[name], name),
    own: Recipe = { ...recipe, quantization: scheme, recover: 'none', ram: undefined },
    packed = await pack(own, { progress });
  const float = name === first ? floatReference(packed) : undefined,
    result = await evaluate(
      { file: packed.file.buffer, source, labels: recipe.labels, float, limit },
      progress,
    );
  const path = join(root, 'node_modules/.cache/flint/schemes', `${recipe.name}.${process.pid}.flint`);
  writeFile(path, packed.file);
  const { instructions } = await onCore({ name, file: path }, '-O2', packed.ramBytes)
    .catch((error) => {
      if (error instanceof NoEmulatorError) return { instructions: undefined };
      throw error;
    })
    .finally(() => rmSync(path));
  return {
    instructions,
    model: recipe.name,
    scheme: name,
    images: result.images,
    accuracy: result.correct / result.images,
    floatAccuracy: float && result.floatCorrect! / result.images,
    flash: packed.file.length,
    ramBytes: packed.ramBytes,
  };
}

const script = fileURLToPath(import.meta.url);

/** Each in a process of its own: ONNX Runtime does not survive the end of threads that used it. */
const measured = (recipe: Recipe, name: string): Promise<Result> =>
  cached(
    [
      'scheme',
      readFileSync(script),
      readFileSync(recipe.source),
      JSON.stringify([recipe, schemes[name], name, String(limit)]),
    ],
    () => {
      const text = execFileSync(
        process.execPath,
        [script, recipe.name, '--one', name, ...(limit === Infinity ? [] : ['--limit', String(limit)])],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
      );
      return JSON.parse(text) as Result;
    },
  );

const first = Object.keys(schemes)[0],
  one = value('--one');
if (one) console.log(JSON.stringify(await measure(recipes()[0], one)));
else {
  const results: Result[] = [],
    share = (n: number): string => (100 * n).toFixed(2);
  for (const recipe of recipes())
    for (const name of recipe.name === PRUNED ? [first, BEST] : Object.keys(schemes))
      if (!only || name.includes(only)) results.push(await measured(recipe, name));
  if (flags.includes('--json')) console.log(JSON.stringify(results, null, 1));
  else
    console.log(
      table(
        ['model', 'scheme', 'accuracy %', 'flash', 'RAM', 'M instructions'],
        results.flatMap((r): (string | number)[][] => [
          ...(r.floatAccuracy === undefined ? [] : [[r.model, 'float', share(r.floatAccuracy), '', '', '']]),
          [
            r.model,
            r.scheme,
            share(r.accuracy),
            r.flash,
            r.ramBytes,
            r.instructions ? (r.instructions / 1e6).toFixed(1) : '',
          ],
        ]),
      ),
    );
}
