/** Which operators run on lanes, in strips of how many rows; and the copies between the two layouts that this takes. */
import type { IntGraph, IntParameters, Node, TensorInfo } from '../graph';
import type { Aim } from '../sparse';
import { canBePointwise, canRunOnLanes } from './encode';
import { temporaryBytes } from './memory';
import { fasterSparse } from './taps';

export interface LanesOptions {
  single: boolean;
  /** Bytes of numbers that one operator may have at once. */
  budget: number;
  /** size: only where weights keep their size or are few; speed: narrow weights as wide numbers, which need not be looked up. */
  aim?: Aim;
}

/** Columns of zeros behind each row that the graph's convolutions need. */
function zeroColumns(graph: IntGraph, onLanes: Set<Node<IntParameters>>): number {
  let columns = 0;
  for (const node of onLanes) {
    if (node.op !== 'conv2d' && node.op !== 'depthwiseConv2d') continue;
    const input = graph.tensors.get(node.inputs[0])!, output = graph.tensors.get(node.output)!, { kernel, stride, pads } = node.window;
    columns = Math.max(columns, pads[1], (output.shape[2] - 1) * stride[1] + kernel[1] - pads[1] - input.shape[2]);
  }
  return columns;
}

/** The most rows that stay within the budget, in strips of equal size. */
function stripRows(node: Node<IntParameters>, input: TensorInfo, output: TensorInfo, pitch: number, budget: number): number {
  const height = output.shape.length === 4 ? output.shape[1] : 1;
  for (let strips = 1; strips < height; strips++) {
    const rows = Math.ceil(height / strips);
    if (temporaryBytes(node, input, output, pitch, rows) <= budget) return rows;
  }
  return 1;
}

/** Multiply-adds on lanes cost a fixed part for each number and one for each lane: many pixels or many outputs a number. */
const pointwiseIsFaster = (output: TensorInfo): boolean => output.shape[3] * 2 > output.shape[1] * output.shape[2];

/** Splitting small images into even and odd rows and columns costs more than computing what is thrown away. */
const denseIsFaster = (node: Node<IntParameters>, input: TensorInfo): boolean =>
  node.op === 'depthwiseConv2d' && node.window.stride[1] === 2 && input.shape[1] * input.shape[2] <= DENSE_PIXELS;
const DENSE_PIXELS = 2500;

/** A depthwise convolution of one channel is an ordinary one, which reads that channel once for all outputs. */
function plain(graph: IntGraph, node: Node<IntParameters>): Node<IntParameters> {
  if (node.op !== 'depthwiseConv2d' || graph.tensors.get(node.inputs[0])!.shape[3] !== 1) return node;
  const { multiplier, parameters, ...rest } = node, { weights } = parameters, each = weights.length / multiplier;
  return { ...rest, op: 'conv2d', parameters: { ...parameters, weights: weights.map((_, i) => weights[(i % each) * multiplier + Math.floor(i / each)]) } };
}

/** Taps of several columns take 8 bytes for up to three weights: only where weights are few does that not count. */
const isSmall = (node: Node<IntParameters>): boolean =>
  !('parameters' in node) || node.op === 'fullyConnected' || ('window' in node && (node.window.kernel[1] === 1 || node.parameters.weights.length < 1024));

/** Fewer outputs than this are not worth a number. */
const worthwhile = (node: Node<IntParameters>, output: TensorInfo): boolean => {
  if (node.op === 'fullyConnected') return !node.sparse && output.shape[output.shape.length - 1] >= 24;
  return true;
};

/**
 * Puts all operators that can onto lanes.
 * @returns a new graph with `layout` nodes where tensors change from NHWC to planes or back
 */
export function onLanes(graph: IntGraph, { single, budget, aim }: LanesOptions): IntGraph {
  const all = graph.nodes.map((node) => plain(graph, node));
  const chosen = new Set(all.filter((node) => worthwhile(node, graph.tensors.get(node.output)!) && (aim !== 'size' || isSmall(node)) && canRunOnLanes(graph, node, single)));
  const zeros = zeroColumns(graph, chosen), tensors = new Map(graph.tensors), nodes: Node<IntParameters>[] = [];
  const copies = new Map<string, string>(), planes = new Set<string>();

  /** The tensor in the layout wanted, copied when it is in the other. */
  const inLayout = (name: string, wanted: boolean): string => {
    if (planes.has(name) === wanted) return name;
    const known = copies.get(name);
    if (known) return known;
    const copy = `${name} as ${wanted ? 'planes' : 'NHWC'}`, tensor = graph.tensors.get(name)!;
    tensors.set(copy, { ...tensor, pitch: wanted ? tensor.shape[2] + zeros : undefined });
    nodes.push({ op: 'layout', name: copy, inputs: [name], output: copy });
    copies.set(name, copy);
    return copy;
  };
  for (const node of all) {
    const lanes = chosen.has(node), spatial = lanes && node.op !== 'fullyConnected', output = graph.tensors.get(node.output)!;
    const inputs = node.inputs.map((name) => inLayout(name, spatial));
    if (!lanes) nodes.push({ ...node, inputs });
    else {
      const input = graph.tensors.get(node.inputs[0])!;
      const pointwise = canBePointwise(node, input) && pointwiseIsFaster(output);
      const dense = denseIsFaster(node, input), sparse = !pointwise && node.op === 'conv2d' && fasterSparse(node, input.shape[3]),
        wideTaps = aim === 'speed';
      nodes.push({
        ...node, inputs, pointwise, dense, sparse, wideTaps,
        stripRows: spatial ? stripRows({ ...node, pointwise, dense, wideTaps }, input, output, input.shape[2] + zeros, budget) : 1,
      });
      if (spatial && node.op !== 'averagePool2d' && node.op !== 'mean') {
        planes.add(node.output);
        tensors.set(node.output, { ...output, pitch: output.shape[2] + zeros });
      }
    }
  }
  const outputs = graph.outputs.map((name) => inLayout(name, false));
  return { ...graph, tensors, nodes, outputs };
}
