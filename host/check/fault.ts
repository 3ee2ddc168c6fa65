/** Where an int8 model leaves the float one first, and why. */
import type { PackedGraph } from '../file/pack-graph';
import { isLayer, type FloatGraph } from '../graph';
import type { Sample } from '../quantize/samples';
import type { Scheme } from '../recipe/scheme';
import { compareLayers, type LayerComparison } from '../report/compare';

/** The first layer whose output is much noisier than what it reads. */
export interface Fault {
  operator: string;
  name: string;
  /** Decibels of what it reads, and of what it gives: means over channels. */
  before: number;
  behind: number;
  /** What is special about it, and what may help. */
  cause: string;
}

/** A fall of so many decibels to fewer than these is where things go wrong. */
const FALL = 10,
  NOISY = 20;

/** What no calibration is needed to know: an image's own noise. */
const CLEAN = 60;

const times = (ratio: number): string =>
  ratio > 1e6 ? 'millions of' : Math.round(ratio).toLocaleString('en');

/** @param packed from `graph` with `scheme` @param inputs as int8 */
export async function faultOf(
  onnx: Uint8Array,
  graph: FloatGraph,
  packed: PackedGraph,
  inputs: Sample<Int8Array>[],
  scheme: Scheme,
): Promise<Fault | undefined> {
  const int = packed.lowered.graph,
    layers = await compareLayers(onnx, graph, int, packed.file, inputs),
    behind = new Map<string, number>();
  const falls = layers.map((layer) => {
    const node = int.nodes.find(({ output }) => output === layer.output)!,
      before = Math.min(...node.inputs.map((name) => behind.get(through(int, name)) ?? CLEAN));
    behind.set(layer.output, layer.channelNoise);
    return { layer, before, fall: before - layer.channelNoise };
  });
  const first = falls.find(({ layer, fall }) => fall >= FALL && layer.channelNoise < NOISY),
    found = first ?? falls.sort((a, b) => b.fall - a.fall)[0];
  if (!found) return undefined;
  const { layer, before } = found;
  return {
    operator: layer.op,
    name: layer.name,
    before,
    behind: layer.channelNoise,
    cause: causeOf(layer, packed, scheme),
  };
}

/** The tensor that a chain of reshapes begins with. */
function through(int: PackedGraph['lowered']['graph'], name: string): string {
  const maker = int.nodes.find(({ output }) => output === name);
  return maker?.op === 'reshape' ? through(int, maker.inputs[0]) : name;
}

/** Ratios from which on something is worth naming. */
const WIDE = 8;

function causeOf(layer: LayerComparison, packed: PackedGraph, scheme: Scheme): string {
  const reach = Math.max(-layer.min, layer.max),
    held = Math.max(-layer.low, layer.high);
  if (held > WIDE * reach)
    return (
      `int8 holds ${layer.low.toPrecision(3)} to ${layer.high.toPrecision(3)} there, for it shares one scale with ` +
      `a tensor that is ${times(held / reach)} times larger (a concatenation or pooling behind it); ` +
      'equalization helps where layers alone read it, else scale the larger branch down in training'
    );
  if (held < reach / 2)
    return `it takes values to ${reach.toPrecision(3)}, int8 holds ${held.toPrecision(3)}; more calibration images may help`;
  if (layer.spread > WIDE)
    return (
      `its channels' ranges differ ${times(layer.spread)} times, and one scale serves them all; ` +
      '--recover equalize balances them, and so does batch normalization in training'
    );
  if (layer.tail > WIDE)
    return `rare values are ${times(layer.tail)} times larger than 99.9 % of them; --calibrate percentile leaves them out`;
  const node = packed.lowered.graph.nodes.find(({ output }) => output === layer.output)!,
    bits = scheme.layers[layer.name]?.bits ?? scheme.bits;
  if (isLayer(node) && bits < 8)
    return `its weights have ${bits} bits; --recover gptq,bias or sequential helps, or more bits for this layer ("layers")`;
  return 'nothing stands out; --recover equalize,gptq,bias or sequential, or more calibration images, may help';
}
