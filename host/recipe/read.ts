/// <reference types="node" />
/** What to pack and how: a model's folder with its model.json, or a bare model file. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { FlintError } from '../../src/error';
import { modelFormat } from '../import/format';
import { readBytes } from '../system/read';
import { ModelSchema } from './schema';
import { plain } from './scheme';
import { parse } from './values';

/** The content of a model.json, as it is there. */
const readJson = (path: string) => parse(ModelSchema, parseJson(path), path);
type ModelJson = ReturnType<typeof readJson>;

/** The image that a model takes; mean and std have one number for each channel. */
export type ImageInput = NonNullable<ModelJson['input']>;

/** A model.json with its defaults filled in; paths are absolute. */
export interface Recipe extends Omit<ModelJson, '$schema' | '//' | 'name' | 'labels'> {
  name: string;
  /** The names of the classes; none where they are not known. */
  labels: string[];
  /** Where the packed model goes by default: relative as the recipe's own path was, for people to read. */
  output: string;
  /** All files that are named here, and the model.json itself: no output may take their place. */
  inputs: string[];
}

/** What is said of a file that is neither. */
const NO_MODEL = 'its bytes are neither those of an ONNX nor of a TFLite model';

/**
 * Reads what tells of a model.
 * @param path a folder that holds a model.json, such a file, or an ONNX or TFLite model of any name
 * @throws FlintError naming the file, and each key of a model.json that is wrong
 */
export function readRecipe(path: string): Recipe {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file or folder`);
  if (statSync(path).isDirectory()) {
    const json = join(path, 'model.json');
    if (!existsSync(json))
      throw new FlintError(`${path}: there is no model.json in this folder; flint init MODEL writes one`);
    return readModelJson(json);
  }
  const extension = extname(path);
  if (extension === '.json') return readModelJson(path);
  if (!modelFormat(path)) throw new FlintError(`${path}: ${NO_MODEL}, nor a folder with a model.json`);
  const name = basename(path, extension);
  return {
    name,
    source: resolve(path),
    labels: [],
    optimize: 'balance',
    recover: 'auto',
    quantization: plain,
    output: join(dirname(path), `${name}.flint`),
    inputs: [resolve(path)],
  };
}

function readModelJson(path: string): Recipe {
  const folder = dirname(path);
  const { $schema, '//': comments, ...json } = readJson(path);
  const at = (file: string): string => resolve(folder, file);
  const images = (source: ModelJson['test']): ModelJson['test'] =>
    source && { ...source, images: at(source.images), labels: source.labels && at(source.labels) };
  const source = at(json.source);
  if (!existsSync(source)) throw new FlintError(`${path}: "source" names ${source}, which does not exist`);
  if (!modelFormat(source)) throw new FlintError(`${path}: "source" names ${source}: ${NO_MODEL}`);
  const calibration = images(json.calibration);
  const test = images(json.test);
  const labels = json.labels && at(json.labels);
  const named = [source, labels, calibration?.images, calibration?.labels, test?.images, test?.labels];
  return {
    ...json,
    name: json.name ?? basename(resolve(folder)),
    source,
    labels: labels ? readLabels(labels) : [],
    calibration,
    test,
    samples: json.samples && at(json.samples),
    output: join(folder, 'device', 'model.flint'),
    inputs: [resolve(path), ...named.filter((file) => file !== undefined)],
  };
}

function parseJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FlintError(`${path}: no JSON: ${jsonProblem(text, (error as Error).message)}`);
  }
}

/** What is wrong with a text that should be JSON, and in which line: what other dialects allow is told by name. */
function jsonProblem(text: string, message: string): string {
  if (!text.trim()) return 'the file is empty';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return message;
  const at = Number(position),
    line = text.slice(0, at).split('\n').length,
    rest = text.slice(at).trimStart(),
    before = text.slice(0, at).trimEnd();
  if (/^\/[/*]/.test(rest)) return `line ${line}: it has no comments; a key "//" may hold them`;
  if (/^[}\]]/.test(rest) && before.endsWith(','))
    return `line ${line}: the comma before ${rest[0]} is one too many`;
  return `line ${line}: ${message.replace(/ in JSON at position.*| \(line.*/, '')}`;
}

/**
 * Reads class names, one a line; empty lines at the end do not count.
 * @throws FlintError without any
 */
export function readLabels(path: string): string[] {
  const labels = readText(path)
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (labels.length === 1 && !labels[0]) throw new FlintError(`${path}: no labels in it`);
  return labels;
}

/** A file of text, without the mark that some editors put in front. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FlintError(`${path}: it is no text in UTF-8; save it as that`);
  }
}
