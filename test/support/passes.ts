/** What a pass of the optimizer leaves of a model. */
import * as assert from 'uvu/assert';
import { elements, type FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { runFloat } from './float-reference';
import { model, type Build } from './onnx';
import { Random } from './random';

export type Pass = (graph: FloatGraph) => FloatGraph;

/** The operators of a graph, activations behind a slash. */
const operatorsOf = ({ nodes }: FloatGraph): string[] =>
  nodes.map((node) =>
    'activation' in node && node.activation !== 'none' ? `${node.op}/${node.activation}` : node.op,
  );

/**
 * A pass leaves these operators, which compute what all did before; and it leaves the graph that it was given
 * as it was.
 */
export function becomes(pass: Pass, build: Build, operators: string[], shape = [1, 3, 6, 5]): void {
  const graph = importOnnx(model(build, shape), 'test'),
    before = JSON.stringify(graph.nodes),
    result = pass(graph),
    input = new Random(8).reals(elements(graph.tensors.get('x')!.shape), 5);
  assert.is(JSON.stringify(graph.nodes), before);
  assert.equal(result.outputs, graph.outputs);
  assert.equal(operatorsOf(result), operators);
  for (const { inputs, output } of result.nodes)
    for (const tensor of [...inputs, output]) assert.ok(result.tensors.has(tensor), `${tensor} is no tensor`);
  const [output] = graph.outputs,
    wanted = runFloat(graph, input).get(output)!,
    got = runFloat(result, input).get(output)!;
  wanted.forEach((w, i) =>
    assert.ok(Math.abs(w - got[i]) < 1e-4 * Math.max(1, Math.abs(w)), `value ${i} is ${got[i]}, was ${w}`),
  );
}
