/** Layers whose weights are mostly zero: which are stored without their zeros, and the blocks that this takes. */
import { SPARSE_BLOCK } from '../src/format';
import type { IntGraph, IntParameters, Node } from './graph';
import { packBits, storageOf, weightBits } from './storage';

/** Gaps have 4 bits; a row's blocks are counted by an int8. */
const LONGEST_GAP = 15, MOST_BLOCKS = 127;

export interface SparseRows {
  /** Blocks of all rows; see SPARSE_BLOCK in src/format.ts. */
  words: number[];
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
  const words: number[] = [], blocks = new Int8Array(rows.length);
  for (let r = 0; r < rows.length; r++) {
    const entries = entriesOf(rows[r]), count = Math.ceil(entries.length / SPARSE_BLOCK);
    if (count > MOST_BLOCKS) return undefined;
    blocks[r] = count;
    for (let b = 0; b < count; b++) {
      const block = Array.from({ length: SPARSE_BLOCK }, (_, i) => entries[b * SPARSE_BLOCK + i] ?? [0, 0]);
      const bytes = [...packBits(block.map(([gap]) => gap), 4), ...packBits(block.map(([, weight]) => weight), bits)];
      words.push(...new Int32Array(Uint8Array.from(bytes).buffer));
    }
  }
  return { words, blocks, bits };
}

/** The rows of a layer, as its sparse kernel reads them; undefined for layers that have none. */
function rowsOf(node: Node<IntParameters>): Int8Array[] | undefined {
  if (node.op === 'fullyConnected') {
    const { weights, bias } = node.parameters, outputs = bias.length, inputs = weights.length / outputs;
    return Array.from({ length: inputs }, (_, i) => Int8Array.from({ length: outputs }, (_, o) => weights[o * inputs + i]));
  }
  if (node.op !== 'conv2d' || node.window.dilation[1] !== 1) return undefined;
  const { weights, bias } = node.parameters, rows = bias.length * node.window.kernel[0], each = weights.length / rows;
  return Array.from({ length: rows }, (_, r) => weights.subarray(r * each, (r + 1) * each));
}

/** @returns undefined when the layer cannot be stored so */
export function sparseOf(node: Node<IntParameters>): SparseRows | undefined {
  const rows = rowsOf(node);
  return rows && 'parameters' in node ? sparseRows(rows, weightBits(node.parameters.weights) === 8 ? 8 : 4) : undefined;
}

/** What a layer is made for: least flash, least instructions, or both in turn. */
export type Aim = 'size' | 'speed' | 'balance';

/**
 * Share of weights that are not zero below which multiplying only those takes fewer instructions, measured on the bench with
 * seed_pruned80 and ResNet-8 pruned by 80 %: XS finds a weight and its place in the time of three multiply-adds of a dense kernel.
 */
const FASTER = { conv2d: 0.29, fullyConnected: 0.38, fullyConnectedOnLanes: 0.1 };

/** Balanced: what saves this much of a layer's flash may cost time. */
const WORTH = 0.5;

/** Whether a layer should be stored and, on scalar kernels, computed without its zeros. @param lanes whether it would run on lanes otherwise */
function prefersSparse(node: Node<IntParameters>, aim: Aim, lanes: boolean): boolean {
  const rows = sparseOf(node);
  if (!rows || !('parameters' in node)) return false;
  const { weights, bias } = node.parameters, dense = (weights.length * storageOf(weights, bias.length).bits) / 8,
    ratio = (rows.words.length * 4 + rows.blocks.length) / dense, share = weights.filter((w) => w !== 0).length / weights.length;
  const faster = share < FASTER[node.op === 'conv2d' ? 'conv2d' : lanes ? 'fullyConnectedOnLanes' : 'fullyConnected'];
  return aim === 'size' ? ratio < 1 : faster || (aim === 'balance' && ratio < WORTH);
}

/** Marks the layers that are better without their zeros. */
export function withSparse(graph: IntGraph, aim: Aim, lanes: boolean): IntGraph {
  return { ...graph, nodes: graph.nodes.map((node) => (prefersSparse(node, aim, lanes) ? { ...node, sparse: true } : node)) };
}
