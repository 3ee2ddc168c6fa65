/// <reference types="node" />
import { existsSync, statSync } from 'node:fs';
import { FlintError } from '../../src/error';
import { writeImage } from '../../src/image';
import { dequantize, run, runTraced, topK, traceLine, writeGoldenInput, type Model } from '../../src/model';
import { answerOf, decision, type Answer } from '../evaluate/answer';
import { describe, modelFile, openModel } from '../file/describe';
import { decode } from '../images/decode';
import { openImages } from '../images/set';
import type { Flags } from '../recipe/flags';
import { checkOutput, writeFile } from '../system/files';
import { readBytes } from '../system/read';
import { json, percent, print, printable, printError, warn } from '../system/terminal';

/** What one inference gave. */
interface Result {
  /** The image's file; absent for raw tensors. */
  image?: string;
  /** The best classes; or one probability or value, or the classes of a map by their share of its positions. */
  answer?: { index: number; label: string; score: number }[];
  /** Lines of --trace. */
  trace?: string[];
  outputs: Int8Array[];
}

/** What a command was asked to run, model and all. */
interface Task {
  model: Model;
  answer: Answer;
  flags: Flags['run'];
  /** Gets each result as it comes. */
  tell(result: Result): void;
}

function infer({ model, flags }: Task): Pick<Result, 'outputs' | 'trace'> {
  const trace: string[] = [];
  if (flags.trace) runTraced(model, (i, crc) => trace.push(traceLine(model, i, crc)));
  else run(model);
  return { outputs: model.outputs.map((t) => t.slice()), ...(flags.trace && { trace }) };
}

/** The classes of a map, the most frequent first. */
function shares({ outputs: [values] }: Model, classes: number): { index: number; score: number }[] {
  const counts = new Array<number>(classes).fill(0),
    positions = values.length / classes;
  for (let p = 0; p < values.length; p += classes) counts[decision(values.subarray(p, p + classes))]++;
  return counts
    .map((n, index) => ({ index, score: n / positions }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

function answerTo({ model, answer, flags }: Task): NonNullable<Result['answer']> {
  if (answer.kind === 'classes') return topK(model, flags.top);
  const { labels, outputs } = describe(model),
    named = (index: number, score: number) => ({ index, label: labels[index] ?? '', score });
  if (answer.kind === 'rows') return [];
  if (answer.kind !== 'map') return [named(0, dequantize(model, outputs[0], model.outputs[0][0]))];
  if (answer.classes === 1) return [];
  return shares(model, answer.classes)
    .slice(0, Math.max(flags.top, 3))
    .map(({ index, score }) => named(index, score));
}

/** One image's answer in a line. */
function answerLine(about: Answer, { image, answer = [] }: Result): string {
  const { kind } = about;
  if (kind === 'rows')
    return `${printable(image!)}: ${about.rows} x ${about.columns} values; --output-raw writes them`;
  const words = answer.map(({ index, label, score }) => {
    const name = label ? printable(label) : String(index);
    if (kind === 'classes') return `${name} ${score.toFixed(3)}`;
    if (kind === 'map') return `${name} on ${percent(score, 1)}`;
    if (kind === 'value') return `${label ? `${name} ` : ''}${Number(score.toPrecision(4))}`;
    return `${score >= 0.5 ? '' : 'not '}${label ? name : 'class 1'} ${score.toFixed(3)}`;
  });
  return `${printable(image!)}: ${words.join(', ') || 'a map of one channel; --output-raw writes it'}`;
}

/** Raw tensors one after the other, in and out: all of one inference, then of the next. */
function runRaw(task: Task, path: string): Result[] {
  const { model, tell } = task,
    bytes = new Int8Array(readBytes(path).buffer),
    size = model.inputs.reduce((sum, t) => sum + t.length, 0);
  if (!bytes.length || bytes.length % size)
    throw new FlintError(`${path}: ${bytes.length} bytes are no whole number of inputs of ${size} bytes`);
  const results: Result[] = [];
  for (let at = 0; at < bytes.length;) {
    for (const tensor of model.inputs) tensor.set(bytes.subarray(at, (at += tensor.length)));
    results.push(infer(task));
    tell(results[results.length - 1]);
  }
  return results;
}

/** The images that arguments stand for: files, and all in folders. Those in them may be of no class. */
function filesOf(images: string[]): string[] {
  return images.flatMap((path) => {
    if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
    const set = openImages({ images: path });
    set.remarks.forEach(warn);
    return Array.from({ length: set.length }, (_, i) => set.name(i));
  });
}

/** Runs what can be run, and tells of the rest. */
async function runImages(task: Task, images: string[]): Promise<{ results: Result[]; failed: string[] }> {
  const { model, tell } = task,
    results: Result[] = [],
    failed: string[] = [];
  for (const image of images) {
    try {
      const { pixels, width, height, format } = await decode(image);
      writeImage(model, pixels, width, height, format);
    } catch (error) {
      if (!(error instanceof FlintError)) throw error;
      printError(`flint: ${error.message}`);
      failed.push(image);
      continue;
    }
    results.push({ image, ...infer(task), answer: answerTo(task) });
    tell(results[results.length - 1]);
  }
  return { results, failed };
}

/** What --json prints of a result. */
const plainResult = ({ outputs, ...rest }: Result): object => ({
  ...rest,
  trace: rest.trace?.map((line) => line.trim()),
  outputs: outputs.map((t) => Array.from(t)),
});

/** flint run: classifies images, or runs raw tensors or the golden input. */
export async function runCommand(path: string, images: string[], flags: Flags['run']): Promise<void> {
  const model = openModel(path),
    raw = flags['input-raw'],
    output = flags['output-raw'];
  if (raw && images.length)
    throw new FlintError('--input-raw runs raw tensors instead of images; leave one of them out');
  const files = filesOf(images);
  if (output) checkOutput(output, [modelFile(path), raw, ...files]);
  if (output && !raw && !images.length) throw new FlintError('--output-raw needs --input-raw or images');
  if (!raw && !images.length && !flags.trace)
    throw new FlintError(
      'no images given; --input-raw takes raw tensors, --trace alone runs the golden input',
    );
  if (images.length && !model.recipe)
    throw new FlintError(`${path}: the model takes no images; --input-raw runs raw tensors`);
  const { tensors, outputs } = describe(model),
    { shape, ...quantization } = tensors[outputs[0]],
    answer = answerOf(shape, quantization);
  let count = 0;
  const tell = (result: Result): void => {
    if (flags.json) return;
    if (result.trace)
      print([result.image ?? (raw ? `input ${count++}` : 'golden input'), ...result.trace].join('\n'));
    if (result.image) print(answerLine(answer, result));
    else if (raw && !output && !flags.trace) print(result.outputs.map((t) => t.join(' ')).join(' | '));
  };
  const task: Task = { model, answer, flags, tell };
  let results: Result[] = [],
    failed: string[] = [];
  if (raw) results = runRaw(task, raw);
  else if (files.length) ({ results, failed } = await runImages(task, files));
  else {
    writeGoldenInput(model);
    results = [infer(task)];
    tell(results[0]);
  }
  if (flags.json) print(json({ answer, results: results.map(plainResult), failed }, 2));
  if (failed.length) {
    const unwritten = output ? `; ${output} is not written` : '';
    throw new FlintError(`${failed.length} of ${files.length} images could not be run${unwritten}`);
  }
  if (output)
    writeFile(
      output,
      Buffer.concat(results.flatMap((result) => result.outputs.map((t) => Uint8Array.from(t)))),
    );
}
