/// <reference types="node" />
/** What a model that takes no images is calibrated on: arrays of its inputs. */
import { existsSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { FlintError } from '../../src/error';
import { elements, type FloatGraph, type Quantization, type TensorInfo } from '../graph';
import { rangeQuantization } from '../quantize/activations';
import { joinRanges, rangeOf } from '../quantize/observers';
import { asInput } from '../quantize/samples';
import { sourceShape, viewed } from '../view';
import { choose, fewRemarks } from './choose';
import { readNumbers } from './npy';
import type { DataSource } from './set';

/** Calibration samples as the model reads them. */
export interface TensorSet {
  /** One array for each of the model's inputs, in the device's order. */
  inputs: Float32Array[][];
  /** Of the model's inputs, from the values they take. */
  quantization: Map<string, Quantization>;
  /** The first sample's bytes, which become the model's self-test. */
  golden: Int8Array;
  /** Some of the samples that are not among them, as int8: to judge by. */
  aside: Int8Array[][];
  /** Samples there were to choose from, where these are a random part of them. */
  sampledFrom?: number;
  /** What people should know of them. */
  remarks: string[];
}

/** The file of each input: the one given, or in a folder the one named as the input is. */
function fileOf(path: string, name: string, inputs: string[]): string {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file or folder`);
  if (statSync(path).isDirectory()) {
    const file = join(path, `${basename(name)}.npy`);
    if (existsSync(file)) return file;
    throw new FlintError(
      `${path}: there is no ${basename(name)}.npy in it. A model that takes images needs their size, ` +
        '--input-size WIDTHxHEIGHT; one that takes none needs a .npy file for each of its inputs: ' +
        inputs.join(', '),
    );
  }
  if (extname(path) !== '.npy')
    throw new FlintError(
      `${path}: a model without an image recipe is calibrated on a .npy file of its inputs`,
    );
  if (inputs.length > 1)
    throw new FlintError(
      `${path}: the model has ${inputs.length} inputs; give a folder with a .npy file for each: ` +
        inputs.map((input) => `${basename(input)}.npy`).join(', '),
    );
  return path;
}

/** One sample of an input, in the source model's order and without its batch. */
export function sampleShape(input: Pick<TensorInfo, 'shape' | 'view'>): number[] {
  const shape = sourceShape(input);
  return shape[0] === 1 && shape.length > 1 ? shape.slice(1) : shape;
}

/** The samples of one input, in the device's order. */
function samplesOf(path: string, input: TensorInfo): Float32Array[] {
  const { shape, data } = readNumbers(path),
    wanted = sourceShape(input),
    size = elements(wanted);
  // [n, ...], with or without the batch of one that each sample has; or a single sample.
  const plain = (list: number[]): string => list.filter((d) => d !== 1).join(),
    single = plain(shape) === plain(wanted) && elements(shape) === size;
  if (!single && plain(shape.slice(1)) !== plain(wanted))
    throw new FlintError(
      `${path}: its shape is [${shape.join(', ')}]; [n, ${sampleShape(input).join(', ')}] is needed`,
    );
  return Array.from({ length: data.length / size }, (_, i) =>
    viewed(data.subarray(i * size, (i + 1) * size), input.view),
  );
}

/**
 * @throws FlintError when there are none, or they do not fit the model's inputs
 */
export function calibrationTensors(
  { images: path, count }: DataSource,
  { inputs, tensors }: FloatGraph,
): TensorSet {
  const lists = inputs.map((name) => samplesOf(fileOf(path, name, inputs), tensors.get(name)!)),
    [first] = lists;
  if (!first.length) throw new FlintError(`${path}: there are no samples in it`);
  lists.forEach((list, i) => {
    if (list.length !== first.length)
      throw new FlintError(
        `${path}: ${first.length} samples of ${inputs[0]}, but ${list.length} of ${inputs[i]}`,
      );
  });
  const { used, aside, sampledFrom } = choose(first.length, count),
    scales = lists.map((list) => rangeQuantization(joinRanges(used.map((k) => rangeOf(list[k]))))),
    sample = (k: number): Float32Array[] => lists.map((list) => list[k]),
    asInt8 = (k: number): Int8Array[] => sample(k).map((values, i) => asInput(values, scales[i]));
  return {
    inputs: used.map(sample),
    quantization: new Map(inputs.map((name, i) => [name, scales[i]])),
    golden: Int8Array.from(asInt8(used[0]).flatMap((values) => [...values])),
    aside: aside.map(asInt8),
    sampledFrom,
    remarks: fewRemarks(path, used.length, 'sample'),
  };
}
