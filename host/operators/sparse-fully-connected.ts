/** A fully connected layer whose weights are mostly zero, stored and computed without them. */
import { SparseFullyConnected } from '../../src/operators/sparse-fully-connected';
import { tapsOf, type IntParameters, type NodeOf } from '../graph';
import type { Aim, Field } from './operator';
import { chooseSparse } from './sparse';

/**
 * Share of weights that are not zero below which finding and multiplying only those takes fewer instructions;
 * see test/mcu.
 */
const FASTER_BELOW = 0.38;

/**
 * @param denseBytes what its weights take with their zeros
 * @returns the record's words, where the layer is better without its zeros; else undefined
 */
export function sparseFullyConnected(
  { parameters }: NodeOf<'fullyConnected', IntParameters>,
  denseBytes: number,
  aim: Aim,
): Field[] | undefined {
  const { weights, bias } = parameters,
    outputs = bias.length,
    inputs = tapsOf(parameters);
  const rows = Array.from({ length: inputs }, (_, i) =>
    Int8Array.from({ length: outputs }, (_, o) => weights[o * inputs + i]),
  );
  const sparse = chooseSparse(rows, weights, denseBytes, aim, FASTER_BELOW);
  return (
    sparse && [
      [SparseFullyConnected.rows, sparse.words],
      [SparseFullyConnected.blocks, sparse.blocks],
      [SparseFullyConnected.bits, sparse.bits],
      [SparseFullyConnected.inputs, inputs],
    ]
  );
}
