/**
 * Weights that are mostly zero, as rows of blocks. A block is eight weights and where they stand: a word of
 * eight gaps of 4 bits, then the weights, the first of each in the lowest bits. A gap is the distance from
 * the place before, of a row's first weight from place 0. Weights that are 0 stand where a gap would be
 * longer than 15, and fill up a row's last block. Other places are not named twice.
 */
import { fileSize } from '../verify/common';
import { inFile, int8At, type Checked } from './operator';

/** Weights of a block. */
export const SPARSE_BLOCK = 8;

/** Words of a block. */
export const sparseBlockWords = (bits: number): number => 1 + (bits >> 2);

/** The most weights that `rows` rows of `width` places can have, those that fill up included. */
export const sparseProducts = (rows: number, width: number): number => rows * (width + SPARSE_BLOCK - 1);

/**
 * What is wrong with rows of blocks: every block lies in the file, every place in its row.
 * @param field index, within the record, of the offset of the blocks, followed by that of the rows' counts
 * and by the bits
 * @param rows how many there are
 * @param width places in a row
 */
export function checkSparseRows(c: Checked, field: number, rows: number, width: number): string {
  const { words, at } = c;
  const bits = words[at + field + 2];
  if (bits !== 8 && bits !== 4) return `it has sparse weights of ${bits} bits`;
  if (!inFile(c, field, 0) || !inFile(c, field + 1, rows)) return 'its rows lie outside the file';
  const size = sparseBlockWords(bits),
    end = fileSize(words) >> 2,
    mask = 0x0f0f0f0f;
  let next = words[at + field] >> 2;
  for (let i = 0; i < rows; i++) {
    const count = int8At(words, words[at + field + 1] + i);
    let n = count,
      sum = 0,
      place = 0;
    if (n < 0) return `row ${i} of its weights has a negative number of blocks`;
    if (next + n * size > end) return 'its weights lie outside the file';
    for (; n > 0; n--, next += size) {
      // Gaps are added by pairs, each in a byte, of which those of four blocks leave the highest bit free.
      const gaps = words[next];
      sum += (gaps & mask) + ((gaps >> 4) & mask);
      if ((n & 3) === 1) {
        place += (sum & 255) + ((sum >> 8) & 255) + ((sum >> 16) & 255) + (sum >> 24);
        if (place >= width) return `row ${i} of its weights is longer than it can be`;
        sum = 0;
      }
    }
    if (place < (count - 1) * SPARSE_BLOCK) return `row ${i} of its weights names places twice`;
  }
  return '';
}
