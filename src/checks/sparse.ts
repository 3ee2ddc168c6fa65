/** Checks of weights that are mostly zero: every block in the file, every place in its row. */
import { Operator, OperatorCode, SparseConv2d, SparseFullyConnected, Window, sparseBlockWords } from '../format';
import { bytes, dimension, inFile, lastDimension, type Checked } from './common';
import { checkOutput, checkStrip, checkWindow } from './layers';

/** @param width places in a row */
function checkRows(c: Checked, field: number, rows: number, width: number): string {
  const { words, at } = c, bits = words[at + field + 2], counts = words[at + field + 1], size = sparseBlockWords(bits),
    begin = words[at + field] >> 2;
  if (bits !== 8 && bits !== 4) return `sparse weights of ${bits} bits`;
  if (!inFile(c, field + 1, rows)) return 'its rows lie outside the file';
  const mask = 0x0f0f0f0f;
  let next = begin;
  for (let i = 0, p = counts; i < rows; i++, p++) {
    let n = (words[p >> 2] << (24 - (p & 3) * 8)) >> 24, sum = 0, place = 0;
    if (n < 0) return 'a row of fewer than no blocks';
    for (; n > 0; n--, next += size) {
      // Gaps are added by pairs, each in a byte, which has room for those of eight blocks.
      const gaps = words[next];
      sum += (gaps & mask) + ((gaps >> 4) & mask);
      if ((n & 7) === 1) {
        place += (sum & 255) + ((sum >> 8) & 255) + ((sum >> 16) & 255) + (sum >>> 24);
        if (place >= width) return `row ${i} of its weights is longer than it can be`;
        sum = 0;
      }
    }
  }
  return inFile(c, field, (next - begin) * 4) ? '' : 'its weights lie outside the file';
}

function checkSparseConv2d(c: Checked): string {
  const { words, at } = c, w = at + SparseConv2d.window,
    wrong = checkWindow(c, SparseConv2d.window) || checkOutput(c) || checkStrip(c, SparseConv2d.window, words[at + SparseConv2d.stripRows]);
  if (wrong) return wrong;
  if (words[w + Window.dilationX] !== 1) return 'a dilation that sparse rows do not have';
  return checkRows(c, SparseConv2d.rows, dimension(c, c.output, 3) * words[w + Window.kernelY], words[w + Window.kernelX] * dimension(c, c.input, 3));
}

function checkSparseFullyConnected(c: Checked): string {
  const { words, at } = c, wrong = checkOutput(c), inputs = words[at + SparseFullyConnected.inputs], outputs = lastDimension(c, c.output),
    rows = bytes(c, c.input) / inputs;
  if (wrong) return wrong;
  if (inputs < 1 || rows * inputs !== bytes(c, c.input) || rows * outputs !== bytes(c, c.output) || rows !== Math.floor(rows))
    return 'its input, output and weights do not belong together';
  return checkRows(c, SparseFullyConnected.rows, inputs, outputs);
}

/** What is wrong with an operator whose record says that it is sparse. */
export function checkSparse(c: Checked): string {
  const code = c.words[c.at + Operator.code], size = c.words[c.at + Operator.size];
  if (code !== OperatorCode.conv2d && code !== OperatorCode.fullyConnected) return 'no kernel of that kind';
  if (size < (code === OperatorCode.conv2d ? SparseConv2d.words : SparseFullyConnected.words)) return 'its record is too short';
  return code === OperatorCode.conv2d ? checkSparseConv2d(c) : checkSparseFullyConnected(c);
}
