/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { create, fromBinary, toBinary, type MessageShape } from '@bufbuild/protobuf';
import { ModelProtoSchema, NodeProtoSchema, TensorProto_DataType as Type } from 'onnx-buf';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elements, type FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { FlintError } from '../../src/error';
import { differenceFromOnnxRuntime } from '../support/float-reference';
import { OnnxBuilder } from '../support/onnx-builder';
import { Random } from '../support/random';

const IMAGE = [1, 3, 7, 8], shared = (name: string): string => `../shared/models/onnx/${name}.onnx`;
type Build = (b: OnnxBuilder) => string;

const model = (build: Build, shape = IMAGE, opset = 13): Uint8Array => {
  const b = new OnnxBuilder(shape, opset);
  return b.finish(build(b));
};
function randomInput(graph: FloatGraph, seed = 3): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: elements(graph.tensors.get(graph.inputs[0])!.shape) }, () => random.below(2001) / 250 - 4);
}

/** The graph as imported and as optimized must both compute what ONNX Runtime computes, in every tensor. */
async function agrees(bytes: Uint8Array): Promise<FloatGraph> {
  const imported = importOnnx(bytes, 'test'), optimized = optimize(imported);
  for (const graph of [imported, optimized]) {
    const difference = await differenceFromOnnxRuntime(bytes, graph, randomInput(graph));
    assert.ok(difference < 1e-4, `differs from ONNX Runtime by ${difference}`);
  }
  return optimized;
}

function refusal(bytes: Uint8Array): string {
  try {
    importOnnx(bytes, 'test');
  } catch (error) {
    assert.instance(error, FlintError, (error as Error).stack);
    return (error as Error).message;
  }
  return assert.unreachable('it was imported') as never;
}

const conv = (b: OnnxBuilder, x: string, i = 3, o = 4, attributes: Record<string, number[] | string> = {}, k = [1, 1]): string =>
  b.node('Conv', [x, b.floats([o, i, ...k]), b.floats([o])], attributes);
const norm = (b: OnnxBuilder, x: string, n: number): string =>
  b.node('BatchNormalization', [x, b.floats([n]), b.floats([n]), b.floats([n]), b.floats([n], Array.from({ length: n }, (_, i) => 0.3 + i))]);
const flat = (b: OnnxBuilder, x: string): string => b.node('Flatten', [x]);
const gemm = (b: OnnxBuilder, x: string, n: number): string => b.node('Gemm', [x, b.floats([n, 3]), b.floats([3])]);

const runs: [string, Build, number[]?, number?][] = [
  ['Conv without bias', (b) => b.node('Conv', ['x', b.floats([4, 3, 3, 2])])],
  ['Conv of one channel with one group', (b) => b.node('Conv', ['x', b.floats([4, 1, 3, 3])], { group: 1 }), [1, 1, 5, 5]],
  ['depthwise Conv with two outputs a channel, dilated', (b) => b.node('Conv', ['x', b.floats([6, 1, 2, 3])], { group: 3, dilations: [2, 1], strides: [1, 2], pads: [0, 2, 1, 0] })],
  ['Conv dilated with uneven pads', (b) => conv(b, 'x', 3, 2, { pads: [2, 1, 1, 0], dilations: [2, 3] }, [3, 2])],
  ['Gemm with alpha, beta and a bias of a row', (b) => b.node('Gemm', ['x', b.floats([5, 3]), b.floats([1, 3])], { alpha: 0.5, beta: 1.5 }), [1, 5]],
  ['Gemm with transB and a bias of one number', (b) => b.node('Gemm', ['x', b.floats([3, 5]), b.floats([])], { transB: 1 }), [1, 5]],
  ['Gemm with transA of a single value', (b) => b.node('Gemm', ['x', b.floats([1, 3])], { transA: 1 }), [1, 1]],
  ['MatMul + Add, the constant first', (b) => b.node('Add', [b.floats([3]), b.node('MatMul', ['x', b.floats([5, 3])])]), [1, 5]],
  ['Clip with a maximum of infinity', (b) => b.node('Clip', ['x', b.floats([], [0]), b.floats([], [Infinity])])],
  ['Clip 0..6 with bounds through Identity', (b) => b.node('Clip', ['x', b.node('Identity', [b.floats([], [0])]), b.node('Identity', [b.floats([], [6])])])],
  ['normalization of an input vector', (b) => norm(b, b.node('Relu', ['x']), 5), [1, 5]],
  ['normalization of a flattened image', (b) => gemm(b, norm(b, flat(b, 'x'), 24), 24), [1, 2, 3, 4]],
  ['a constant added to a flattened image', (b) => gemm(b, b.node('Add', [flat(b, 'x'), b.floats([24])]), 24), [1, 2, 3, 4]],
  ['flattened images added', (b) => gemm(b, b.node('Add', [flat(b, 'x'), flat(b, conv(b, 'x', 2, 2))]), 24), [1, 2, 3, 4]],
  ['Flatten, Clip, Dropout, Identity, Gemm', (b) => gemm(b, b.node('Identity', [b.node('Dropout', [b.node('Clip', [flat(b, conv(b, 'x')), b.floats([], [0]), b.floats([], [6])])])]), 224)],
  ['Flatten of one pixel and of one channel', (b) => b.node('Concat', [flat(b, b.node('GlobalMaxPool', ['x'])), flat(b, conv(b, 'x', 3, 1))], { axis: 1 })],
  ['Flatten with a negative axis', (b) => gemm(b, b.node('Flatten', ['x'], { axis: -3 }), 24), [1, 2, 3, 4]],
  ['an image flattened and made an image again', (b) => conv(b, b.node('Reshape', [flat(b, 'x'), b.integers([1, 3, 7, 8])]))],
  ['Reshape through three dimensions', (b) => gemm(b, flat(b, b.node('Reshape', ['x', b.integers([0, 0, -1])])), 168)],
  ['Squeeze one dimension at a time', (b) => gemm(b, b.node('Squeeze', [b.node('Squeeze', [b.node('GlobalAveragePool', ['x']), b.integers([-1])]), b.integers([-1])]), 3)],
  ['Squeeze with an attribute', (b) => gemm(b, b.node('Squeeze', [b.node('GlobalAveragePool', ['x'])], { axes: [2, 3] }), 3), IMAGE, 12],
  ['Unsqueeze one dimension at a time', (b) => conv(b, b.node('Unsqueeze', [b.node('Unsqueeze', ['x', b.integers([2])]), b.integers([3])])), [1, 3]],
  ['Softmax before opset 13, of one pixel', (b) => b.node('Softmax', [b.node('GlobalAveragePool', ['x'])]), IMAGE, 11],
  ['Softmax over the channels of every pixel', (b) => b.node('Softmax', ['x'], { axis: 1 })],
  ['ReduceMean with axes as an input', (b) => b.node('ReduceMean', ['x', b.integers([-1, -2])], { keepdims: 0 }), IMAGE, 18],
  ['Pad with axes', (b) => conv(b, b.node('Pad', ['x', b.integers([2, 1, 0, 1]), '', b.integers([3, 2])])), IMAGE, 18],
  ['Pad with a value, of channels too', (b) => conv(b, b.node('Pad', ['x', b.integers([0, 1, 1, 2, 0, 0, 0, 1]), b.floats([], [0.5])]), 4)],
  ['Pad wider than the convolution', (b) => conv(b, b.node('Pad', ['x', b.integers([0, 0, 5, 4, 0, 0, 3, 2])]))],
  ['Concat along height, width and a negative axis', (b) => {
    const high = b.node('Concat', ['x', conv(b, 'x', 3, 3)], { axis: 2 }), wide = b.node('Concat', [high, b.node('Relu', [high])], { axis: 3 });
    return b.node('Concat', [wide, wide, conv(b, wide)], { axis: -3 });
  }],
  ['a tensor added to itself', (b) => b.node('Relu', [b.node('Add', ['x', 'x'])])],
  ['a constant added per channel, and one for all', (b) => b.node('Add', [b.node('Add', [b.floats([1, 3, 1, 1]), 'x']), b.floats([1])])],
  ['AveragePool SAME_UPPER counting padding', (b) => b.node('AveragePool', ['x'], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER', count_include_pad: 1 })],
  ['AveragePool SAME_LOWER', (b) => b.node('AveragePool', ['x'], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' })],
  ['MaxPool VALID with ceil_mode', (b) => b.node('MaxPool', ['x'], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'VALID', ceil_mode: 1 })],
  ['what no output needs is not judged', (b) => (b.node('Sigmoid', ['x']), conv(b, 'x'))],
];
for (const op of ['MaxPool', 'AveragePool'])
  for (const [k, s, p] of [[3, 2, 0], [3, 2, 1], [2, 2, 0], [2, 3, 0]])
    runs.push([`${op} of ${k} by ${s}, padding ${p}, ceil_mode`, (b) => b.node(op, ['x'], { kernel_shape: [k, k], strides: [s, s], pads: [p, p, p, p], ceil_mode: 1 })]);
for (const [title, build, shape, opset] of runs) test(title, async () => void (await agrees(model(build, shape, opset))));

for (const name of ['seed_cnn', 'seed_pruned80', 'fmnist_ds', 'fmnist_ds_bn', 'resnet8_b', 'resnet8_b_bn']) {
  if (!existsSync(shared(name))) console.log(`SKIPPED: ${shared(name)} is not there`);
  else test(`every tensor of ${name}.onnx is ONNX Runtime's`, async () => void (await agrees(new Uint8Array(readFileSync(shared(name))))));
}

const refused: [string, Build, RegExp, number[]?, number?][] = [
  ['a computed Clip bound', (b) => b.node('Clip', ['x', b.node('GlobalMaxPool', ['x'])]), /its min must be a constant/],
  ['Clip to something else', (b) => b.node('Clip', ['x', '', b.floats([], [6])]), /it clips to -Infinity..6; 0..6/],
  ['a computed Pad value', (b) => b.node('Pad', ['x', b.integers([0, 0, 1, 1, 0, 0, 1, 1]), b.node('GlobalMaxPool', ['x'])]), /its value must be a constant/],
  ['reflecting Pad', (b) => b.node('Pad', ['x', b.integers([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' }), /its mode is reflect/],
  ['flattened images of different shapes added', (b) => gemm(b, b.node('Add', [flat(b, 'x'), flat(b, b.node('Conv', ['x', b.floats([4, 2, 2, 1])], { strides: [2, 1] }))]), 32), /flattened from different shapes/, [1, 2, 4, 4]],
  ['flattened images joined', (b) => gemm(b, b.node('Concat', [flat(b, 'x'), flat(b, 'x')], { axis: 1 }), 336), /flatten later/],
  ['a flattened image as the output', (b) => flat(b, conv(b, 'x')), /whose order would differ on the device/],
  ['a constant that makes a batch', (b) => b.node('Add', ['x', b.floats([5, 1])]), /a constant of the shape \[5,1\] to \[1,5\]/, [1, 5]],
  ['a constant added along the width', (b) => b.node('Add', ['x', b.floats([8])]), /one value per channel/],
  ['operands of different shapes', (b) => b.node('Add', ['x', b.node('GlobalMaxPool', ['x'])]), /it adds \[1,3,7,8\] and \[1,3,1,1\]/],
  ['a pooling window of padding alone by ceil_mode', (b) => b.node('MaxPool', ['x'], { kernel_shape: [3, 3], strides: [4, 4], pads: [1, 1, 1, 1], ceil_mode: 1 }), /nothing but padding/],
  ['padding as wide as the pooling window', (b) => b.node('MaxPool', ['x'], { kernel_shape: [2, 2], pads: [2, 2, 2, 2] }), /as wide as its window/],
  ['dilation with SAME_LOWER', (b) => conv(b, 'x', 3, 2, { auto_pad: 'SAME_LOWER', dilations: [2, 2] }, [3, 2]), /dilated and pads by auto_pad/],
  ['strides for one dimension', (b) => conv(b, 'x', 3, 4, { strides: [2] }), /its attribute strides has 1 values; 2 are needed/],
  ['strides that are a word', (b) => conv(b, 'x', 3, 4, { strides: 'two' }), /must be a list of whole numbers/],
  ['an unknown auto_pad', (b) => conv(b, 'x', 3, 4, { auto_pad: 'BEST' }), /its auto_pad is BEST/],
  ['statistics of another length', (b) => b.node('BatchNormalization', ['x', b.floats([3]), b.floats([3]), b.floats([3]), b.floats([2], [1, 1])]), /statistics of 3, 3, 3, 2 channels/],
  ['a negative variance', (b) => b.node('BatchNormalization', ['x', b.floats([3]), b.floats([3]), b.floats([3], [0, 0, 0]), b.floats([3], [1, -1, 1])]), /is not positive/],
  ['normalization in training mode', (b) => b.node('BatchNormalization', ['x', b.floats([3]), b.floats([3]), b.floats([3]), b.floats([3], [1, 1, 1])], { training_mode: 1 }), /export the model in evaluation mode/, IMAGE, 15],
  ['weights of one dimension', (b) => b.node('Gemm', ['x', b.floats([5])]), /its weights have the shape \[5\]/, [1, 5]],
  ['weights that are computed', (b) => b.node('Conv', ['x', b.node('Relu', ['x'])]), /its weights must be a constant/],
  ['no outputs at all', (b) => b.node('Conv', ['x', b.floats([0, 3, 1, 1])]), /do not belong to 3 input channels/],
  ['an impossible Reshape', (b) => b.node('Reshape', ['x', b.integers([1, -1, 5])]), /it makes \[1,33.6,5\] of/],
  ['channels and pixels mixed', (b) => b.node('Reshape', ['x', b.integers([1, 6, 7, 4])]), /would mix channels and pixels/],
  ['a batch made of pixels', (b) => b.node('Reshape', ['x', b.integers([7, 24])]), /the batch of one must stay in front/],
  ['means of other axes', (b) => b.node('ReduceMean', ['x'], { axes: [1] }), /it reduces axes \[1\]/],
  ['an axis that is not there', (b) => b.node('Softmax', ['x'], { axis: 7 }), /it has no axis 7/],
  ['an input larger than any memory', (b) => b.node('Relu', ['x']), /larger than any microcontroller's memory/, [1, 2 ** 40, 1, 1]],
  ['padding larger than any memory', (b) => b.node('Pad', ['x', b.integers([0, 0, 2 ** 40, 0, 0, 0, 0, 0])]), /larger than any microcontroller's memory/],
  ['operators named like parts of JavaScript', (b) => b.node('toString', [b.node('constructor', ['x'])]), /2 of 2 nodes[^]*constructor \[1,3,7,8\]: it is not supported/],
];
for (const [title, build, message, shape, opset] of refused) test(`refused: ${title}`, () => assert.match(refusal(model(build, shape, opset)), message));

type Model = MessageShape<typeof ModelProtoSchema>;
const edited = (bytes: Uint8Array, edit: (m: Model) => void): Uint8Array => {
  const m = fromBinary(ModelProtoSchema, bytes as Uint8Array<ArrayBuffer>);
  edit(m);
  return toBinary(ModelProtoSchema, m);
};
const small = (): Uint8Array => model((b) => conv(b, 'x'));
const constants = (m: Model) => m.graph!.initializer;
function inputType(m: Model) {
  const type = m.graph!.input[0].type!.value;
  if (type.case !== 'tensorType') throw new Error('no tensor');
  return type.value;
}

test('constants as raw bytes, even unaligned ones', async () => {
  await agrees(edited(small(), (m) => {
    m.producerName = 'odd'; // moves what follows by odd numbers of bytes
    for (const t of constants(m)) (t.rawData = new Uint8Array(Float32Array.from(t.floatData).buffer)), (t.floatData = []);
  }));
});

test('constants also listed as inputs, and before the real one', async () => {
  await agrees(edited(small(), (m) => {
    m.graph!.input.unshift(...constants(m).map(({ name, dims }) => {
      const info = fromBinary(ModelProtoSchema, new OnnxBuilder(dims.map(Number)).finish('x') as Uint8Array<ArrayBuffer>).graph!.input[0];
      return { ...info, name };
    }));
  }));
});

test('weights from Constant nodes and through Identity', async () => {
  await agrees(edited(small(), (m) => {
    const g = m.graph!, [weights] = g.initializer.splice(0, 1);
    g.node.unshift(
      create(NodeProtoSchema, { opType: 'Constant', output: ['stored'], attribute: [{ name: 'value', type: 4, t: weights }] }),
      create(NodeProtoSchema, { opType: 'Identity', input: ['stored'], output: [weights.name] }));
  }));
});

test('a batch that is not fixed counts as one', async () => {
  for (const dim of [{ case: 'dimParam', value: 'N' }, { case: 'dimValue', value: -1n }] as const)
    assert.equal(importOnnx(edited(small(), (m) => void (inputType(m).shape!.dim[0].value = dim)), '').tensors.get('x')!.shape, [1, 7, 8, 3]);
  await agrees(edited(small(), (m) => void (inputType(m).shape!.dim[0].value = { case: 'dimParam', value: 'N' })));
});

test('Dropout that names its mode', () => {
  const dropout = (training: number): Uint8Array => edited(model((b) => b.node('Dropout', ['x', b.floats([], [0.5]), b.integers([training])])), (m) => {
    const [, mode] = constants(m);
    mode.dataType = Type.BOOL, mode.int64Data = [], mode.int32Data = [training], mode.dims = [];
  });
  assert.equal(importOnnx(dropout(0), '').nodes, []);
  assert.match(refusal(dropout(1)), /export the model in evaluation mode/);
});

test('what is wrong with a file is said in its own terms', () => {
  const [bad, name] = [(edit: (m: Model) => void): string => refusal(edited(small(), edit)), constants(fromBinary(ModelProtoSchema, small() as Uint8Array<ArrayBuffer>))[0].name];
  assert.match(bad((m) => void (constants(m)[0].floatData[1] = NaN)), new RegExp(`constant ${name} holds values that are not finite`));
  assert.match(bad((m) => void (constants(m)[0].floatData[1] = Infinity)), new RegExp(`constant ${name} holds values that are not finite`));
  assert.match(bad((m) => void (constants(m)[0].dataType = Type.FLOAT16)), new RegExp(`constant ${name} has the type FLOAT16.*save the model as float32`));
  assert.match(bad((m) => void (constants(m)[0].dataLocation = 1)), /stored in another file: save the model with its weights inside/);
  assert.match(bad((m) => void (constants(m)[0].dims = [2n ** 50n])), new RegExp(`constant ${name} has 12 values for the shape`));
  assert.match(bad((m) => void (constants(m)[0].dims[0] = -4n)), /has 12 values for the shape \[-4,3,1,1\]/);
  assert.match(bad((m) => void (m.opsetImport[0].version = 19n)), /opset 19; 11 to 18 are understood: export it again/);
  assert.match(bad((m) => void (m.opsetImport[0].version = 10n)), /opset 10/);
  assert.match(bad((m) => void (inputType(m).shape!.dim[0].value = { case: 'dimValue', value: 4n })), /input x has a batch of 4/);
  assert.match(bad((m) => void (inputType(m).shape!.dim[2].value = { case: 'dimParam', value: 'height' })), /all fixed, is needed/);
  assert.match(bad((m) => void (inputType(m).elemType = Type.UINT8)), /input x is of the type UINT8/);
  assert.match(bad((m) => void (m.graph!.node[0].input[0] = m.graph!.node[0].output[0])), /which nothing before it computes/, 'a cycle');
  assert.match(bad((m) => void m.graph!.node.push(m.graph!.node[0])), /a second time/);
  assert.match(bad((m) => void m.graph!.input.push(m.graph!.input[0])), /names of their own/);
  assert.match(refusal(new Uint8Array(100).fill(255)), /^not an ONNX model/);
});

test('weights in double precision are rounded', () => {
  const bytes = edited(small(), (m) => {
    for (const t of constants(m)) (t.dataType = Type.DOUBLE), (t.doubleData = t.floatData), (t.floatData = []);
  });
  assert.equal(importOnnx(bytes, '').nodes, importOnnx(small(), '').nodes);
});

test('damaged files give a FlintError, soon', () => {
  const everything = model((b) => {
    const x = b.node('Clip', [norm(b, conv(b, b.node('Pad', ['x', b.integers([0, 0, 1, 1, 0, 0, 1, 1])]), 3, 4, { strides: [2, 2] }, [3, 3]), 4), b.floats([], [0]), b.floats([], [6])]);
    const y = b.node('Concat', [x, b.node('Relu', [b.node('Add', [x, b.node('Dropout', [x])])])], { axis: 1 });
    const z = b.node('Reshape', [b.node('AveragePool', [b.node('MaxPool', [y], { kernel_shape: [2, 2], ceil_mode: 1 })], { kernel_shape: [2, 2], auto_pad: 'SAME_UPPER' }), b.integers([1, -1])]);
    return b.node('Softmax', [b.node('Add', [b.node('MatMul', [z, b.floats([72, 5])]), b.floats([5])])], { axis: 1 });
  });
  const files = [everything, small()], random = new Random(99), start = Date.now();
  if (existsSync(shared('dsf_int8_qdq'))) files.push(new Uint8Array(readFileSync(shared('dsf_int8_qdq'))));
  importOnnx(everything, '');
  let imported = 0;
  for (let n = 0; n < 2400; n++) {
    const original = files[n % 20 === 0 ? files.length - 1 : n % 2], cut = random.below(5) === 0 ? random.below(original.length) : original.length;
    const bytes = original.slice(0, cut);
    for (let k = random.between(1, 4); k > 0 && bytes.length; k--)
      bytes[random.below(bytes.length)] = random.below(3) ? random.below(256) : random.pick([0, 1, 127, 128, 255]);
    try {
      optimize(importOnnx(bytes, 'damaged'));
      imported++;
    } catch (error) {
      assert.instance(error, FlintError, `damage ${n}: ${(error as Error).stack}`);
    }
  }
  assert.ok(imported > 100, `only ${imported} were only slightly damaged`);
  assert.ok(Date.now() - start < 30_000, `took ${Date.now() - start} ms`);
});

test.run();
