/** Divisions by what is computed. */
import type { NodeProto } from 'onnx-buf';
import type { Speller, Spelling } from './speller';
import { storedValues } from './stored';

/** The node that computes a value. */
const makerOf = (s: Speller, name: string): NodeProto | undefined =>
  s.graph.node.find(({ output }) => output.includes(name));

/** The one axis of a reduction of a value, which keeps its dimensions. */
function axisOf(s: Speller, name: string, opType: string, value: string): number | undefined {
  const node = makerOf(s, name),
    named = (attribute: string) => node?.attribute.find((a) => a.name === attribute);
  if (node?.opType !== opType || node.input[0] !== value || named('keepdims')?.i === 0n) return undefined;
  const axes = node.input[1] ? storedValues(s.graph, node.input[1]) : named('axes')?.ints.map(Number);
  return axes?.length === 1 ? axes[0] : undefined;
}

/** What a Softmax that is spelled out reads, and its axis: exponentials, divided by their sum along it. */
function softmaxOf(s: Speller, [above, below]: string[]): { x: string; axis: number } | undefined {
  const exponentials = makerOf(s, above),
    axis = axisOf(s, below, 'ReduceSum', above);
  if (exponentials?.opType !== 'Exp' || axis === undefined) return undefined;
  const [x] = exponentials.input,
    less = makerOf(s, x);
  // The largest value is subtracted so that no exponential overflows; it changes nothing.
  const isSame = less?.opType === 'Sub' && axisOf(s, less.input[1], 'ReduceMax', less.input[0]) === axis;
  return { x: isSame ? less.input[0] : x, axis };
}

/** Exponentials span more than 8 bits hold, which a Softmax takes care of. */
function softmax(s: Speller, x: string, axis: number): string | undefined {
  if (s.opset >= 13) return s.add('Softmax', [x], { axis });
  // Before, a Softmax was one over all dimensions from its axis on.
  if (axis !== 1) return undefined;
  const columns = s.add('Reshape', [x, s.integers([0, 0, -1])]),
    rows = s.add('Transpose', [columns], { perm: [0, 2, 1] }),
    chosen = s.add('Transpose', [s.add('Softmax', [rows], { axis: 2 })], { perm: [0, 2, 1] });
  return s.add('Reshape', [chosen, s.add('Shape', [x])]);
}

/** What is divided by what is computed is multiplied by its reciprocal. */
export const division: Spelling = (s, { input }) => {
  const [a, b] = input,
    whole = softmaxOf(s, input);
  if (s.constants.has(b)) return false;
  return (whole && softmax(s, whole.x, whole.axis)) ?? s.add('Mul', [a, s.add('Reciprocal', [b])]);
};
