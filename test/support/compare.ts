/** Operators under test: compared with the reference, and with their records damaged. */
import * as assert from 'uvu/assert';
import { packGraph, type GraphOptions } from '../../host/file/pack-graph';
import {
  elements,
  type IntParameters,
  type Kind,
  type Layer,
  type Node,
  type NodeOf,
} from '../../host/graph';
import { load, run } from '../../src/model';
import { allocatesNothing } from './allocation';
import { runWatched } from './guard';
import { network, randomInputs, type Tensors } from './network';
import { Random } from './random';
import { reference } from './reference';

/** One operator, and what it reads and writes. */
export interface Case<N = Node<IntParameters>> {
  node: N;
  tensors: Tensors;
  /** Random bytes when absent. */
  inputs?: Int8Array[];
}

export type CaseOf<K extends Kind> = Case<NodeOf<K, IntParameters>>;

/** Weights that are not mostly zero stay as they are. */
const DENSE: GraphOptions = { aim: 'speed' };

/**
 * Runs an operator and compares every byte with the reference.
 * @param operator the device's, that it is to become
 * @param watch whether every access to memory is checked too, and what is allocated, which takes long
 * @returns false where it becomes another
 */
export function compare(
  operator: string,
  random: Random,
  given: Case,
  options: GraphOptions = DENSE,
  watch = false,
): boolean {
  const { node, tensors, inputs = randomInputs(random, node, tensors) } = given,
    graph = network(node, tensors),
    { file, lowered } = packGraph(graph, options);
  if (lowered.nodes[0].operator !== operator) return false;
  const model = load(file.buffer);
  inputs.forEach((values, i) => model.inputs[i].set(values));
  if (watch) runWatched(model);
  else run(model);
  const [output] = model.outputs,
    expected = reference(graph, node, inputs, options.rounding === 'single'),
    wrong = expected.findIndex((v, i) => v !== output[i]);
  if (wrong >= 0) {
    const text = JSON.stringify({ node, tensors, options }).slice(0, 1000);
    assert.unreachable(`value ${wrong} is ${output[wrong]}, should be ${expected[wrong]}: ${text}`);
  }
  if (watch) allocatesNothing(model);
  return true;
}

/**
 * The same layer with weights and biases whose sums leave 2^25, and factors below one or above.
 * @param heavy how many of its output channels have weights other than zero
 */
export function withWideSums<N extends Layer<IntParameters>>(
  random: Random,
  { node, tensors }: Case<N>,
  heavy = Infinity,
): Case<N> {
  const { weights, bias, scales } = node.parameters,
    taps = weights.length / bias.length,
    { x, y } = tensors,
    scale = Math.fround(x.quantization.scale * 0.01 * random.pick([0.3, 20000, 1000]));
  const parameters: IntParameters = {
    scales,
    weights: new Int8Array(weights.length).fill(random.pick([127, -127]), 0, heavy * taps),
    bias: bias.map((_, i) => [2 ** 24, -(2 ** 29), 2 ** 29, 5][i % 4]),
  };
  const quantization = { ...y.quantization, scale };
  return { node: { ...node, parameters }, tensors: { ...tensors, y: { ...y, quantization } } };
}

/** How many of the compared operators are watched. */
const WATCHED = 6;

/**
 * Compares so many random operators with the reference, in both roundings.
 * @param make undefined where the random numbers make no operator
 * @returns those that were compared
 */
export function compareMany<C extends Case>(
  operator: string,
  count: number,
  make: (random: Random) => C | undefined,
  options: GraphOptions = DENSE,
): C[] {
  const compared: C[] = [];
  for (let seed = 1; compared.length < count; seed++) {
    if (seed > 50 * count) throw new Error(`of ${seed} cases only ${compared.length} become ${operator}`);
    const random = new Random(seed * 2654435761 + 1),
      given = make(random),
      rounding = seed % 3 === 2 ? 'single' : 'double';
    if (given && compare(operator, random, given, { ...options, rounding }, compared.length < WATCHED))
      compared.push(given);
  }
  return compared;
}

/**
 * The zero points of a case's tensors, those of one list together, and all inputs at the ends of int8, in
 * every combination.
 */
export function compareExtremes(
  operator: string,
  given: Case,
  lists: string[][],
  options: GraphOptions = DENSE,
): void {
  const sizes = [...new Set(given.node.inputs)].map((name) => elements(given.tensors[name].shape));
  for (let ends = 0; ends < 2 ** lists.length; ends++)
    for (const fill of [() => -128, () => 127, (_: unknown, i: number) => (i % 2 ? 127 : -128)]) {
      const tensors = { ...given.tensors };
      lists.forEach((names, i) => {
        const zeroPoint = (ends >> i) & 1 ? 127 : -128;
        for (const name of names)
          tensors[name] = { ...tensors[name], quantization: { ...tensors[name].quantization, zeroPoint } };
      });
      const inputs = sizes.map((length) => Int8Array.from({ length }, fill));
      assert.ok(compare(operator, new Random(1), { node: given.node, tensors, inputs }, options));
    }
}
