/** Operators of many operands or values, spelled with those of two. */
import { TensorProto_DataType as Type } from 'onnx-buf';
import type { Speller, Spelling } from './speller';
import { storedValues } from './stored';

/** An operator of many operands as a chain of one of two. */
export const chain =
  (opType: string): Spelling =>
  (s, { input }) =>
    input.length < 2
      ? s.add('Identity', input)
      : input.slice(1).reduce((a, b) => s.add(opType, [a, b]), input[0]);

/** Where it has three operands or more, which devices have no operator for. */
export const longChain =
  (opType: string): Spelling =>
  (s, node) =>
    node.input.length === 2 ? false : chain(opType)(s, node);

/** The smaller one is the larger one of the negatives, negated. */
export const minimum: Spelling = (s, { input }) => {
  if (input.length < 2) return s.add('Identity', input);
  const negatives = input.map((x) => s.add('Neg', [x]));
  return s.add('Neg', [negatives.slice(1).reduce((a, b) => s.add('Max', [a, b]), negatives[0])]);
};

export const mean: Spelling = (s, { input }) => {
  const sum = input.slice(1).reduce((a, b) => s.add('Add', [a, b]), input[0]);
  return s.add('Div', [sum, s.float(input.length)]);
};

/** A reduction over the node's axes; over those of another list. */
type Reduce = (opType: 'ReduceMean' | 'ReduceMax', x: string) => string;

/** A reduction spelled with others. Its axes are an attribute in older opsets, an input in newer ones. */
const reduction =
  (spell: (s: Speller, x: string, reduce: Reduce) => string): Spelling =>
  (s, { input: [x, listed] }) => {
    const given = listed ? storedValues(s.graph, listed) : (s.attribute('axes') ?? []);
    if (!Array.isArray(given)) return false;
    if (!given.length && s.number('noop_with_empty_axes', 0)) return false;
    const axes = given.length ? given : undefined,
      keepdims = s.number('keepdims', 1);
    return spell(s, x, (opType, of) => s.reduce(opType, of, axes, keepdims));
  };

/** A sum is the mean times the number of values. */
function total(s: Speller, x: string, reduce: Reduce): string {
  const average = reduce('ReduceMean', x),
    [all, left] = [x, average].map((v) => s.add('Cast', [s.add('Size', [v])], { to: Type.FLOAT }));
  return s.add('Mul', [average, s.add('Div', [all, left])]);
}

const squared = (s: Speller, x: string): string => s.add('Mul', [x, x]);

const euclidean = (s: Speller, x: string, reduce: Reduce): string =>
  s.add('Sqrt', [total(s, squared(s, x), reduce)]);

const absolute = (s: Speller, x: string, reduce: Reduce): string => total(s, s.add('Abs', [x]), reduce);

/** Reductions, by ONNX's names. */
export const reductions: Record<string, Spelling> = {
  ReduceL1: reduction(absolute),
  ReduceL2: reduction(euclidean),
  ReduceMin: reduction((s, x, reduce) => s.add('Neg', [reduce('ReduceMax', s.add('Neg', [x]))])),
  ReduceSum: reduction(total),
  ReduceSumSquare: reduction((s, x, reduce) => total(s, squared(s, x), reduce)),
};

/** Each value divided by the length of all along an axis, or by the sum of their sizes. */
export const lpNormalization: Spelling = (s, { input: [x] }) => {
  const reduce: Reduce = (opType, of) => s.reduce(opType, of, [s.number('axis', -1)]),
    length = s.number('p', 2) === 1 ? absolute(s, x, reduce) : euclidean(s, x, reduce);
  return s.add('Mul', [x, s.add('Reciprocal', [length])]);
};
