/// <reference types="node" />
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { FlintError } from '../../src/error';
import { answerOf, answerWords } from '../evaluate/answer';
import type { Quantization } from '../graph';
import { fittingRecipe } from '../images/coverage';
import { openImageOf, readGraph, takesImage } from '../open';
import { draftText, type Draft } from '../recipe/draft';
import { readFlags, type Flags } from '../recipe/flags';
import { ModelSchema } from '../recipe/schema';
import { parse } from '../recipe/values';
import { ask } from '../system/ask';
import { checkOutput, writeFile } from '../system/files';
import { packageRoot } from '../system/version';
import { keyLine, print, printable } from '../system/terminal';

/** Names under which people keep what belongs to a model. */
const NAMES = {
  labels: ['labels.txt', 'classes.txt'],
  calibration: ['calibration', 'calibration.npy', 'representative', 'train', 'data/train'],
  test: ['test', 'data/test', 'val', 'validation'],
};

/** What the model does not show, and how it is asked for. */
const QUESTIONS = {
  'input-size': 'How large are the images that the model takes, WIDTHxHEIGHT',
  mean: 'What is taken from pixels of 0 to 255',
  std: 'What are they divided by then',
};

/** An option's value: the one given, else an answer, which is read as the option would be. */
const valueOf = async <K extends keyof typeof QUESTIONS>(
  flags: Flags['init'],
  option: K,
): Promise<NonNullable<Flags['init'][K]>> =>
  flags[option] ??
  (await ask(
    QUESTIONS[option],
    `--${option}`,
    (answer) => readFlags('init', { [option]: answer })[option] as NonNullable<Flags['init'][K]>,
  ));

/** The image that the model takes: its size is known, what pixels become only where it has int8 scales. */
async function imageOf(
  path: string,
  [, height, width, channels]: number[],
  scale: Quantization | undefined,
  flags: Flags['init'],
): Promise<NonNullable<Draft['input']>> {
  const size = flags['input-size'],
    { resize, fit, color = channels === 1 ? 'gray' : 'rgb' } = flags;
  if (size && (size.width !== width || size.height !== height))
    throw new FlintError(
      `${path}: --input-size ${size.width}x${size.height}: the model takes ${width}x${height}`,
    );
  if ((color === 'gray') !== (channels === 1))
    throw new FlintError(`${path}: --color ${color}: the model takes ${channels} channels`);
  const image = { width, height, color, ...(resize && { resize }), ...(fit && { fit }) };
  const guess = scale && fittingRecipe(scale);
  if (guess && flags.mean === undefined && flags.std === undefined)
    return { ...image, ...guess, guessed: true };
  const mean = await valueOf(flags, 'mean'),
    std = await valueOf(flags, 'std');
  return { ...image, mean, std, guessed: false };
}

/** Refuses options of images for a model that takes none. */
function refuseImage(path: string, shape: number[], flags: Flags['init']): void {
  const { color, mean, std, resize, fit, 'input-size': size } = flags,
    given = Object.entries({ color, mean, std, resize, fit, 'input-size': size }),
    idle = given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  if (idle.length)
    throw new FlintError(
      `${path}: ${idle.join(', ')} ${idle.length > 1 ? 'have' : 'has'} no effect: the model's input ` +
        `[${shape.join(', ')}] is no image`,
    );
}

/** A path as people give it, seen from the folder of the model.json. */
function pathFrom(folder: string, option: string, path: string): string {
  if (!existsSync(path)) throw new FlintError(`${option} ${path}: no such file or folder`);
  return relative(folder, resolve(path)) || '.';
}

/** What an option names, else what lies beside the model under a usual name. */
function beside(folder: string, kind: keyof typeof NAMES, flags: Flags['init']): string | undefined {
  const given = flags[kind];
  if (given !== undefined) return pathFrom(folder, `--${kind}`, given);
  return NAMES[kind].find((name) => existsSync(join(folder, name)));
}

/** Where a float model's ranges will come from. */
async function calibrationOf(folder: string, flags: Flags['init'], ofImages: boolean): Promise<string> {
  const question = ofImages
    ? 'Which folder has images like those that the model will see'
    : 'Which .npy file has samples of the input, or which folder a file for each';
  return (
    beside(folder, 'calibration', flags) ??
    ask(question, '--calibration', (answer) => pathFrom(folder, '--calibration', answer))
  );
}

/** flint init: looks at a model and writes a model.json for it. */
export async function initCommand(path: string, flags: Flags['init']): Promise<void> {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file`);
  if (statSync(path).isDirectory())
    throw new FlintError(`${path}: this is a folder; name the .onnx or .tflite file in it`);
  const output = flags.output ?? join(dirname(path), 'model.json'),
    folder = resolve(dirname(output));
  if (extname(output) !== '.json') throw new FlintError(`${output}: the file's name should end in .json`);
  if (existsSync(output) && !flags.force)
    throw new FlintError(`${output}: it is there already; --force writes over it`);
  checkOutput(output, [path]);
  const open = await openImageOf(path),
    size = open && (await valueOf(flags, 'input-size')),
    { graph, scales, isFloat } = await readGraph(
      path,
      basename(path, extname(path)),
      size && [size.height, size.width, open.channels ?? (flags.color === 'gray' ? 1 : 3)],
    ),
    { shape } = graph.tensors.get(graph.inputs[0])!,
    out = graph.tensors.get(graph.outputs[0])!,
    ofImages = takesImage(graph);
  if (!ofImages) refuseImage(path, shape, flags);
  const input = ofImages ? await imageOf(path, shape, scales.get(graph.inputs[0]), flags) : undefined,
    unknown = { scale: 1, zeroPoint: 0 };
  const draft: Draft = {
    schema: relative(folder, join(packageRoot(), 'models', 'model.schema.json')),
    source: relative(folder, resolve(path)),
    input,
    labels: beside(folder, 'labels', flags),
    calibration: isFloat ? await calibrationOf(folder, flags, ofImages) : undefined,
    test: beside(folder, 'test', flags),
    classes: answerWords(answerOf(out.shape, scales.get(graph.outputs[0]) ?? unknown)),
    isFloat,
  };
  const text = draftText(draft);
  parse(ModelSchema, JSON.parse(text), path); // what does not go together is told now, not by pack
  writeFile(output, text);
  if (input?.guessed)
    print(
      keyLine(
        'guessed',
        `mean ${[input.mean].flat().join('/')}, std ${[input.std].flat().join('/')}: with them pixels use all of the ` +
          "model's int8 input; check them against its training",
      ),
    );
  print(keyLine('written to', printable(output)));
  print(keyLine('next', `flint pack ${printable(output)}`));
}
