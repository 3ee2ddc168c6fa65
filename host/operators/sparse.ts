/**
 * Layers whose weights are mostly zero: which are stored without their zeros, and the blocks that this takes.
 */
import { SPARSE_BLOCK } from '../../src/operators/sparse-rows';
import type { Aim } from './operator';
import { inWords, packBits, weightBits } from './weights';

/** Gaps have 4 bits; a row's blocks are counted by an int8. */
const LONGEST_GAP = 15,
  MOST_BLOCKS = 127;

/** Balanced: what saves this much of a layer's flash may cost time. */
const WORTH = 0.5;

/** Weights without their zeros, as the file holds them. */
export interface SparseRows {
  /** Blocks of all rows; see sparse-rows.ts of the device. */
  words: Int32Array;
  blocks: Int8Array;
  bits: 8 | 4;
}

/** What a row's weights that are not zero take, as [gap, weight]; long gaps are bridged with zeros. */
function entriesOf(row: ArrayLike<number>): [number, number][] {
  const entries: [number, number][] = [];
  let place = 0;
  for (let i = 0; i < row.length; i++) {
    if (!row[i]) continue;
    for (; i - place > LONGEST_GAP; place += LONGEST_GAP) entries.push([LONGEST_GAP, 0]);
    entries.push([i - place, row[i]]);
    place = i;
  }
  return entries;
}

/**
 * @param rows of weights, by place
 * @returns undefined when a row has too many for its count
 */
function sparseRows(rows: ArrayLike<number>[], bits: 8 | 4): SparseRows | undefined {
  const words: number[] = [],
    blocks = new Int8Array(rows.length);
  for (let r = 0; r < rows.length; r++) {
    const entries = entriesOf(rows[r]),
      count = Math.ceil(entries.length / SPARSE_BLOCK);
    if (count > MOST_BLOCKS) return undefined;
    blocks[r] = count;
    for (let b = 0; b < count; b++) {
      const block = Array.from({ length: SPARSE_BLOCK }, (_, i) => entries[b * SPARSE_BLOCK + i] ?? [0, 0]);
      const gaps = packBits(
          block.map(([gap]) => gap),
          4,
        ),
        weights = packBits(
          block.map(([, weight]) => weight),
          bits,
        );
      words.push(...new Int32Array(Uint8Array.from([...gaps, ...weights]).buffer));
    }
  }
  return { words: Int32Array.from(words), blocks, bits };
}

/**
 * A layer's rows without their zeros, where that serves the aim: smaller (size), smaller and faster or half
 * the flash (balance), or faster (speed).
 * @param rows of weights as the sparse kernel reads them
 * @param weights the same as [output][tap]
 * @param denseBytes what the weights take in the file with their zeros
 * @param fasterBelow share of weights that are not zero below which the sparse kernel is faster
 */
export function chooseSparse(
  rows: ArrayLike<number>[],
  weights: Int8Array,
  denseBytes: number,
  aim: Aim,
  fasterBelow: number,
): SparseRows | undefined {
  const sparse = sparseRows(rows, weightBits(weights) === 8 ? 8 : 4);
  if (!sparse) return undefined;
  const ratio = (sparse.words.byteLength + inWords(sparse.blocks.length)) / denseBytes,
    faster = weights.filter((w) => w !== 0).length / weights.length < fasterBelow;
  const chosen =
    aim === 'size' ? ratio < 1 : aim === 'speed' ? faster : (faster && ratio < 1) || ratio < WORTH;
  return chosen ? sparse : undefined;
}
