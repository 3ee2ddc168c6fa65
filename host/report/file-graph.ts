/** A packed file as a graph to compare with its float model: what it says of its tensors and operators. */
import type { Description } from '../file/describe';
import type { IntGraph, IntParameters, Node } from '../graph';

/** The device's operators that a graph knows under another name. */
const PLAIN: Record<string, string> = {
  sparseConv2d: 'conv2d',
  sparseFullyConnected: 'fullyConnected',
};

/** Only what a comparison looks at: kinds, names, shapes and scales; nodes have no parameters. */
export function fileGraph({ name, tensors, operators, inputs, outputs }: Description): IntGraph {
  const names = tensors.map((t) => t.name);
  return {
    name,
    inputs: inputs.map((i) => names[i]),
    outputs: outputs.map((i) => names[i]),
    tensors: new Map(
      tensors.map(({ name, shape, scale, zeroPoint }) => [
        name,
        { shape, source: name, quantization: { scale, zeroPoint } },
      ]),
    ),
    nodes: operators.map((operator) => {
      const [kind, ...rest] = operator.name.split(' ');
      return {
        op: PLAIN[kind] ?? kind,
        name: rest.join(' '),
        inputs: operator.inputs.map((i) => names[i]),
        output: names[operator.output],
      } as Node<IntParameters>;
    }),
  };
}
