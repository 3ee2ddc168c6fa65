/// <reference types="node" />
/** What a command line changes in a recipe, and which of its options would change nothing. */
import { resolve } from 'node:path';
import { FlintError } from '../../src/error';
import { isIdx } from '../images/idx';
import { modelFormat } from '../import/format';
import type { Flags } from './flags';
import { readLabels, type ImageInput, type Recipe } from './read';
import { ImageInputSchema } from './schema';
import { readScheme, type Scheme } from './scheme';
import { parse } from './values';

type PackFlags = Flags['pack'];

const where = 'with these options';

const imageFlags = ['mean', 'std', 'color', 'resize', 'fit'] as const;
const schemeFlags = ['bits', 'asymmetric', 'per-tensor', 'activations', 'calibrate', 'recover'] as const;
const pruningFlags = ['prune', 'scope'] as const;

/**
 * Lays the options of flint pack over a recipe.
 * @throws FlintError for options that have no effect, and naming the setting when options do not go together
 */
export function withFlags(recipe: Recipe, flags: PackFlags): Recipe {
  refuseIdle(recipe, flags);
  return {
    ...recipe,
    labels: flags.labels ? readLabels(flags.labels) : recipe.labels,
    input: inputWith(recipe.input, flags),
    calibration: flags.calibration ? { images: resolve(flags.calibration) } : recipe.calibration,
    ram: flags.ram ?? recipe.ram,
    optimize: flags.optimize ?? recipe.optimize,
    rounding: flags.rounding ?? recipe.rounding,
    recover: recoverWith(recipe, flags),
    quantization: schemeWith(recipe.quantization, flags),
    output: flags.output ?? recipe.output,
    inputs: [...recipe.inputs, flags.labels, flags.calibration].filter((file) => file !== undefined),
  };
}

function inputWith(input: ImageInput | undefined, flags: PackFlags): ImageInput | undefined {
  const size = flags['input-size'] ?? input;
  if (!size) return undefined;
  const { width, height } = size;
  // One number for all channels goes with every color.
  const single = (list?: number[]) => (list?.every((value) => value === list[0]) ? list[0] : list);
  return parse(
    ImageInputSchema,
    {
      width,
      height,
      color: flags.color ?? input?.color,
      mean: flags.mean ?? single(input?.mean),
      std: flags.std ?? single(input?.std),
      resize: flags.resize ?? input?.resize,
      fit: flags.fit ?? input?.fit,
    },
    where,
  );
}

/** Ways that are named are the user's choice: nothing else is tried. */
function recoverWith({ recover }: Recipe, flags: PackFlags): Recipe['recover'] {
  if (!flags.recover) return recover;
  return flags.recover.includes('auto') ? 'auto' : 'none';
}

function schemeWith(scheme: Scheme, flags: PackFlags): Scheme {
  const recover: readonly string[] = flags.recover ?? [];
  return readScheme(
    {
      bits: flags.bits ?? scheme.bits,
      asymmetric: flags.asymmetric ?? scheme.asymmetric,
      perTensor: flags['per-tensor'] ?? scheme.perTensor,
      scales: recover.includes('mse') ? 'mse' : scheme.scales,
      rounding: recover.includes('gptq') ? 'gptq' : scheme.rounding,
      biasCorrection: recover.includes('bias') || scheme.biasCorrection,
      sparsity: flags.sparsity ?? scheme.sparsity,
      activations: flags.activations ?? scheme.activations,
      calibration: flags.calibrate ?? scheme.calibration,
      pruning: flags.prune ?? scheme.pruning,
      scope: flags.scope ?? scheme.scope,
      equalize: recover.includes('equalize') || scheme.equalize,
      sequential: recover.includes('sequential') || scheme.sequential,
      layers: scheme.layers,
    } satisfies Scheme,
    where,
  );
}

/**
 * Refuses options of flint pack that change nothing with this model.
 * @throws FlintError naming them, and why
 */
export function refuseIdle(recipe: Recipe, flags: PackFlags): void {
  if (modelFormat(recipe.source) === 'tflite') refuseQuantization(recipe, flags);
  if (!recipe.input && !flags['input-size'])
    refuse(flags, imageFlags, 'without --input-size WIDTHxHEIGHT: the model is not known to take images');
  const { sparsity, layers } = recipe.quantization;
  const shares = [flags.sparsity ?? sparsity, ...Object.values(layers).map((layer) => layer.sparsity ?? 0)];
  if (Math.max(...shares) === 0) refuse(flags, pruningFlags, 'without --sparsity, the share to take out');
  if (!flags.eval) refuse(flags, ['limit'], 'with --no-eval');
  if (!recipe.test) refuse(flags, ['limit'], 'without "test" images in a model.json to measure accuracy on');
}

/**
 * Refuses options that tell how a float model is quantized, for a model that comes quantized.
 * @param partly whether operators of it were left in float, whose ranges calibration images would tell
 * @throws FlintError naming them
 */
export function refuseQuantization(recipe: Recipe, flags: PackFlags, partly = false): void {
  const idle = ['calibration', ...schemeFlags, 'sparsity', ...pruningFlags] as const,
    useful: readonly string[] = partly ? ['calibration', 'calibrate'] : [];
  refuse(
    flags,
    idle.filter((name) => !useful.includes(name)),
    `on ${recipe.source}: the model brings its own int8 weights and scales`,
  );
}

function refuse(flags: PackFlags, names: readonly (keyof PackFlags)[], why: string): void {
  const idle = names.filter((name) => flags[name] !== undefined).map((name) => `--${name}`);
  if (idle.length)
    throw new FlintError(`${idle.join(', ')} ${idle.length > 1 ? 'have' : 'has'} no effect ${why}`);
}

/** Refuses options of flint report that tell how a model is packed, for a file that is packed already. */
export function refuseForFile(flags: Omit<Partial<PackFlags>, 'output'>): void {
  const { labels: _labels, limit: _limit, ...making } = flags;
  refuse(
    making as PackFlags,
    Object.keys(making) as (keyof PackFlags)[],
    'on a .flint file, which is packed',
  );
}

/** Whether a file of labels holds the classes of images: those of text hold names of classes. */
const isArray = (path: string): boolean => isIdx(path) || path.endsWith('.npy');

/**
 * Lays the options of flint search and flint report over a recipe: those of pack, but for --labels, which may
 * also be the classes of the images, and for where the model is written.
 * @returns the recipe, and the option --labels where it belongs to the images
 */
export function withOptions(
  recipe: Recipe,
  flags: Omit<Partial<PackFlags>, 'output'>,
): { recipe: Recipe; labels?: string } {
  const ofImages = flags.labels && isArray(flags.labels) ? flags.labels : undefined,
    { labels, limit: _limit, ...options } = flags,
    own = { ...options, labels: ofImages ? undefined : labels, eval: true, json: false, output: undefined };
  return { recipe: withFlags(recipe, own as PackFlags), labels: ofImages };
}

/**
 * The labelled images that a command works on: those on the command line, else those that the recipe names.
 * @param data the images that follow the model on the command line
 * @param labels the option --labels, which belongs to them
 * @throws FlintError without either, or for labels without images
 */
export function labelledImages(
  data: string | undefined,
  labels: string | undefined,
  recipe?: Recipe,
): NonNullable<Recipe['test']> {
  if (data) return { images: data, labels };
  if (labels) throw new FlintError('--labels has no effect without images behind the model');
  if (!recipe?.test)
    throw new FlintError('no images given; they follow the model, or its model.json names them as "test"');
  return recipe.test;
}
