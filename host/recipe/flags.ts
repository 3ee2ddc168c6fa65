/** The options of every command: what each takes, its defaults, and what is said of anything else. */
import * as v from 'valibot';
import { FlintError } from '../../src/error';
import { nearest } from './nearest';
import { imageSettings, modelSettings } from './schema';
import { schemeSettings, weightSettings } from './scheme';
import { boardNames } from '../fit/boards';
import { bytes, file, given, number, numbers, on, onOff, size, words } from './option';
import { count, wholeNumber } from './values';

const recoveries = ['auto', 'none', 'gptq', 'mse', 'bias', 'equalize', 'sequential'] as const;
const recovery = v.pipe(
  given,
  v.transform((text) => text.split(',')),
  v.array(
    v.picklist(
      recoveries,
      `should be auto, none, or one of ${recoveries.slice(2).join(', ')} or several with commas`,
    ),
  ),
  v.check(
    (list) => list.length === 1 || !list.some((name) => name === 'auto' || name === 'none'),
    'takes auto or none alone',
  ),
);

const points = 'should be a number of points from 0 to 100 as in 0.5';
const drop = v.pipe(v.number(points), v.minValue(0, points), v.maxValue(100, points));
const limit = v.optional(number(count));

const modelNumber = v.optional(number(wholeNumber(0, 2 ** 32 - 1)));

/** How images become the input of a model. */
const image = {
  'input-size': v.optional(size),
  color: words(imageSettings.color.wrapped),
  mean: v.optional(numbers(imageSettings.mean.wrapped)),
  std: v.optional(numbers(imageSettings.std.wrapped)),
  resize: words(imageSettings.resize.wrapped),
  fit: words(imageSettings.fit.wrapped),
};

/** What a recipe says besides, whatever its weights become. */
const making = {
  ...image,
  rounding: words(modelSettings.rounding.wrapped),
  ram: v.optional(bytes),
  optimize: words(modelSettings.optimize.wrapped),
  calibration: file,
  'per-tensor': v.optional(onOff),
  activations: words(schemeSettings.activations.wrapped),
  calibrate: words(schemeSettings.calibration.wrapped),
};

/** How narrow weights become, and what is done about it. */
const narrowing = {
  bits: v.optional(number(weightSettings.bits)),
  asymmetric: v.optional(onOff),
  recover: v.optional(recovery),
  sparsity: v.optional(number(weightSettings.sparsity)),
  prune: words(schemeSettings.pruning.wrapped),
  scope: words(schemeSettings.scope.wrapped),
};

const commands = {
  pack: v.strictObject({
    ...making,
    ...narrowing,
    output: file,
    labels: file,
    eval: v.optional(onOff, true),
    limit,
    json: on,
  }),
  run: v.strictObject({
    top: v.optional(number(count), 1),
    'input-raw': file,
    'output-raw': file,
    trace: on,
    json: on,
  }),
  eval: v.strictObject({ labels: file, float: file, limit, confusion: on, json: on }),
  search: v.strictObject({
    ...making,
    'max-drop': v.optional(number(drop), 0.5),
    labels: file,
    limit: v.optional(number(count), 1000),
    output: file,
    save: on,
    json: on,
  }),
  report: v.strictObject({
    ...making,
    ...narrowing,
    output: v.optional(given, 'report.html'),
    labels: file,
    limit,
    bench: file,
    float: file,
  }),
  init: v.strictObject({ ...image, output: file, labels: file, calibration: file, test: file, force: on }),
  fit: v.strictObject({
    board: v.optional(v.pipe(given, v.picklist(boardNames, `should be one of ${boardNames.join(', ')}`))),
    wifi: on,
    json: on,
  }),
  mod: v.strictObject({ output: file }),
  flash: v.strictObject({ output: file, port: file, partitions: file, number: modelNumber, run: on }),
  sign: v.pipe(
    v.strictObject({ output: file, key: file, 'new-key': on, number: modelNumber }),
    v.check((flags) => !!flags.key, '--key is needed: the file of the key; with --new-key it is made'),
  ),
  inspect: v.strictObject({ json: on }),
  validate: v.pipe(
    v.strictObject({ 'input-raw': file, against: file, json: on }),
    v.check(
      (flags) => !flags.against || !!flags['input-raw'],
      '--against needs --input-raw, whose outputs it holds',
    ),
    v.check(
      (flags) => !flags['input-raw'] || !!flags.against,
      '--input-raw needs --against, the outputs to compare',
    ),
  ),
};

export type Command = keyof typeof commands;
export type Flags = { [C in Command]: v.InferOutput<(typeof commands)[C]> };

/**
 * Checks a command's options and fills in defaults.
 * @param raw as sade and mri parse them: true without a value, a list when repeated, further arguments as `_`
 * @throws FlintError naming the option, its value, and what it takes
 */
export function readFlags<C extends Command>(command: C, raw: Record<string, unknown>): Flags[C] {
  const { _: further, o: _alias, ...options } = raw;
  if (command !== 'run' && Array.isArray(further) && further.length)
    throw new FlintError(`flint ${command} does not know what to do with ${further.join(' ')}`);
  const result = v.safeParse(commands[command], options, { abortPipeEarly: true });
  if (!result.success) throw new FlintError(complaint(command, options, result.issues[0]));
  return result.output as Flags[C];
}

const nameOf = (key: string): string => (key === 'output' ? '-o' : key.length === 1 ? `-${key}` : `--${key}`);

/** What is said of an option that a command does not have. @param option with its hyphens */
export function unknownOption(command: string, option: string): string {
  const known = Object.keys(commands[command as Command]?.entries ?? {});
  const meant = nearest(option, known);
  const hint = meant ? `is ${nameOf(meant)} meant?` : `flint ${command} --help tells what there is`;
  return `${option} is unknown to flint ${command}; ${hint}`;
}

function complaint(command: Command, options: Record<string, unknown>, issue: v.BaseIssue<unknown>): string {
  if (!issue.path) return issue.message;
  const key = String(issue.path[0].key);
  if (issue.expected === 'never') return unknownOption(command, nameOf(key));
  // Files and options share their settings; of a file's key the message says what it should be.
  const needed = /^should be (.*)/.exec(issue.message)?.[1];
  return needed ? `${nameOf(key)} ${options[key]}: ${needed} is needed` : `${nameOf(key)} ${issue.message}`;
}

/** What mri should know: which options take no value, and that values are not to be turned into numbers. */
export function parsing(): { boolean: string[]; string: string[] } {
  const options = Object.values(commands).flatMap(({ entries }) => Object.entries(entries));
  const names = (takesValue: boolean): string[] => {
    const some = options.filter(([, { wrapped }]) => (wrapped.type !== 'boolean') === takesValue);
    return [...new Set(some.map(([name]) => name))];
  };
  return { boolean: names(false), string: names(true) };
}

/** Joins an option and its negative value (--mean -1) to one (--mean=-1): mri would take -1 for an option. */
export function joinNegatives(argv: string[]): string[] {
  const isNegative = (i: number): boolean => /^--[a-z-]+$/.test(argv[i - 1]) && /^-[\d.]/.test(argv[i]);
  return argv.flatMap((arg, i) => {
    if (isNegative(i)) return [];
    return isNegative(i + 1) ? [`${arg}=${argv[i + 1]}`] : [arg];
  });
}
