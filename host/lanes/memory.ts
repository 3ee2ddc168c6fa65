/** What a model needs of a device's RAM besides its arena. Constants are measured on the emulated core, where the bench checks the sums. */
import { TapKind } from '../../src/format';
import type { IntGraph, IntParameters, Node, TensorInfo } from '../graph';
import { tapStorage } from './taps';

/** Stack, slots and chunks of the runtime itself, loaded and running a model: bytes on a 32-bit engine. */
export const BASE_BYTES = 36 * 1024;

/**
 * Most bytes of numbers and buffers that an operator holds at any time while it computes `rows` rows: its channels' planes, masks, and what
 * an expression leaves behind it. Counted in rows of 3 bytes a pixel; the bench checks that it is enough.
 */
export function temporaryBytes(node: Node<IntParameters>, input: TensorInfo, output: TensorInfo, pitch: number, rows: number): number {
  if (node.dense && 'window' in node)
    return temporaryBytes({ ...node, dense: false, window: { ...node.window, stride: [1, 1] } } as never, input, output, pitch, rows * 2) * 1.2;
  const row = 3 * pitch, outputs = output.shape[output.shape.length - 1];
  if (node.pointwise) return 3 * input.shape[2] * rows * (outputs + 3) * 2.2 + 40 * 3 * outputs + 3 * input.shape[2] * rows * 16;
  switch (node.op) {
    case 'conv2d':
    case 'depthwiseConv2d': {
      const { kernel: [kernelY] } = node.window, [strideY, strideX] = node.window.stride, channels = node.op === 'conv2d' ? input.shape[3] : 3,
        reach = rows * strideY + kernelY;
      const masks = strideX === 2 ? (2 + Math.ceil(Math.log2(input.shape[2]))) * 1 : 3;
      const listed = [TapKind.two, TapKind.four].includes(tapStorage(node, input.shape[3]).kind);
      return (listed ? LIST_BYTES : 0) + row * reach * (channels * (strideX === 2 ? 1.4 : 1) + masks + 4) + row * (rows + kernelY) * 14;
    }
    case 'maxPool2d':
      return row * rows * (14 + Math.ceil(Math.log2(input.shape[2])));
    case 'add':
      return row * rows * 20;
    case 'fullyConnected':
      return 24 * 2 * outputs;
    default:
      return row * input.shape[1] * 5;
  }
}

/** A list of 272 numbers, which taps of narrow weights are made of. */
const LIST_BYTES = 9 * 1024;

/** The most that any operator of a graph holds. */
export function temporaryPeak(graph: IntGraph): number {
  let peak = 0;
  for (const node of graph.nodes) {
    const input = graph.tensors.get(node.inputs[0])!, output = graph.tensors.get(node.output)!;
    if (node.stripRows) peak = Math.max(peak, temporaryBytes(node, input, output, input.pitch ?? 0, node.stripRows));
    else if (node.op === 'layout') peak = Math.max(peak, LAYOUT_BYTES);
    else if (node.op === 'add') peak = Math.max(peak, ADD_BYTES);
  }
  return Math.ceil(peak / 4) * 4;
}

/** Copies to planes take 512 pixels at a time. */
const LAYOUT_BYTES = 12 * 1024;

/** The scalar addition's two tables, while their array grows. */
const ADD_BYTES = 8 * 1024;
