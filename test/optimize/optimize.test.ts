import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elements, type FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { dropUnused } from '../../host/optimize/drop-unused';
import { foldAffine } from '../../host/optimize/fold-affine';
import { foldPad } from '../../host/optimize/fold-pad';
import { fuseActivation } from '../../host/optimize/fuse-activation';
import { runFloat } from '../support/float-reference';
import { OnnxBuilder } from '../support/onnx-builder';
import { Random } from '../support/random';

type Build = (b: OnnxBuilder) => string;
type Pass = (graph: FloatGraph) => FloatGraph;

/** What a pass leaves of a model's operators, activations behind a slash; its outputs must stay what they were. */
function after(pass: Pass, build: Build, shape = [1, 3, 6, 5]): string[] {
  const b = new OnnxBuilder(shape), graph = importOnnx(b.finish(build(b)), 'test'), before = JSON.stringify(graph.nodes), random = new Random(8);
  const input = Float32Array.from({ length: elements(graph.tensors.get('x')!.shape) }, () => random.below(2001) / 200 - 5), result = pass(graph);
  assert.is(JSON.stringify(graph.nodes), before, 'the graph given is left as it was');
  const [output] = graph.outputs, wanted = runFloat(graph, input).get(output)!, got = runFloat(result, input).get(output)!;
  assert.equal(result.outputs, graph.outputs);
  wanted.forEach((w, i) => assert.ok(Math.abs(w - got[i]) < 1e-4 * Math.max(1, Math.abs(w)), `value ${i} is ${got[i]}, was ${w}`));
  for (const node of result.nodes) for (const t of [...node.inputs, node.output]) assert.ok(result.tensors.has(t), `${t} is no tensor`);
  return result.nodes.map((node) => ('activation' in node && node.activation !== 'none' ? `${node.op}/${node.activation}` : node.op));
}

const conv = (b: OnnxBuilder, x: string, i = 3, o = 4, group = 1): string => b.node('Conv', [x, b.floats([o, i / group, 2, 3]), b.floats([o])], { group });
const norm = (b: OnnxBuilder, x: string, n: number): string =>
  b.node('BatchNormalization', [x, b.floats([n]), b.floats([n]), b.floats([n]), b.floats([n], Array.from({ length: n }, (_, i) => 0.3 + i))]);
const relu = (b: OnnxBuilder, x: string): string => b.node('Relu', [x]);
const relu6 = (b: OnnxBuilder, x: string): string => b.node('Clip', [x, b.floats([], [0]), b.floats([], [6])]);
const pad = (b: OnnxBuilder, x: string, pads = [0, 0, 1, 2, 0, 0, 0, 1], value = 0): string => b.node('Pad', [x, b.integers(pads), b.floats([], [value])]);
const pool = (b: OnnxBuilder, x: string, op = 'MaxPool'): string => b.node(op, [x], { kernel_shape: [2, 2] });

test('normalization folds into every layer with weights', () => {
  assert.equal(after(foldAffine, (b) => norm(b, conv(b, 'x'), 4)), ['conv2d']);
  assert.equal(after(foldAffine, (b) => norm(b, conv(b, 'x', 3, 6, 3), 6)), ['depthwiseConv2d']);
  assert.equal(after(foldAffine, (b) => norm(b, b.node('Gemm', ['x', b.floats([5, 4])]), 4), [1, 5]), ['fullyConnected']);
  assert.equal(after(foldAffine, (b) => b.node('Add', [b.node('MatMul', ['x', b.floats([5, 4])]), b.floats([4])]), [1, 5]), ['fullyConnected']);
  assert.equal(after(foldAffine, (b) => norm(b, norm(b, conv(b, 'x'), 4), 4)), ['conv2d'], 'two in a row');
});

test('normalization becomes a depthwise convolution where it cannot fold', () => {
  assert.equal(after(foldAffine, (b) => norm(b, 'x', 3)), ['depthwiseConv2d'], 'at the input');
  assert.equal(after(foldAffine, (b) => norm(b, pool(b, conv(b, 'x')), 4)), ['conv2d', 'maxPool2d', 'depthwiseConv2d'], 'behind a pooling');
  assert.equal(after(foldAffine, (b) => norm(b, relu(b, conv(b, 'x')), 4)), ['conv2d', 'activation/relu', 'depthwiseConv2d'], 'behind an activation');
  assert.equal(after(foldAffine, (b) => { const x = conv(b, 'x'); return b.node('Add', [x, norm(b, x, 4)]); }), ['conv2d', 'depthwiseConv2d', 'add'], 'of a tensor read twice');
  assert.equal(after(foldAffine, (b) => norm(b, 'x', 5), [1, 5]), ['reshape', 'depthwiseConv2d', 'reshape'], 'of a vector: as an image of one pixel');
});

test('activations fuse into whatever has a clamp', () => {
  assert.equal(after(fuseActivation, (b) => relu(b, conv(b, 'x'))), ['conv2d/relu']);
  assert.equal(after(fuseActivation, (b) => relu6(b, conv(b, 'x', 3, 3, 3))), ['depthwiseConv2d/relu6']);
  assert.equal(after(fuseActivation, (b) => relu(b, b.node('Gemm', ['x', b.floats([5, 4])])), [1, 5]), ['fullyConnected/relu']);
  assert.equal(after(fuseActivation, (b) => relu6(b, b.node('Add', ['x', 'x']))), ['add/relu6']);
  assert.equal(after(fuseActivation, (b) => relu6(b, pool(b, 'x', 'AveragePool'))), ['averagePool2d/relu6']);
  assert.equal(after(fuseActivation, (b) => relu(b, pool(b, 'x'))), ['maxPool2d/relu']);
});

test('activations stay on their own where they cannot fuse', () => {
  assert.equal(after(fuseActivation, (b) => relu(b, 'x')), ['maxPool2d/relu'], 'at the input');
  assert.equal(after(fuseActivation, (b) => relu6(b, b.node('Concat', ['x', 'x'], { axis: 1 }))), ['concatenation', 'maxPool2d/relu6'], 'behind what has no clamp');
  assert.equal(after(fuseActivation, (b) => { const x = conv(b, 'x'); return b.node('Add', [x, relu(b, x)]); }), ['conv2d', 'maxPool2d/relu', 'add'], 'of a tensor read twice');
  assert.equal(after(fuseActivation, (b) => relu6(b, relu(b, conv(b, 'x')))), ['conv2d/relu', 'maxPool2d/relu6'], 'behind another');
  assert.equal(after(fuseActivation, (b) => relu(b, 'x'), [1, 5]), ['reshape', 'maxPool2d/relu', 'reshape'], 'of a vector: as an image of one pixel');
});

test('an activation does not fuse into an output of the model', () => {
  const b = new OnnxBuilder([1, 3, 6, 5]), graph = importOnnx(b.finish(relu(b, conv(b, 'x'))), ''), [layer, active] = graph.nodes;
  const both = { ...graph, outputs: [layer.output, active.output] };
  assert.equal(optimize(both).nodes.map((node) => node.op), ['conv2d', 'maxPool2d']);
});

test('padding with zeros folds into the convolution behind it', () => {
  assert.equal(after(foldPad, (b) => conv(b, pad(b, 'x'))), ['conv2d']);
  assert.equal(after(foldPad, (b) => conv(b, pad(b, 'x'), 3, 6, 3)), ['depthwiseConv2d']);
});

test('padding stays where it is more than the convolution\'s own', () => {
  assert.equal(after(foldPad, (b) => conv(b, pad(b, 'x', undefined, 0.5))), ['pad', 'conv2d'], 'another value');
  assert.equal(after(foldPad, (b) => conv(b, pad(b, 'x', [0, 1, 0, 0, 0, 0, 0, 0]), 4)), ['pad', 'conv2d'], 'channels');
  assert.equal(after(foldPad, (b) => pool(b, pad(b, 'x'))), ['pad', 'maxPool2d'], 'before a pooling, which would not count it');
  assert.equal(after(foldPad, (b) => pool(b, pad(b, 'x'), 'AveragePool')), ['pad', 'averagePool2d']);
  assert.equal(after(foldPad, (b) => { const x = pad(b, 'x'); return b.node('Concat', [conv(b, x), conv(b, x)], { axis: 1 }); }), ['pad', 'conv2d', 'conv2d', 'concatenation'], 'read twice');
});

test('operators and tensors that no output needs are dropped', () => {
  const b = new OnnxBuilder([1, 3, 6, 5]), graph = importOnnx(b.finish(relu(b, conv(b, 'x'))), ''), [layer] = graph.nodes;
  const dropped = dropUnused({ ...graph, outputs: [layer.output] });
  assert.equal(dropped.nodes, [layer]);
  assert.equal([...dropped.tensors.keys()], ['x', layer.output]);
});

test('all passes together: a layer of a usual network is one operator', () => {
  const ops = after(optimize, (b) => {
    const first = relu6(b, norm(b, conv(b, pad(b, b.node('Identity', ['x']))), 4)),
      second = relu(b, norm(b, conv(b, b.node('Dropout', [pad(b, first, [0, 0, 1, 1, 0, 0, 0, 1])]), 4, 4, 4), 4));
    return b.node('Gemm', [b.node('Flatten', [b.node('GlobalAveragePool', [relu(b, b.node('Add', [first, second]))])]), b.floats([4, 2])]);
  });
  assert.equal(ops, ['conv2d/relu6', 'depthwiseConv2d/relu', 'add/relu', 'averagePool2d', 'reshape', 'fullyConnected']);
});

test.run();
