/** A convolution whose weights are mostly zero, stored and computed without them. */
import { SparseConv2d } from '../../src/operators/sparse-conv2d';
import type { IntParameters, NodeOf } from '../graph';
import type { Aim, Field } from './operator';
import { chooseSparse } from './sparse';
import { windowWords } from './window';

/**
 * Share of weights that are not zero below which finding and multiplying only those takes fewer instructions;
 * see test/mcu.
 */
const FASTER_BELOW = 0.29;

/**
 * @param denseBytes what its weights take with their zeros
 * @returns the record's words for so many rows of a strip, where the layer is better without its zeros; else
 * undefined
 */
export function sparseConv2d(
  { window, parameters }: NodeOf<'conv2d', IntParameters>,
  denseBytes: number,
  aim: Aim,
): ((stripRows: number) => Field[]) | undefined {
  if (window.dilation[1] !== 1) return undefined;
  const { weights, bias } = parameters,
    count = bias.length * window.kernel[0],
    each = weights.length / count;
  const rows = Array.from({ length: count }, (_, r) => weights.subarray(r * each, (r + 1) * each));
  const sparse = chooseSparse(rows, weights, denseBytes, aim, FASTER_BELOW);
  return (
    sparse &&
    ((stripRows) => [
      [SparseConv2d.window, windowWords(window)],
      [SparseConv2d.rows, sparse.words],
      [SparseConv2d.blocks, sparse.blocks],
      [SparseConv2d.bits, sparse.bits],
      [SparseConv2d.stripRows, stripRows],
    ])
  );
}
