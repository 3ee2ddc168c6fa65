/**
 * Outputs that join values of unlike size, as detectors' do: boxes in pixels beside scores from 0 to 1. The
 * one scale of the output is that of the large ones, and the small ones are lost in it, which no figure over
 * all of the output tells.
 */
import type { FloatGraph, IntGraph } from '../graph';
import { floatSession, resultsOf, sourcesOf } from '../quantize/calibrate';
import type { Sample } from '../quantize/samples';

/** Fewer steps than these of 256 are too few to choose or compare by. */
const STEPS = 16;

/** The scale of probabilities, which may all be small: no part has a finer one. */
const PROBABILITIES = 1 / 256;

/** What an output is joined of. */
interface Joint {
  output: string;
  /** The last operator that joins them. */
  operator: string;
  parts: string[];
}

/** The tensors that are joined into one, and the operator that does. */
function jointOf(graph: FloatGraph, output: string): Joint {
  const parts: string[] = [];
  let operator = '';
  const follow = (name: string): void => {
    const node = graph.nodes.find((n) => n.output === name);
    if (node?.op === 'concatenation') {
      operator ||= node.name;
      node.inputs.forEach(follow);
    } else if (node?.op === 'reshape' || node?.op === 'transpose') follow(node.inputs[0]);
    else if (node && node.op !== 'constant') parts.push(name);
  };
  follow(output);
  return { output, operator, parts };
}

/**
 * Says which parts of an output its steps hardly tell apart.
 * @param int the packed graph
 * @param inputs some, as the float model reads them
 */
export async function coarseParts(
  onnx: Uint8Array,
  float: FloatGraph,
  int: IntGraph,
  inputs: Sample[],
): Promise<string[]> {
  const joints = float.outputs.map((name) => jointOf(float, name)).filter(({ parts }) => parts.length > 1);
  if (!joints.length) return [];
  const sources = sourcesOf(
      float,
      joints.flatMap(({ parts }) => parts),
    ),
    session = await floatSession(onnx, sources),
    largest = new Map<string, number>();
  for (const sample of inputs)
    for (const [source, values] of await resultsOf(session, float, sample))
      largest.set(
        source,
        values.reduce((most, v) => Math.max(most, Math.abs(v)), largest.get(source) ?? 0),
      );
  return joints.flatMap(({ output, operator, parts }) => {
    const { source } = float.tensors.get(output)!,
      { scale } = int.tensors.get(int.outputs[float.outputs.indexOf(output)])!.quantization!,
      sizes = new Map(parts.map((name) => float.tensors.get(name)!.source).map((s) => [s, largest.get(s)!])),
      // What is 0 on all inputs is not lost.
      coarse = [...sizes].filter(([, size]) => size > 0 && size < STEPS * scale),
      named = coarse.map(([name, size]) => `${name} (at most ${size.toPrecision(3)})`).join(', ');
    if (scale === PROBABILITIES || !coarse.length || coarse.length === sizes.size) return [];
    return [
      `output ${source} joins values of unlike size (${operator}): its steps of ${scale.toPrecision(3)} ` +
        `hardly tell those of ${named} apart. Make what ${operator} joins outputs of the model, each with ` +
        'a scale of its own',
    ];
  });
}
