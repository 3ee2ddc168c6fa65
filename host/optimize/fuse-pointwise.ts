import { elements, type Activation, type FloatGraph, type FloatParameters, type Node } from '../graph';
import { affineExpression } from '../operators/affine';
import { between, sizeOf, substituted, type Expression } from '../operators/expression';
import type { IntegerFunction, UnaryFunction } from '../operators/lookup-functions';

/** What one value has become of another: `expression` of each value of `root`. */
interface Pointwise {
  root: string;
  expression: Expression;
}

/** Larger ones are left as they are, before they grow without end. */
const LARGEST = 64;

const activations: Record<Activation, Expression> = {
  none: 'x',
  relu: ['maximum', 'x', 0],
  relu6: between('x', 0, 6),
  reluN1To1: between('x', -1, 1),
};

const functions: Record<
  Exclude<UnaryFunction, IntegerFunction>,
  (node: { alpha?: number; expression?: Expression }) => Expression
> = {
  expression: ({ expression = 'x' }) => expression,
  hardSwish: () => ['divide', ['multiply', 'x', substituted(activations.relu6, ['add', 'x', 3])], 6],
  leakyRelu: ({ alpha = 0 }) => ['leaky', 'x', alpha],
  logistic: () => ['sigmoid', 'x'],
  relu: () => activations.relu,
  relu6: () => activations.relu6,
  reluN1To1: () => activations.reluN1To1,
  requantize: () => 'x',
  tanh: () => ['tanh', 'x'],
};

/**
 * What a node computes of each of its operands' values, if it is one function for all.
 * @param operands the expressions that are its inputs
 */
function expressionOf(node: Node<FloatParameters>, operands: Expression[]): Expression | undefined {
  const [a, b] = operands;
  switch (node.op) {
    case 'lookup':
      return substituted(functions[node.function as keyof typeof functions](node), a);
    case 'activation':
      return substituted(activations[node.activation], a);
    case 'affine':
      return affineExpression(node, a);
    case 'add': {
      const [first, second] = node.signs ?? [1, 1];
      const sum: Expression = ['add', ['multiply', a, first], ['multiply', b, second]];
      return substituted(activations[node.activation], sum);
    }
    case 'multiply':
      return substituted(activations[node.activation], ['multiply', a, b]);
    case 'maximum':
      return ['maximum', a, b];
    case 'prelu':
      return typeof b === 'number' ? ['leaky', a, b] : undefined;
    default:
      return undefined;
  }
}

/**
 * Operators that compute each value from one alone become one table: x * sigmoid(x), a hard swish spelled
 * with Add, Clip, Mul and Div, chains of any such.
 *
 * Not where a single operator does it already, which stays what it is.
 */
export function fusePointwise(graph: FloatGraph): FloatGraph {
  const known = new Map<string, Pointwise>(),
    numbers = new Map<string, number>();
  const pointwiseOf = (name: string): Pointwise => known.get(name) ?? { root: name, expression: 'x' };
  const sizeOfTensor = (name: string): number => elements(graph.tensors.get(name)!.shape);
  for (const node of graph.nodes) {
    if (node.op === 'constant' && node.data.length === 1) numbers.set(node.output, node.data[0]);
    const computed = node.inputs.filter((name) => !numbers.has(name)),
      roots = [...new Set(computed.map((name) => pointwiseOf(name).root))];
    if (
      roots.length !== 1 ||
      node.inputs.some((name) => !numbers.has(name) && sizeOfTensor(name) !== sizeOfTensor(roots[0]))
    )
      continue;
    const expression = expressionOf(
      node,
      node.inputs.map((name) => numbers.get(name) ?? pointwiseOf(name).expression),
    );
    if (expression && sizeOf(expression) <= LARGEST && sizeOfTensor(node.output) === sizeOfTensor(roots[0]))
      known.set(node.output, { root: roots[0], expression });
  }
  // Only what others read, or the model gives, is computed.
  const within = (name: string): boolean =>
    graph.nodes.some((n) => n.inputs.includes(name) && !known.has(n.output));
  return {
    ...graph,
    nodes: graph.nodes.map((node): Node<FloatParameters> => {
      const { name, output } = node,
        made = known.get(output);
      if (!made || (!within(output) && !graph.outputs.includes(output))) return node;
      const alone =
        node.inputs.every((input) => input === made.root || numbers.has(input)) &&
        new Set(node.inputs).size === node.inputs.length;
      if (alone && node.op !== 'maximum' && node.op !== 'prelu') return node;
      const { root, expression } = made;
      return { op: 'lookup', name, inputs: [root], output, function: 'expression', expression };
    }),
  };
}
