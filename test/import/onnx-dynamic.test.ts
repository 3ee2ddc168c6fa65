/** Models that ONNX Runtime's quantize_dynamic made: they become the float models that they stand for. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elements, isLayer } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { prepare } from '../../host/import/onnx/prepare';
import { optimize } from '../../host/optimize/passes';
import { floatSession, inputsOf, runSession } from '../../host/quantize/calibrate';
import { viewed } from '../../host/view';
import { runFloat } from '../support/float-reference';
import { IMAGE, agrees, agreesInInt8 } from '../support/onnx';
import { OnnxBuilder, type IntegerType } from '../support/onnx-builder';
import { Random } from '../support/random';

type Build = (b: OnnxBuilder) => string;

/** Scales of the activation and of the weights, which a layer's integers are multiplied with. */
const scaled = (b: OnnxBuilder, integers: string, scale: string, weightScale: string): string =>
  b.node('Mul', [b.node('Cast', [integers], { to: 1 }), b.node('Mul', [scale, weightScale])]);

const around = { pads: [1, 1, 1, 1] };

/** A convolution of 3 channels to 4 on integers. @param scales of its weights, all or one for each output */
function convInteger(b: OnnxBuilder, x: string, type: IntegerType, scales: number[]): string {
  const [values, scale, zero] = b.nodes('DynamicQuantizeLinear', [x], 3),
    zeros =
      type === 'UINT8'
        ? b.typed(type, [], [121])
        : b.typed(
            type,
            [scales.length],
            scales.map(() => 0),
          ),
    integers = b.node('ConvInteger', [values, b.typed(type, [4, 3, 3, 3]), zero, zeros], around),
    weightScale = b.floats(scales.length > 1 ? [1, 4, 1, 1] : [], scales);
  return b.node('Add', [scaled(b, integers, scale, weightScale), b.floats([1, 4, 1, 1])]);
}

/** A product with a matrix of n rows and 3 columns. */
function matMulInteger(b: OnnxBuilder, x: string, n: number): string {
  const [values, scale, zero] = b.nodes('DynamicQuantizeLinear', [x], 3),
    integers = b.node('MatMulInteger', [
      values,
      b.typed('INT8', [n, 3]),
      zero,
      b.typed('INT8', [3], [0, 0, 0]),
    ]);
  return b.node('Add', [scaled(b, integers, scale, b.floats([3], [0.002, 0.001, 0.003])), b.floats([3])]);
}

/** In float it gives what ONNX Runtime gives for the file as it is, but for the rounding of activations. */
function runs(title: string, build: Build, opset = 13, shape = IMAGE): void {
  test(title, async () => {
    const b = new OnnxBuilder(shape, opset),
      file = b.finish(build(b)),
      bytes = prepare(file),
      graph = importOnnx(bytes, 'test'),
      input = new Random(5).reals(elements(shape)),
      [output] = graph.outputs,
      session = await floatSession(file);
    assert.is(graph.given.size, 0, 'its activations are floats');
    const { data } = (await runSession(session, [input], inputsOf(graph)))[session.outputNames[0]],
      wanted = viewed(data as Float32Array, graph.tensors.get(output)!.view),
      got = runFloat(graph, input).get(output)!,
      size = Math.max(...wanted.map(Math.abs));
    wanted.forEach((v, i) => assert.ok(Math.abs(got[i] - v) < 0.02 * size, `${i}: ${got[i]}, wanted ${v}`));
    await agreesInInt8(bytes);
  });
}

const perChannel = [0.004, 0.002, 0.001, 0.003];

for (const [title, scales] of [
  ['one scale', [0.004]],
  ['a scale per channel', perChannel],
] as [string, number[]][]) {
  runs(`a convolution of uint8 weights with ${title}`, (b) => convInteger(b, 'x', 'UINT8', scales));
  runs(`the same before opset 13: ${title}`, (b) => convInteger(b, 'x', 'UINT8', scales), 11);
  // ONNX Runtime 1.16 has no ConvInteger of int8 weights to compare with.
  test(`a convolution of int8 weights with ${title}`, async () => {
    const b = new OnnxBuilder(IMAGE);
    await agrees(prepare(b.finish(convInteger(b, 'x', 'INT8', scales))));
  });
}
runs('a pooling of integers', (b) => {
  const [values, scale, zero] = b.nodes('DynamicQuantizeLinear', ['x'], 3),
    pooled = b.node('MaxPool', [values], { kernel_shape: [2, 2], strides: [2, 2] }),
    integers = b.node('ConvInteger', [pooled, b.typed('UINT8', [4, 3, 1, 1]), zero]);
  return scaled(b, integers, scale, b.float(0.01));
});
runs('layers, one behind the other', (b) => {
  const first = b.node('Relu', [convInteger(b, 'x', 'UINT8', [0.004])]);
  return b.node('Softmax', [matMulInteger(b, b.node('Flatten', [first]), 224)]);
});
runs(
  "the runtime's own operators",
  (b) => {
    const weights = b.typed('UINT8', [10, 6]),
      first = b.node('com.microsoft.DynamicQuantizeMatMul', [
        'x',
        weights,
        b.floats([1], [0.01]),
        b.typed('UINT8', [1], [128]),
        b.floats([6]),
      ]),
      [values, scale, zero] = b.nodes('DynamicQuantizeLinear', [b.node('Relu', [first])], 3);
    return b.node('com.microsoft.MatMulIntegerToFloat', [
      values,
      b.typed('INT8', [6, 4]),
      scale,
      b.floats([4], [0.01, 0.02, 0.03, 0.04]),
      zero,
      b.typed('INT8', [4], [0, 0, 0, 0]),
      b.floats([4]),
    ]);
  },
  13,
  [1, 10],
);

test('stored weights keep their scales', () => {
  const b = new OnnxBuilder(IMAGE),
    file = prepare(b.finish(convInteger(b, 'x', 'INT8', perChannel)));
  const [layer] = optimize(importOnnx(file, 'test')).nodes.filter(isLayer);
  assert.equal(layer.parameters.scales!.map(Math.fround), perChannel.map(Math.fround));
});

test.run();
