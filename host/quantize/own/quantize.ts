/**
 * A model that brings its own scales as an int8 graph: nothing is calibrated that the model says. Where it
 * leaves operators in float, their scales follow from what they can give at most, or from calibration images.
 */
import { FlintError } from '../../../src/error';
import {
  isLayer,
  tapsOf,
  type FloatGraph,
  type FloatParameters,
  type IntGraph,
  type Node,
  type Quantization,
} from '../../graph';
import { scaleRule } from '../../operators';
import { rangeQuantization } from '../activations';
import { rangeOf, type Range } from '../observers';
import { quantize } from '../quantize';
import { bound } from './bounds';
import { fitted } from './fit';
import { spread, type Scaled, type Scales } from './scales';
import { narrowed } from './wide';

/** The graph as it may be optimized: operators with scales of their own stay apart. */
export const separated = (graph: FloatGraph, given: Scales): Scaled =>
  fitted({ graph, scales: spread(graph, given) });

/**
 * @param image the scale of images, where the model is known to take such
 * @throws FlintError where the scale of an input is not known
 */
export function withInputs({ inputs }: FloatGraph, scales: Scales, image?: Quantization): Scales {
  const missing = inputs.find((name) => !scales.has(name));
  if (missing === undefined) return scales;
  if (!image || inputs.length > 1)
    throw new FlintError(
      `the model is quantized, but not its input ${missing}: put QuantizeLinear and DequantizeLinear behind ` +
        'it, or tell how the model sees images, from which its scale follows',
    );
  return new Map(scales).set(missing, image);
}

/** Whether a node's scale follows from the node, or from its input. */
function isFixed(node: Node<FloatParameters>): boolean {
  const rule = scaleRule(node),
    natural = typeof rule === 'object' && node.op !== 'lookup';
  return natural || node.op === 'constant' || (rule === 'input' && node.inputs.length === 1);
}

/** Tensors that some tensor with a scale is made of. */
function leadingToScales(graph: FloatGraph, scales: Scales): Set<string> {
  const leading = new Set(scales.keys());
  for (const node of [...graph.nodes].reverse())
    if (leading.has(node.output)) node.inputs.forEach((name) => leading.add(name));
  return leading;
}

/**
 * Scales for all tensors.
 * @param ranges observed ones, by tensor
 * @throws FlintError naming layers between quantized ones whose scale cannot be known
 */
function completed(graph: FloatGraph, given: Scales, ranges: Map<string, Range>): Scales {
  const scales = new Map(given),
    leading = leadingToScales(graph, given),
    unknown: string[] = [];
  for (const node of graph.nodes) {
    if (scales.has(node.output)) continue;
    const rule = scaleRule(node),
      inputs = node.inputs.map((name) => scales.get(name)!);
    const scaleOf = (): Quantization => {
      if (isFixed(node))
        return node.op === 'constant'
          ? rangeQuantization(rangeOf(node.data))
          : typeof rule === 'object'
            ? rule
            : inputs[0];
      const range = ranges.get(node.output);
      if (range) return rangeQuantization(range);
      // What a layer of many taps gives is far less than it can: good enough for scores at the end alone.
      const loose = isLayer(node) && tapsOf(node.parameters) > 1 && leading.has(node.output),
        limits = loose ? undefined : bound(node, inputs);
      if (!limits) unknown.push(`  ${node.name} (${node.op})`);
      return limits ? rangeQuantization(limits) : { scale: 1, zeroPoint: 0 };
    };
    scales.set(node.output, scaleOf());
  }
  if (unknown.length)
    throw new FlintError(
      `operators among quantized ones are left in float, so that their scales are not known:\n` +
        `${unknown.join('\n')}\nquantize them too (quantize_static leaves out what nodes_to_exclude or ` +
        'op_types_to_quantize say), or give calibration images',
    );
  return scales;
}

/**
 * Operators between quantized ones that combine two computed values in float, by name. Each may be at its most at
 * once, as of a normalization's spread and its reciprocal: what they can give is far more than what they do give.
 */
export function loose({ graph, scales }: Scaled): string[] {
  const known = spread(graph, scales),
    leading = leadingToScales(graph, known),
    constants = new Set(graph.nodes.filter(({ op }) => op === 'constant').map(({ output }) => output));
  return graph.nodes
    .filter(
      ({ op, inputs, output }) =>
        (op === 'add' || op === 'multiply') &&
        !known.has(output) &&
        leading.has(output) &&
        !inputs.some((name) => constants.has(name)),
    )
    .map(({ name }) => name);
}

/**
 * @param model separated, then optimized
 * @param ranges of tensors whose scales the model does not say, where they were observed
 * @throws FlintError for layers in float among quantized ones
 */
export async function quantizeOwn(
  { graph, scales: given }: Scaled,
  ranges = new Map<string, Range>(),
): Promise<IntGraph> {
  const scales = completed(graph, spread(graph, given), ranges),
    made = narrowed(fitted({ graph, scales }));
  return quantize(made.graph, new Map(), made.scales);
}

/**
 * The graph with nothing but those tensors whose scales the model does not say and that images would tell, and
 * its inputs.
 */
export function unscaled({ graph, scales }: Scaled): FloatGraph {
  const known = spread(graph, scales),
    wanted = new Set(graph.inputs);
  for (const node of graph.nodes) if (!known.has(node.output) && !isFixed(node)) wanted.add(node.output);
  return { ...graph, tensors: new Map([...graph.tensors].filter(([name]) => wanted.has(name))) };
}
