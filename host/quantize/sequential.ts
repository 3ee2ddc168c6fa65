/**
 * Layers quantized one after another, each told what the quantized ones before it really give: its weights
 * are fitted anew so that from those inputs it comes closest to what the float layer gives from the float
 * ones (least squares), and only then pruned weights left out and the others rounded. Errors are made up for
 * instead of passed on. What layers give is computed by the device's own code.
 */
import { load, run } from '../../src/model';
import { packGraph } from '../file/pack-graph';
import {
  isLayer,
  type FloatGraph,
  type IntGraph,
  type IntParameters,
  type Node,
  type Quantization,
} from '../graph';
import { silent, type Progress } from '../system/progress';
import { onThreads } from '../system/threads';
import { quantizeConstant } from './constants';
import { dequantized } from './samples';
import {
  GROUP,
  joinMoments,
  joinTargets,
  shapesOf,
  type FloatLayer,
  type Moments,
  type targetOver,
} from './statistics';
import { onLayerThread, partsOf } from './threads';

/** What one operator gives for each of many inputs. */
function outputsOf(
  node: Node<IntParameters>,
  tensors: IntGraph['tensors'],
  inputs: Int8Array[][],
): Int8Array[] {
  const names = [...new Set(node.inputs)],
    own: IntGraph = {
      name: node.name,
      inputs: names,
      outputs: [node.output],
      tensors: new Map([...names, node.output].map((name) => [name, tensors.get(name)!])),
      nodes: [node],
    };
  const model = load(packGraph(own).file.buffer);
  return inputs[0].map((_, i) => {
    names.forEach((_, k) => model.inputs[k].set(inputs[k][i]));
    run(model);
    return model.outputs[0].slice();
  });
}

/** What layers are quantized from, one after the other. */
export interface SequentialTask {
  /** The float graph, and the same after pruning. */
  float: FloatGraph;
  pruned: FloatGraph;
  quantization: Map<string, Quantization>;
  /** int8, as the device gets them: for each input of the model as many. */
  inputs: Int8Array[][];
  /** What the float network gives for each input in a tensor, NHWC. */
  exact(tensor: string): AsyncIterable<Float32Array>;
  /** Integers of a layer, from its weights and its inputs' moments. */
  round(node: FloatLayer, moments: Moments[]): Promise<IntParameters>;
}

/** Quantizes layer by layer, each fitted to what those before it give. */
export async function quantizeSequentially(
  { float, pruned, quantization, inputs, exact, round }: SequentialTask,
  progress: Progress,
): Promise<IntGraph> {
  const tensors: IntGraph['tensors'] = new Map(
    [...float.tensors].map(([name, tensor]) => [name, { ...tensor, quantization: quantization.get(name)! }]),
  );
  const values = new Map(float.inputs.map((name, i) => [name, inputs[i]])),
    nodes: Node<IntParameters>[] = [];
  const observed = async (layer: FloatLayer, name: string): Promise<ReturnType<typeof targetOver>> => {
    const q = quantization.get(name)!,
      given = values.get(name)!,
      groups: Promise<ReturnType<typeof targetOver>>[] = [],
      shapes = shapesOf(float, layer);
    let group: Float32Array[] = [],
      done = 0;
    progress.start(given.length, `fitting ${layer.name}`);
    for await (const x of exact(name)) {
      group.push(x);
      progress.update(++done);
      if (group.length < GROUP && done < given.length) continue;
      const first = done - group.length,
        xs = given.slice(first, done).map((values) => dequantized(values, q));
      groups.push(onLayerThread('target', layer, shapes, xs, group, first));
      group = [];
    }
    const all = await Promise.all(groups);
    progress.stop();
    return {
      moments: joinMoments(all.map(({ moments }) => moments)),
      target: joinTargets(all.map(({ target }) => target)),
    };
  };
  for (const [i, node] of pruned.nodes.entries()) {
    if (node.op === 'constant') {
      const data = quantizeConstant(node.data, quantization.get(node.output)!);
      nodes.push({ ...node, data });
      values.set(
        node.output,
        inputs[0].map(() => data),
      );
      continue;
    }
    let made = node as Node<IntParameters>;
    if (isLayer(node)) {
      const original = float.nodes[i] as FloatLayer,
        { weights, bias } = original.parameters,
        { moments, target } = await observed(original, node.inputs[0]);
      const parts = partsOf(node),
        each = weights.length / bias.length,
        fitted = { weights: weights.slice(), bias: bias.slice() };
      const found = await onThreads(
        onLayerThread,
        'refit',
        parts.map((part) => {
          const to = part.channel + part.node.parameters.bias.length;
          return [
            part.node,
            bias.slice(part.channel, to),
            moments,
            {
              products: target.products.slice(part.channel * each, to * each),
              sums: target.sums.slice(part.channel, to),
            },
          ];
        }),
        silent,
        '',
      );
      parts.forEach(
        ({ channel, weight }, k) => (
          fitted.weights.set(found[k].weights, weight),
          fitted.bias.set(found[k].bias, channel)
        ),
      );
      made = {
        ...node,
        parameters: await round({ ...node, parameters: { ...node.parameters, ...fitted } }, moments),
      };
    }
    nodes.push(made);
    values.set(
      node.output,
      node.op === 'reshape'
        ? values.get(node.inputs[0])!
        : outputsOf(
            made,
            tensors,
            node.inputs.map((name) => values.get(name)!),
          ),
    );
    for (const name of node.inputs)
      if (!pruned.nodes.slice(i + 1).some((later) => later.inputs.includes(name))) values.delete(name);
  }
  return { ...float, tensors, nodes };
}
