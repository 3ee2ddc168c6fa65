/**
 * Operators that the device has none for, spelled with others. It is done in the model itself, so that ONNX
 * Runtime, which observes what values tensors take, sees all of them.
 */
import type { GraphProto, NodeProto } from 'onnx-buf';
import { gelu, hardSwish, swish } from './spell-activations';
import { division } from './spell-division';
import { groups } from './spell-groups';
import {
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  meanVarianceNormalization,
  scaler,
} from './spell-normalization';
import { chain, longChain, lpNormalization, mean, minimum, reductions } from './spell-sums';
import { isFolded } from './fold';
import { typeOf } from './read';
import { Speller, type Spelling } from './speller';
import { constantNames } from './stored';

/** What takes an operator's place. */
const spellings: Record<string, Spelling> = {
  Conv: groups,
  Div: division,
  Gelu: gelu,
  GroupNormalization: groupNormalization,
  HardSwish: hardSwish,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  Max: longChain('Max'),
  Mean: mean,
  MeanVarianceNormalization: meanVarianceNormalization,
  Min: minimum,
  ...reductions,
  Sum: chain('Add'),
  Swish: swish,
  'ai.onnx.ml.Scaler': scaler,
};

/** Operators that are spelled with others, by ONNX's names; of some only what the device has not. */
export const spelled: readonly string[] = Object.keys(spellings);

/** The graph's nodes, those the device has no operator for being spelled with others. */
export function decompose(graph: GraphProto, opset: number): void {
  const constants = constantNames(graph);
  const fits = ({ opType, input, output }: NodeProto, type: string): boolean =>
    Object.hasOwn(spellings, type) &&
    output.length > 0 &&
    !(isFolded(opType) && input.every((name) => constants.has(name)));
  graph.node = graph.node.flatMap((node) => {
    const type = typeOf(node);
    if (!fits(node, type)) return [node];
    const speller = new Speller(node, graph, opset, constants),
      last = spellings[type](speller, node);
    return last === false ? [node] : speller.finished(last);
  });
}
