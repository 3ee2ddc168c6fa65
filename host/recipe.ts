/// <reference types="node" />
/** What to pack and how: a model's folder with its model.json, or a bare model file and options. Every mistake is named. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { FlintError } from '../src/error';
import { readScheme, type Scheme } from './quantize/scheme';

export interface ImageInput {
  width: number;
  height: number;
  color: 'gray' | 'rgb' | 'bgr';
  /** real = (pixel - mean) / std for pixels 0 to 255; one value per channel. */
  mean: number[];
  std: number[];
  resize: 'nearest' | 'bilinear';
  fit: 'stretch' | 'cover';
}

/** Images, and optionally a file of labels for them (IDX) . */
export interface DataSource {
  images: string;
  labels?: string;
  /** Use only so many. */
  count?: number;
}

export interface Recipe {
  name: string;
  /** The model: .onnx or .tflite. */
  source: string;
  labels: string[];
  /** Absent when the input is no image. */
  input?: ImageInput;
  calibration?: DataSource;
  test?: DataSource;
  /** A folder of images that are packed for the device beside the model. */
  samples?: string;
  /** RAM of the device in bytes, for everything XS holds. */
  ram?: number;
  /** How a float model is quantized. */
  quantization?: Scheme;
  /** Where the packed files go by default. */
  output: string;
}

type Json = Record<string, unknown>;

/** Takes known keys out of an object; complains about missing, wrong and unknown ones, naming the file and the key. */
class Reader {
  constructor(private readonly json: Json, private readonly where: string, known: string[]) {
    for (const key of Object.keys(json)) if (!known.includes(key)) this.fail(key, `is unknown; known here: ${known.join(', ')}`);
  }

  fail(key: string, what: string): never {
    throw new FlintError(`${this.where}: "${key}" ${what}`);
  }

  has(key: string): boolean {
    return this.json[key] !== undefined;
  }

  string(key: string): string {
    const value = this.json[key];
    return typeof value === 'string' && value ? value : this.fail(key, 'should be a text');
  }

  choice<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
    const value = (this.json[key] ?? otherwise) as T;
    return choices.includes(value) ? value : this.fail(key, `should be one of ${choices.join(', ')}`);
  }

  integer(key: string, most = 32767): number {
    const value = this.json[key];
    return Number.isInteger(value) && (value as number) > 0 && (value as number) <= most ? (value as number) : this.fail(key, `should be a whole number from 1 to ${most}`);
  }

  /** A number, or one per channel. */
  numbers(key: string, channels: number, otherwise: number, positive: boolean): number[] {
    const value = this.json[key] ?? otherwise, list = Array.isArray(value) ? value : new Array(channels).fill(value);
    const good = list.length === channels && list.every((v) => typeof v === 'number' && Number.isFinite(v) && (!positive || v > 0));
    return good ? list : this.fail(key, `should be ${positive ? 'a positive number' : 'a number'}, or a list of ${channels}`);
  }

  object(key: string): Json {
    const value = this.json[key];
    return value && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : this.fail(key, 'should be an object');
  }
}

/** The image part of a recipe, from model.json or from command line options. */
export function imageInput(json: Json, where: string): ImageInput {
  const r = new Reader(json, where, ['width', 'height', 'color', 'mean', 'std', 'resize', 'fit']);
  const color = r.choice('color', ['gray', 'rgb', 'bgr'], 'rgb'), channels = color === 'gray' ? 1 : 3;
  return {
    width: r.integer('width'), height: r.integer('height'), color,
    mean: r.numbers('mean', channels, 0, false), std: r.numbers('std', channels, 255, true),
    resize: r.choice('resize', ['bilinear', 'nearest'], 'bilinear'), fit: r.choice('fit', ['cover', 'stretch'], 'cover'),
  };
}

/** Labels, one a line; a trailing empty line does not count. */
export function readLabels(path: string): string[] {
  const labels = readText(path, 'labels').split(/\r?\n/).map((line) => line.trim());
  while (labels.length && !labels[labels.length - 1]) labels.pop();
  if (!labels.length) throw new FlintError(`${path}: no labels in it`);
  return labels;
}

function readText(path: string, what: string): string {
  if (!existsSync(path)) throw new FlintError(`${path}: there is no such ${what} file`);
  return readFileSync(path, 'utf8');
}

/** Reads a folder's model.json, or a path to one. */
function readConfig(path: string): Recipe {
  const folder = dirname(path), at = (file: string): string => resolve(folder, file);
  let json: unknown;
  try {
    json = JSON.parse(readText(path, 'recipe'));
  } catch (error) {
    if (error instanceof FlintError) throw error;
    throw new FlintError(`${path}: ${(error as Error).message}`);
  }
  if (!json || typeof json !== 'object' || Array.isArray(json)) throw new FlintError(`${path}: should hold one object`);
  const r = new Reader(json as Json, path, ['name', 'source', 'labels', 'input', 'calibration', 'samples', 'test', 'ram', 'quantization']);
  const data = (key: string): DataSource | undefined => {
    if (!r.has(key)) return undefined;
    const d = new Reader(r.object(key), `${path}, ${key}`, ['images', 'labels', 'count']);
    return { images: at(d.string('images')), labels: d.has('labels') ? at(d.string('labels')) : undefined, count: d.has('count') ? d.integer('count') : undefined };
  };
  const source = at(r.string('source'));
  if (!existsSync(source)) r.fail('source', `names ${source}, which does not exist`);
  return {
    name: r.has('name') ? r.string('name') : basename(folder),
    source,
    labels: r.has('labels') ? readLabels(at(r.string('labels'))) : [],
    input: r.has('input') ? imageInput(r.object('input'), `${path}, input`) : undefined,
    calibration: data('calibration'),
    test: data('test'),
    samples: r.has('samples') ? at(r.string('samples')) : undefined,
    ram: r.has('ram') ? r.integer('ram', 2 ** 30) : undefined,
    quantization: r.has('quantization') ? readScheme(r.object('quantization'), `${path}, quantization`) : undefined,
    output: join(folder, 'device', 'model.flint'),
  };
}

/**
 * @param path a folder that holds model.json, such a file, or an .onnx or .tflite file
 * @throws FlintError naming the file and the key
 */
export function readRecipe(path: string): Recipe {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file or folder`);
  if (statSync(path).isDirectory()) return readConfig(join(path, 'model.json'));
  if (extname(path) === '.json') return readConfig(path);
  if (!['.onnx', '.tflite'].includes(extname(path))) throw new FlintError(`${path}: neither .onnx, .tflite nor a folder with a model.json`);
  const name = basename(path, extname(path));
  return { name, source: resolve(path), labels: [], output: join(dirname(path), name + '.flint') };
}
