import { Header, Tensor } from './format';

/** The file's bytes, which nothing writes. */
export interface FileBytes {
  readonly [offset: number]: number;
  readonly length: number;
}

/** Who runs the kernels: C compiled from their TypeScript, or the JavaScript engine. */
export type Engine = 'compiled' | 'interpreted';

/** A loaded model: the file in place, and all memory that running it takes. */
export interface Model {
  engine: Engine;
  /** The file, in place. */
  file: ArrayBufferLike;
  words: Int32Array;
  bytes: FileBytes;
  /** All activations and scratch, at the addresses the packer planned. */
  arena: Int8Array;
  /** Views of the input and output tensors. */
  inputs: Int8Array[];
  outputs: Int8Array[];
  /** The file's Preprocessing record; undefined when the model takes no images. */
  recipe?: Int32Array;
  /** Round once instead of twice; see Rounding. */
  single: boolean;
  /** The operator that step runs next. */
  next: number;
  /**
   * Where interpreted kernels sum: plain arrays of integers, which XS reads and writes at half the cost of typed
   * arrays. Empty where the kernels are compiled.
   */
  sums: number[];
  pointers: number[];
  taps: number[];
  /** Which output rows of an operator to compute: a Part of share.ts. */
  part: number;
  /** The same for compiled kernels, int32 one behind the other, behind the arena; undefined where interpreted. */
  scratch?: Int8Array;
}

/** Word index of the record of tensor `index`. */
export function tensorRecord(words: Int32Array, index: number): number {
  return (words[Header.tensors] >> 2) + index * Tensor.words;
}
