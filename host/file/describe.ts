/// <reference types="node" />
/** Model files on the laptop: loaded with the device's own reader, and described. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FlintError } from '../../src/error';
import { Color, Fit, Header, Operator, Preprocessing, Resize, Rounding, Tensor } from '../../src/format';
import { dequantize, label, load, ramNeeded, type Model } from '../../src/model';
import { blockNeeded } from '../../src/ram';
import { operatorName } from '../../src/read';
import { readString } from '../../src/strings';
import { formatOfBytes } from '../import/format';
import { readBytes } from '../system/read';

/** The model file that a path stands for: itself, what a model's folder has been packed to, or the one in it. */
export function modelFile(path: string): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) return path;
  const packed = join(path, 'device', 'model.flint'),
    inside = join(path, 'model.flint');
  return !existsSync(packed) && existsSync(inside) ? inside : packed;
}

/**
 * Loads a model file.
 * @param path a .flint file, or a model's folder that has been packed
 * @throws FlintError naming the file
 */
export function openModel(path: string): Model {
  const file = modelFile(path);
  if (!existsSync(file))
    throw new FlintError(
      `${file}: no such model file${file === path ? '' : `; pack it first: flint pack ${path}`}`,
    );
  const bytes = readBytes(file),
    source = formatOfBytes(bytes);
  if (source) {
    const title = source === 'onnx' ? 'an ONNX' : 'a TFLite';
    throw new FlintError(`${file}: this is ${title} model, which is packed first: flint pack ${file}`);
  }
  try {
    return load(bytes.buffer);
  } catch (error) {
    if (error instanceof FlintError) error.message = `${file}: ${error.message}`;
    throw error;
  }
}

/** One tensor of a model file. */
export interface TensorDescription {
  name: string;
  shape: number[];
  scale: number;
  zeroPoint: number;
  address: number;
  bytes: number;
  firstUse: number;
  lastUse: number;
}

/** Everything a model file says of itself. */
export interface Description {
  name: string;
  formatVersion: number;
  fileBytes: number;
  arenaBytes: number;
  /** The one block that compiled kernels work in: the arena, and their scratch. */
  blockBytes: number;
  ramBytes: number;
  /** Steps of one inference: multiply-adds, and values that pooling windows look at. */
  work: number;
  rounding: 'double' | 'single';
  inputs: number[];
  outputs: number[];
  tensors: TensorDescription[];
  operators: { name: string; inputs: number[]; output: number; scratchBytes: number }[];
  preprocessing?: {
    width: number;
    height: number;
    color: string;
    resize: string;
    fit: string;
    scale: number[];
    offset: number[];
  };
  labels: string[];
  selfTest: boolean;
}

/** Everything a model file says of itself. */
export function describe(model: Model): Description {
  const { words } = model,
    list = (at: number, count: number): number[] => [
      ...words.subarray(words[at] >> 2, (words[at] >> 2) + words[count]),
    ];
  const tensors = Array.from({ length: words[Header.tensorCount] }, (_, i): TensorDescription => {
    const at = (words[Header.tensors] >> 2) + i * Tensor.words;
    return {
      name: readString(words, words[at + Tensor.name]),
      shape: [...words.subarray(at + Tensor.shape, at + Tensor.shape + words[at + Tensor.rank])],
      scale: dequantize(model, i, words[at + Tensor.zeroPoint] + 1),
      zeroPoint: words[at + Tensor.zeroPoint],
      address: words[at + Tensor.address],
      bytes: words[at + Tensor.bytes],
      firstUse: words[at + Tensor.firstUse],
      lastUse: words[at + Tensor.lastUse],
    };
  });
  const at = words[Header.preprocessing] >> 2,
    three = (field: number): number[] => [
      ...words.subarray(at + field, at + field + (words[at + Preprocessing.color] === Color.gray ? 1 : 3)),
    ];
  return {
    name: readString(words, words[Header.name]),
    formatVersion: words[Header.version],
    fileBytes: words[Header.fileBytes],
    arenaBytes: words[Header.arenaBytes],
    blockBytes: blockNeeded(words),
    ramBytes: ramNeeded(words),
    work: words[Header.work],
    rounding: words[Header.rounding] === Rounding.single ? 'single' : 'double',
    inputs: list(Header.inputs, Header.inputCount),
    outputs: list(Header.outputs, Header.outputCount),
    tensors,
    operators: list(Header.operators, Header.operatorCount).map((offset, i) => ({
      name: operatorName(words, i),
      output: words[(offset >> 2) + Operator.output],
      scratchBytes: words[(offset >> 2) + Operator.scratchBytes],
      inputs: [words[(offset >> 2) + Operator.input], words[(offset >> 2) + Operator.input2]].filter(
        (t) => t >= 0,
      ),
    })),
    preprocessing:
      at === 0
        ? undefined
        : {
            width: words[at + Preprocessing.width],
            height: words[at + Preprocessing.height],
            color: ['gray', 'rgb', 'bgr'][words[at + Preprocessing.color]],
            resize: words[at + Preprocessing.resize] === Resize.bilinear ? 'bilinear' : 'nearest',
            fit: words[at + Preprocessing.fit] === Fit.cover ? 'cover' : 'stretch',
            scale: three(Preprocessing.scale),
            offset: three(Preprocessing.offset),
          },
    labels: Array.from({ length: words[Header.labelCount] }, (_, i) => label(model, i)),
    selfTest: words[Header.golden] !== 0,
  };
}
