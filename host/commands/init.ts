/// <reference types="node" />
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { FlintError } from '../../src/error';
import { answerOf, answerWords } from '../evaluate/answer';
import type { Quantization } from '../graph';
import { fittingRecipe } from '../images/coverage';
import type { ImageSize } from '../import/onnx/inputs';
import { readGraph } from '../pack';
import { draftText, type Draft } from '../recipe/draft';
import type { Flags } from '../recipe/flags';
import { checkOutput, writeFile } from '../system/files';
import { packageRoot } from '../system/version';
import { keyLine, print, printable } from '../system/terminal';

/** Names under which people keep what belongs to a model. */
const NAMES = {
  labels: ['labels.txt', 'classes.txt'],
  calibration: ['calibration', 'representative', 'train', 'data/train'],
  test: ['test', 'data/test', 'val', 'validation'],
};

/** Asks on a terminal; without one, says which option would have told. */
async function ask(question: string, option: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new FlintError(`${question}? ${option} tells; on a terminal it would be asked`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${question} (${option}): `)).trim();
  } finally {
    terminal.close();
  }
}

/** A number, or one for each channel. */
function numbersOf(text: string, what: string): number | number[] {
  const list = text.split(',').map(Number);
  if (!text || !list.every(Number.isFinite)) throw new FlintError(`${what} ${text}: a number is needed`);
  return list.length > 1 ? list : list[0];
}

/** The image that the model takes: its size is known, what pixels become only where it has int8 scales. */
async function imageOf(
  path: string,
  shape: number[],
  scale: Quantization | undefined,
  flags: Flags['init'],
): Promise<Draft['input']> {
  const [, height, width, channels] = shape;
  const size = flags['input-size'];
  if (size && (size.width !== width || size.height !== height))
    throw new FlintError(
      `${path}: --input-size ${size.width}x${size.height}: the model takes ${width}x${height}`,
    );
  const color = flags.color ?? (channels === 1 ? 'gray' : 'rgb');
  if (channels !== 1 && channels !== 3)
    throw new FlintError(`${path}: the model takes ${channels} channels, images have 1 or 3`);
  if ((color === 'gray') !== (channels === 1))
    throw new FlintError(`${path}: --color ${color}: the model takes ${channels} channels`);
  const { resize, fit } = flags,
    image = { width, height, color, ...(resize && { resize }), ...(fit && { fit }) };
  const guess = scale && fittingRecipe(scale);
  if (guess && flags.mean === undefined && flags.std === undefined)
    return { ...image, ...guess, guessed: true };
  const mean =
      flags.mean ?? numbersOf(await ask('What is taken from pixels of 0 to 255', '--mean'), '--mean'),
    std = flags.std ?? numbersOf(await ask('What are they divided by then', '--std'), '--std');
  return { ...image, mean, std, guessed: false };
}

/** What lies beside the model under a usual name, unless an option names it. */
function beside(folder: string, kind: keyof typeof NAMES, given: string | undefined): string | undefined {
  if (given !== undefined) {
    if (!existsSync(given)) throw new FlintError(`--${kind} ${given}: no such file or folder`);
    return relative(folder, resolve(given)) || '.';
  }
  return NAMES[kind].find((name) => existsSync(join(folder, name)));
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
  const size = flags['input-size'],
    image: ImageSize | undefined = size && [size.height, size.width, flags.color === 'gray' ? 1 : 3],
    { graph, scales, isFloat } = await readGraph(path, basename(path, extname(path)), image),
    { shape } = graph.tensors.get(graph.inputs[0])!,
    out = graph.tensors.get(graph.outputs[0])!;
  const input =
    shape.length === 4 ? await imageOf(path, shape, scales.get(graph.inputs[0]), flags) : undefined;
  let calibration = beside(folder, 'calibration', flags.calibration);
  if (isFloat && !calibration)
    calibration = await ask('Which folder has images like those that the model will see', '--calibration');
  const unknown = { scale: 1, zeroPoint: 0 };
  const draft: Draft = {
    schema: relative(folder, join(packageRoot(), 'models', 'model.schema.json')),
    source: relative(folder, resolve(path)),
    input,
    labels: beside(folder, 'labels', flags.labels),
    calibration: isFloat ? calibration : undefined,
    test: beside(folder, 'test', flags.test),
    classes: answerWords(answerOf(out.shape, scales.get(graph.outputs[0]) ?? unknown)),
    isFloat,
  };
  writeFile(output, draftText(draft));
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
