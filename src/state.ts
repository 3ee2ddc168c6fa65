import { Header, Tensor } from './format';

/** A loaded model: the file in place, and all memory that running it takes. */
export interface Model {
  /** The file, in place. */
  words: Int32Array;
  bytes: Int8Array;
  /** All activations and scratch, at the addresses the packer planned. */
  arena: Int8Array;
  /** Views of the input and output tensors. */
  inputs: Int8Array[];
  outputs: Int8Array[];
  /** The file's Preprocessing record; undefined when the model takes no images. */
  recipe?: Int32Array;
  /** Round once instead of twice; see Rounding. */
  single: boolean;
  /**
   * Where kernels sum: plain arrays of integers, which XS reads and writes at half the cost of typed arrays.
   */
  sums: number[];
  pointers: number[];
  taps: number[];
}

/** Word index of the record of tensor `index`. */
export function tensorRecord(model: Pick<Model, 'words'>, index: number): number {
  return (model.words[Header.tensors] >> 2) + index * Tensor.words;
}
