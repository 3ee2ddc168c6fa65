/** Records that no packer writes: each word of an operator's set to values that make no sense. */
import * as assert from 'uvu/assert';
import { packGraph, type GraphOptions } from '../../host/file/pack-graph';
import { elements } from '../../host/graph';
import { fileChecksum } from '../../src/checksum';
import { FlintError } from '../../src/error';
import { Header, Operator, Tensor } from '../../src/format';
import { load } from '../../src/model';
import { operators } from '../../src/operators';
import { checkedOf, turnTo } from '../../src/operators/operator';
import type { Case } from './compare';
import { runWatched } from './guard';
import { network } from './network';

/** A copy of a file with one word changed; sealed again, so that only deeper checks can notice. */
export function altered(file: Uint8Array<ArrayBuffer>, word: number, value: number): ArrayBuffer {
  const words = new Int32Array(file.buffer.slice(0));
  words[word] = value;
  words[Header.checksum] = fileChecksum(words, Header.checksum + 1, words.length);
  return words.buffer;
}

const values = (word: number): number[] => [
  0,
  1,
  -1,
  word + 1,
  word - 1,
  word + 4,
  127,
  1 << 16,
  1 << 24,
  0x7fffffff,
  -0x7fffffff,
  -0x80000000,
];

/** The file of one operator with one word of its record changed. */
export function damaged(
  { node, tensors }: Case,
  word: number,
  value: number,
  options?: GraphOptions,
): ArrayBuffer {
  const { file } = packGraph(network(node, tensors), options),
    words = new Int32Array(file.buffer);
  return altered(file, (words[words[Header.operators] >> 2] >> 2) + word, value);
}

/**
 * Parts of the file that a record points at: the word that holds their offset, and how many words they have.
 */
type Data = [field: number, count: number];

interface Damage extends GraphOptions {
  data?: Data[];
  /** Whether all tensors must have one scale and zero point. */
  sameScale?: boolean;
}

/**
 * Whatever one word of the record holds, or of what it points at, and whatever shapes its tensors have, the
 * file is refused or the operator keeps to its memory. For each word of its own (those behind the common
 * ones) there are values that are refused.
 * @param operator the device's, that the node is to become
 */
export function withstandsDamage(
  operator: string,
  { node, tensors }: Case,
  { data = [], sameScale = false, ...options }: Damage = { aim: 'speed' },
): void {
  const { file, lowered } = packGraph(network(node, tensors), options),
    words = new Int32Array(file.buffer),
    at = words[words[Header.operators] >> 2] >> 2;
  assert.is(lowered.nodes[0].operator, operator);
  runWatched(load(file.buffer));
  const refusals = (word: number): number =>
    values(words[word]).filter((value) =>
      isRefused(altered(file, word, value), `word ${word - at} of the record is ${value}`),
    ).length;
  for (let word = 0; word < words[at + Operator.size]; word++)
    assert.ok(refusals(at + word) || word < Operator.words, `word ${word} of the record is never refused`);
  for (const [field, count] of data) for (let i = 0; i < count; i++) refusals((words[at + field] >> 2) + i);
  for (let i = 0; i < words[Header.tensorCount]; i++) {
    const tensor = (words[Header.tensors] >> 2) + i * Tensor.words;
    for (const shape of otherShapes(words, tensor))
      isRefused(reshaped(file, i, shape), `tensor ${i} is [${shape}]`);
    for (const field of [Tensor.scale, Tensor.zeroPoint])
      if (sameScale)
        assert.ok(isRefused(altered(file, tensor + field, words[tensor + field] ^ 1), `tensor ${i}`));
  }
}

/** Shapes of a tensor's size, and of sizes nearby. */
function otherShapes(words: Int32Array, tensor: number): number[][] {
  const size = words[tensor + Tensor.bytes],
    begin = tensor + Tensor.shape,
    shape = Array.from(words.subarray(begin, begin + words[tensor + Tensor.rank]));
  const same = [
      [size],
      [1, size],
      [size, 1],
      [1, 1, 1, size],
      [1, 1, size, 1],
      [size, 1, 1, 1],
      [...shape].reverse(),
    ],
    near = shape.flatMap((_, i) => [1, -1].map((by) => shape.map((d, k) => (k === i ? d + by : d))));
  return [...same, ...near, [...shape, 1], [1, ...shape], shape.slice(1)].filter(
    (other) => other.length > 0 && other.length <= 4 && other.every((d) => d > 0),
  );
}

/**
 * A copy in which a tensor has another shape, at the arena's end, and nothing but the operator can mind.
 * @param index of the tensor
 */
export function reshaped(file: Uint8Array<ArrayBuffer>, index: number, shape: number[]): ArrayBuffer {
  const words = new Int32Array(file.buffer.slice(0)),
    tensor = (words[Header.tensors] >> 2) + index * Tensor.words,
    size = elements(shape),
    end = words[Header.arenaBytes],
    c = checkedOf(words);
  words[tensor + Tensor.address] = end;
  words[tensor + Tensor.bytes] = size;
  words[tensor + Tensor.rank] = shape.length;
  for (let i = 0; i < 4; i++) words[tensor + Tensor.shape + i] = shape[i] ?? 1;
  turnTo(c, 0);
  const { work, scratch } = operators[words[c.at + Operator.code]];
  words[c.at + Operator.scratch] = end + ((size + 3) & ~3);
  words[c.at + Operator.scratchBytes] = scratch?.(c) ?? 0;
  words[Header.arenaBytes] = (words[c.at + Operator.scratch] + words[c.at + Operator.scratchBytes] + 3) & ~3;
  words[Header.work] = work?.(c) ?? 0;
  words[Header.checksum] = fileChecksum(words, Header.checksum + 1, words.length);
  return words.buffer;
}

/** @returns whether a file is refused; if not, its kernels have kept to their memory */
export function isRefused(buffer: ArrayBuffer, title: string): boolean {
  try {
    runWatched(load(buffer));
    return false;
  } catch (error) {
    if (error instanceof FlintError) return true;
    throw new Error(`${title}: ${(error as Error).stack}`);
  }
}

/** A file is refused, and the message says why. */
export function refuses(buffer: ArrayBuffer, why: RegExp): void {
  try {
    load(buffer);
  } catch (error) {
    assert.instance(error, FlintError, (error as Error).stack);
    assert.match((error as Error).message, why);
    return;
  }
  assert.unreachable(`it was loaded, which should have failed: ${why.source}`);
}
