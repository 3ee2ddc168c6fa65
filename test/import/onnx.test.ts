/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate, floatSession, onnxInput } from '../../host/quantize/calibrate';
import { minMax } from '../../host/quantize/observers';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { quantize } from '../../host/quantize/quantize';
import { packGraph } from '../../host/file/pack-graph';
import { FlintError } from '../../src/error';
import { load, run } from '../../src/model';
import { OnnxBuilder } from '../support/onnx-builder';
import { Random } from '../support/random';

const q = { scale: 1 / 128, zeroPoint: 0 };

/**
 * Packs an ONNX model calibrated on random inputs and compares the int8 engine's outputs with ONNX Runtime's float ones: they may differ
 * by quantization alone, so by a few hundredths of the output's range.
 */
async function agrees(bytes: Uint8Array, tolerance = 0.04): Promise<string[]> {
  const graph = optimize(importOnnx(bytes, 'test')), { shape } = graph.tensors.get(graph.inputs[0])!, random = new Random(23);
  const inputs = Array.from({ length: 12 }, () => random.bytes(shape.reduce((a, b) => a * b))),
    reals = inputs.map((x) => Float32Array.from(x, (v) => q.scale * v));
  const ranges = await calibrate(bytes, graph, (async function* () { yield* reals; })(), minMax);
  const quantized = await quantize(graph, ranges, new Map([[graph.inputs[0], q]])), out = quantized.tensors.get(graph.outputs[0])!;
  const model = load(packGraph(quantized).file.buffer), session = await floatSession(bytes);
  for (let n = 0; n < inputs.length; n++) {
    model.inputs[0].set(inputs[n]);
    run(model);
    const result = (await session.run({ [session.inputNames[0]]: onnxInput(reals[n], shape) }))[session.outputNames[0]],
      expected = result.data as Float32Array;
    const [, height = 1, width = 1, channels = 1] = out.shape.length === 4 ? out.shape : [1, 1, 1, out.shape[1]];
    const range = 255 * out.quantization!.scale;
    for (let p = 0; p < height * width; p++) for (let c = 0; c < channels; c++) {
      const got = out.quantization!.scale * (model.outputs[0][p * channels + c] - out.quantization!.zeroPoint),
        wanted = expected[c * height * width + p];
      assert.ok(Math.abs(got - wanted) <= tolerance * range, `input ${n}, pixel ${p}, channel ${c}: ${got}, ONNX Runtime has ${wanted} (range ${range})`);
    }
  }
  return quantized.nodes.map((node) => node.op);
}

const conv = (b: OnnxBuilder, x: string, i: number, o: number, attributes: Record<string, number | string | number[]> = {}, k = [3, 3], group = 1): string =>
  b.node('Conv', [x, b.floats([o, i / group, ...k], undefined, (i / group) * k[0] * k[1]), b.floats([o])], { kernel_shape: k, group, ...attributes });

const normalize = (b: OnnxBuilder, x: string, c: number): string =>
  b.node('BatchNormalization', [x, b.floats([c]), b.floats([c]), b.floats([c]), b.floats([c], Array.from({ length: c }, (_, i) => 0.2 + i / 7))], { epsilon: 0.001 });

for (const [title, attributes, kernel] of [
  ['no padding', {}, [3, 3]], ['padding and stride', { pads: [1, 1, 1, 1], strides: [2, 2] }, [3, 3]],
  ['uneven padding', { pads: [0, 1, 2, 0], strides: [1, 2] }, [3, 2]], ['dilation', { dilations: [2, 1], pads: [2, 1, 2, 1] }, [3, 3]],
  ['SAME_UPPER', { auto_pad: 'SAME_UPPER', strides: [2, 2] }, [4, 3]], ['SAME_LOWER', { auto_pad: 'SAME_LOWER', strides: [2, 2] }, [4, 3]], ['VALID', { auto_pad: 'VALID' }, [5, 5]],
] as [string, Record<string, number[]>, number[]][]) {
  test(`Conv, ${title}`, async () => {
    const b = new OnnxBuilder([1, 3, 9, 8]);
    await agrees(b.finish(conv(b, 'x', 3, 7, attributes, kernel)));
  });
  test(`depthwise Conv, ${title}`, async () => {
    const b = new OnnxBuilder([1, 3, 9, 8]);
    assert.equal(await agrees(b.finish(conv(b, 'x', 3, 6, attributes, kernel, 3))), ['depthwiseConv2d']);
  });
}

test('batch normalization and ReLU fold into convolutions of every kind', async () => {
  const b = new OnnxBuilder([1, 4, 8, 8]);
  let x = b.node('Relu', [normalize(b, conv(b, 'x', 4, 8, { pads: [1, 1, 1, 1] }), 8)]);
  x = b.node('Clip', [normalize(b, conv(b, x, 8, 8, { pads: [1, 1, 1, 1] }, [3, 3], 8), 8), b.floats([], [0]), b.floats([], [6])]);
  assert.equal(await agrees(b.finish(x)), ['conv2d', 'depthwiseConv2d']);
});

test('batch normalization that cannot fold runs on its own; so does ReLU', async () => {
  const b = new OnnxBuilder([1, 4, 6, 6]), first = normalize(b, 'x', 4), active = b.node('Relu', [first]);
  const both = b.node('Add', [conv(b, active, 4, 4, { pads: [1, 1, 1, 1] }), active]);
  const pooled = b.node('MaxPool', [b.node('Relu', [b.node('Concat', [both, active], { axis: 1 })])], { kernel_shape: [2, 2], strides: [2, 2] });
  assert.equal(await agrees(b.finish(pooled)), ['depthwiseConv2d', 'conv2d', 'add', 'concatenation', 'maxPool2d', 'maxPool2d']);
});

for (const [op, attributes] of [
  ['MaxPool', { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] }], ['MaxPool', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
  ['AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }], ['AveragePool', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }],
  ['AveragePool', { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }], ['GlobalAveragePool', {}], ['GlobalMaxPool', {}],
] as [string, Record<string, number[]>][]) {
  test(`${op} ${JSON.stringify(attributes)}`, async () => {
    const b = new OnnxBuilder([1, 5, 9, 7]);
    await agrees(b.finish(b.node(op, [conv(b, 'x', 5, 5, { pads: [1, 1, 1, 1] })], attributes)), 0.05);
  });
}

test('Flatten of an image, then Gemm: the weights follow the other order of pixels and channels', async () => {
  for (const shape of ['Flatten', 'Reshape', 'Reshape0']) {
    const b = new OnnxBuilder([1, 3, 4, 5]), image = conv(b, 'x', 3, 6, { pads: [1, 1, 1, 1] });
    const flat = shape === 'Flatten' ? b.node('Flatten', [image], { axis: 1 }) : b.node('Reshape', [image, b.integers(shape === 'Reshape' ? [1, 120] : [0, -1])]);
    const hidden = b.node('Relu', [b.node('Gemm', [b.node('Dropout', [b.node('Relu', [flat])]), b.floats([9, 120], undefined, 120), b.floats([9])], { transB: 1 })]);
    const bytes = b.finish(b.node('Softmax', [b.node('Add', [b.node('MatMul', [hidden, b.floats([9, 4], undefined, 9)]), b.floats([4])])], { axis: 1 }));
    assert.equal((await agrees(bytes, 0.06)).filter((op) => op !== 'reshape' && op !== 'maxPool2d'), ['conv2d', 'fullyConnected', 'fullyConnected', 'softmax'], shape);
  }
});

test('ReduceMean over height and width, Squeeze, Identity and an explicit Pad', async () => {
  const b = new OnnxBuilder([1, 4, 6, 6]), padded = b.node('Pad', ['x', b.integers([0, 0, 1, 2, 0, 0, 1, 0])]);
  const x = b.node('Identity', [conv(b, padded, 4, 8)]);
  const ops = await agrees(b.finish(b.node('Squeeze', [b.node('ReduceMean', [x], { axes: [2, 3], keepdims: 1 }), b.integers([2, 3])])), 0.05);
  assert.equal(ops, ['conv2d', 'averagePool2d', 'reshape'], 'the padding is the convolution\'s');
});

test('opset 11 (Clip and Pad with attributes or inputs) to 18', async () => {
  for (const opset of [11, 12, 13, 15, 17, 18]) {
    const b = new OnnxBuilder([1, 2, 5, 5], opset);
    await agrees(b.finish(b.node('Relu', [conv(b, 'x', 2, 3)])));
  }
});

test('every node that cannot run is told at once, by name, type and shape, with a suggestion', () => {
  const b = new OnnxBuilder([1, 4, 6, 6]), a = b.node('Sigmoid', [conv(b, 'x', 4, 4, { pads: [1, 1, 1, 1] })]);
  const g = conv(b, 'x', 4, 8, {}, [3, 3], 2), bytes = b.finish(b.node('Einsum', [b.node('Add', [a, g])]));
  try {
    importOnnx(bytes, 'test');
    assert.unreachable();
  } catch (error) {
    const { message } = error as Error;
    assert.instance(error, FlintError);
    assert.match(message, /^3 of 5 nodes cannot run on the device:/);
    assert.match(message, /node 1 Sigmoid_\d+: Sigmoid \[1,4,6,6\]: take it out of the model/);
    assert.match(message, /node 2 Conv_\d+: Conv \[1,4,6,6\], \[8,2,3,3\], \[8\]: it has 2 groups for 4 channels/);
    assert.match(message, /node 4 Einsum_\d+: Einsum \[\?\]: it is not supported/);
  }
});

test('models outside what can be read are refused with the reason', () => {
  const model = (opset: number, shape: number[]): Uint8Array => { const b = new OnnxBuilder(shape, opset); return b.finish(conv(b, 'x', 2, 3)); };
  assert.throws(() => importOnnx(model(9, [1, 2, 5, 5]), ''), /opset 9; 11 to 18/);
  assert.throws(() => importOnnx(model(13, [4, 2, 5, 5]), ''), /a batch of 4/);
  assert.throws(() => importOnnx(model(13, [1, 2, 2, 2]), ''), /its window of 3 does not fit its padded input of 2/);
  assert.throws(() => importOnnx(new Uint8Array(0), ''), /not an ONNX model/);
  const b = new OnnxBuilder([1, 2, 5, 5]);
  assert.throws(() => importOnnx(b.finish(b.node('Mul', [conv(b, 'x', 2, 3), b.floats([3], [1, NaN, 2])])), ''), /holds values that are not finite/);
});

for (const name of ['seed_cnn', 'fmnist_ds', 'fmnist_ds_bn', 'resnet8_b', 'resnet8_b_bn']) {
  const path = `../shared/models/onnx/${name}.onnx`;
  if (!existsSync(path)) console.log(`SKIPPED: ${path} is not there`);
  else test(`${name}.onnx agrees with ONNX Runtime`, async () => void (await agrees(new Uint8Array(readFileSync(path)), 0.12)));
}

test.run();
