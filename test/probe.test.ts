/// <reference types="node" />
// Throwaway: which suspicions are real?
import { OnnxBuilder } from './onnx-builder';
import { importOnnx } from '../host/onnx/import';
import { optimize } from '../host/optimize';
import { calibrate, floatSession, minMax, onnxInput } from '../host/calibrate';
import { runFloat } from './float-reference';
import { Random } from './random';
import { elements } from '../host/graph';

async function compare(title: string, build: (b: OnnxBuilder) => string, shape = [1, 3, 6, 7], opset = 13) {
  try {
    const b = new OnnxBuilder(shape, opset), bytes = b.finish(build(b)), random = new Random(5);
    let session; try { session = await floatSession(bytes); } catch (e) { console.log('ORT refuses', title, (e as Error).message.slice(0, 150)); }
    const raw = importOnnx(bytes, 't'), graph = optimize(raw), s = graph.tensors.get(graph.inputs[0])!.shape;
    const x = Float32Array.from({ length: elements(s) }, () => random.below(2001) / 250 - 4);
    const got = runFloat(graph, x).get(graph.outputs[0])!;
    if (!session) return console.log('ACCEPTED', title);
    const result = (await session.run({ [session.inputNames[0]]: onnxInput(x, s) }))[session.outputNames[0]];
    const want = result.data as Float32Array, d = result.dims as number[];
    const n = d.length === 4 ? d[2] * d[3] : 1, C = want.length / n;
    let worst = got.length === want.length ? 0 : Infinity;
    if (worst === 0) for (let p = 0; p < n; p++) for (let c = 0; c < C; c++) worst = Math.max(worst, Math.abs(got[p * C + c] - want[c * n + p]));
    console.log(worst < 1e-4 ? 'ok   ' : 'WRONG', title, worst, graph.nodes.map((m) => m.op).join(' '), `[${d}]`);
  } catch (e) { console.log((e as Error).name === 'FlintError' ? 'refused' : 'CRASH ' + (e as Error).stack!.slice(0, 300), title, (e as Error).message.split('\n').slice(0, 4).join(' | ')); }
}
const F = (b: OnnxBuilder, i = 'x', o = 4, c = 3) => b.node('Conv', [i, b.floats([o, c, 1, 1]), b.floats([o])], {});
await compare('clip dynamic', (b) => b.node('Clip', [F(b), b.node('Identity', [b.floats([], [-0.5])]), b.node('ReduceMax', ['x'], { keepdims: 0 })]));
await compare('clip empty min', (b) => b.node('Clip', [F(b), '', b.floats([], [6])]));
await compare('clip 0..inf', (b) => b.node('Clip', [F(b), b.floats([], [0]), b.floats([], [Infinity])]));
await compare('clip 0..FLT_MAX', (b) => b.node('Clip', [F(b), b.floats([], [0]), b.floats([], [3.4028234663852886e38])]));
await compare('pad dynamic value', (b) => F(b, b.node('Pad', ['x', b.integers([0, 0, 1, 1, 0, 0, 1, 1]), b.node('GlobalMaxPool', ['x'], {})])));
await compare('pad axes 18', (b) => F(b, b.node('Pad', ['x', b.integers([1, 2, 0, 1]), '', b.integers([2, 3])])), [1, 3, 6, 7], 18);
await compare('pad axes 18 permuted', (b) => F(b, b.node('Pad', ['x', b.integers([0, 1, 0, 0, 0, 1, 0, 0]), '', b.integers([0, 2, 1, 3])])), [1, 3, 6, 7], 18);
await compare('pad value .5', (b) => F(b, b.node('Pad', ['x', b.integers([0, 0, 1, 1, 0, 0, 1, 1]), b.floats([], [0.5])])));
await compare('pad channels', (b) => F(b, b.node('Pad', ['x', b.integers([0, 1, 1, 1, 0, 0, 1, 1])]), 4, 4));
await compare('pad 1x vector', (b) => b.node('Pad', ['x', b.integers([0, 1, 0, 2])]), [1, 5]);
await compare('pad big then conv', (b) => F(b, b.node('Pad', ['x', b.integers([0, 0, 5, 4, 0, 0, 3, 2])])));
await compare('relu vector BN', (b) => b.node('BatchNormalization', [b.node('Relu', ['x']), b.floats([5]), b.floats([5]), b.floats([5]), b.floats([5], [1, 2, 3, 4, 5])], {}), [1, 5]);
await compare('BN flattened', (b) => b.node('Gemm', [b.node('BatchNormalization', [b.node('Flatten', ['x']), b.floats([24]), b.floats([24]), b.floats([24]), b.floats([24], Array(24).fill(1.5))]), b.floats([24, 3])]), [1, 2, 3, 4]);
await compare('bias flattened', (b) => b.node('Gemm', [b.node('Add', [b.node('Flatten', ['x']), b.floats([24])]), b.floats([24, 3])]), [1, 2, 3, 4]);
await compare('softmax opset11 4d default', (b) => b.node('Softmax', [b.node('GlobalAveragePool', ['x'])]), [1, 3, 6, 7], 11);
await compare('softmax opset11 4d whole', (b) => b.node('Softmax', ['x']), [1, 3, 2, 2], 11);
await compare('softmax 13 axis1 4d', (b) => b.node('Softmax', ['x'], { axis: 1 }), [1, 3, 2, 2]);
await compare('softmax 13 default 4d', (b) => b.node('Softmax', ['x']), [1, 3, 2, 2]);
await compare('softmax 12 axis 0', (b) => b.node('Softmax', ['x'], { axis: 0 }), [1, 5], 12);
await compare('squeeze twice', (b) => b.node('Gemm', [b.node('Squeeze', [b.node('Squeeze', [b.node('GlobalAveragePool', ['x']), b.integers([-1])]), b.integers([-1])]), b.floats([3, 2])]));
await compare('squeeze all', (b) => b.node('Squeeze', [b.node('GlobalAveragePool', ['x'])]));
await compare('unsqueeze twice', (b) => F(b, b.node('Unsqueeze', [b.node('Unsqueeze', ['x', b.integers([2])]), b.integers([3])])), [1, 3]);
await compare('flatten and back', (b) => F(b, b.node('Reshape', [b.node('Flatten', ['x']), b.integers([1, 3, 6, 7])])));
await compare('reshape rank3 mean', (b) => b.node('ReduceMean', [b.node('Reshape', ['x', b.integers([1, 3, -1])])], { axes: [2], keepdims: 0 }));
await compare('reshape rank3 flatten gemm', (b) => b.node('Gemm', [b.node('Flatten', [b.node('Reshape', ['x', b.integers([1, 3, -1])])]), b.floats([126, 2])]));
await compare('reshape frac', (b) => b.node('Reshape', ['x', b.integers([1, -1, 5])]));
await compare('reduce mean axes split', (b) => b.node('ReduceMean', [b.node('ReduceMean', ['x'], { axes: [3], keepdims: 1 })], { axes: [2], keepdims: 1 }));
await compare('reduce mean 18', (b) => b.node('ReduceMean', ['x', b.integers([-1, -2])], { keepdims: 0 }), [1, 3, 6, 7], 18);
await compare('add different flattenings', (b) => b.node('Gemm', [b.node('Add', [b.node('Flatten', ['x']), b.node('Flatten', [b.node('Conv', ['x', b.floats([4, 2, 2, 1])], { pads: [0, 0, 0, 0], strides: [2, 1] })])]), b.floats([32, 2])]), [1, 2, 4, 4]);
await compare('add const [n,1]', (b) => b.node('Add', ['x', b.floats([5, 1])]), [1, 5]);
await compare('add const [C] to image', (b) => b.node('Add', [F(b), b.floats([4])]), [1, 3, 5, 4]);
await compare('add const [1,C,1,1]', (b) => b.node('Add', [b.floats([1, 4, 1, 1]), F(b)]), [1, 3, 5, 4]);
await compare('add scalar', (b) => b.node('Add', [F(b), b.floats([], [0.5])]), [1, 3, 5, 4]);
await compare('add inf scalar', (b) => b.node('Add', [F(b), b.floats([], [Infinity])]), [1, 3, 5, 4]);
await compare('add x+x', (b) => b.node('Relu', [b.node('Add', ['x', 'x'])]));
for (const o of [11, 13, 18]) for (const [k, s, p] of [[3, 2, 0], [3, 2, 1], [2, 2, 1], [2, 3, 1], [1, 2, 0], [2, 3, 0], [3, 3, 1], [3, 4, 1]]) for (const op of ['MaxPool', 'AveragePool'])
  await compare(`${op} ceil k${k} s${s} p${p} opset ${o}`, (b) => b.node(op, ['x'], { kernel_shape: [k, k], strides: [s, s], pads: [p, p, p, p], ceil_mode: 1 }), [1, 2, 7, 8], o);
await compare('avg ceil include', (b) => b.node('AveragePool', ['x'], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 }), [1, 2, 7, 7]);
await compare('avg same include', (b) => b.node('AveragePool', ['x'], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER', count_include_pad: 1 }), [1, 2, 7, 8]);
await compare('avg same lower', (b) => b.node('AveragePool', ['x'], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' }), [1, 2, 7, 8]);
await compare('max same lower ceil', (b) => b.node('MaxPool', ['x'], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_LOWER', ceil_mode: 1 }), [1, 2, 7, 8]);
await compare('valid ceil', (b) => b.node('MaxPool', ['x'], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'VALID', ceil_mode: 1 }), [1, 2, 7, 8]);
await compare('pool pad >= kernel', (b) => b.node('MaxPool', ['x'], { kernel_shape: [2, 2], pads: [2, 2, 2, 2] }), [1, 2, 7, 8]);
await compare('maxpool dilated', (b) => b.node('MaxPool', ['x'], { kernel_shape: [2, 2], dilations: [2, 2] }), [1, 2, 7, 8]);
await compare('gemm alpha beta', (b) => b.node('Gemm', ['x', b.floats([5, 3]), b.floats([1, 3])], { alpha: 0.5, beta: 1.5 }), [1, 5]);
await compare('gemm transA', (b) => b.node('Gemm', ['x', b.floats([1, 3])], { transA: 1 }), [1, 1]);
await compare('gemm scalar C', (b) => b.node('Gemm', ['x', b.floats([5, 3]), b.floats([], [2])]), [1, 5]);
await compare('gemm w rank1', (b) => b.node('Gemm', ['x', b.floats([5])]), [1, 5]);
await compare('strides 1-d', (b) => b.node('Conv', ['x', b.floats([4, 3, 1, 1])], { strides: [2] }));
await compare('pads 2', (b) => b.node('Conv', ['x', b.floats([4, 3, 1, 1])], { pads: [1, 1] }));
await compare('strides string', (b) => b.node('Conv', ['x', b.floats([4, 3, 1, 1])], { strides: 'ab' }));
await compare('conv 0 outputs', (b) => b.node('Conv', ['x', b.floats([0, 3, 1, 1])]));
await compare('concat axis 2', (b) => b.node('Concat', ['x', F(b, 'x', 3)], { axis: 2 }));
await compare('concat -1 vec', (b) => b.node('Concat', ['x', b.node('Relu', ['x'])], { axis: -1 }), [1, 5]);
await compare('concat flattened', (b) => b.node('Gemm', [b.node('Concat', [b.node('Flatten', ['x']), b.node('Flatten', [F(b)])], { axis: 1 }), b.floats([42 * 7, 2])]));
await compare('big vector scalar add', (b) => b.node('Add', [b.node('Relu', ['x']), b.floats([], [1])]), [1, 70000]);
await compare('huge input', (b) => b.node('Add', [b.node('Relu', ['x']), b.floats([], [1])]), [1, 2 ** 40, 1, 1]);
await compare('BN short stats', (b) => b.node('BatchNormalization', ['x', b.floats([3]), b.floats([3]), b.floats([3]), b.floats([2], [1, 1])]));
await compare('BN negative var', (b) => b.node('BatchNormalization', ['x', b.floats([3]), b.floats([3]), b.floats([3]), b.floats([3], [1, -1, 1])]));
await compare('dead unsupported', (b) => { b.node('Sigmoid', ['x']); return F(b); });
await compare('only identity', (b) => b.node('Identity', ['x']));
await compare('flattened output', (b) => b.node('Flatten', [F(b)]));
await compare('relu after flatten', (b) => b.node('Gemm', [b.node('Clip', [b.node('Flatten', [F(b)]), b.floats([], [0]), b.floats([], [6])]), b.floats([168, 2])]));
await compare('conv group 2', (b) => b.node('Conv', ['x', b.floats([4, 2, 1, 1])], { group: 2 }), [1, 4, 3, 3]);
await compare('keepdims 0 calibrate', (b) => b.node('ReduceMean', [F(b)], { axes: [2, 3], keepdims: 0 }));
void calibrate; void minMax;
