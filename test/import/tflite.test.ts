import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { importTflite } from '../../host/import/tflite/import';
import { crc32, hex } from '../../src/checksum';
import { FlintError } from '../../src/error';
import { load, run } from '../../src/model';
import { TfliteBuilder, type TensorSpec } from '../support/tflite-builder';
import { golden } from '../support/tflite-golden';
import { build, models } from '../support/tflite-models';

function outputsOf(bytes: Uint8Array, inputs: Int8Array[]): Int8Array[] {
  const model = load(packGraph(importTflite(bytes, 'test')).file.buffer);
  assert.is(model.inputs.length, inputs.length);
  inputs.forEach((values, i) => model.inputs[i].set(values));
  run(model);
  return model.outputs;
}

// What TensorFlow Lite Micro itself computes for the same files.
for (const title of Object.keys(models)) {
  test(`${title}: TensorFlow Lite Micro's outputs`, () => {
    const { bytes, inputs } = build(title), outputs = outputsOf(bytes, inputs);
    assert.equal(outputs.map((o) => hex(crc32(o))), golden[title]);
    assert.ok(new Set(outputs.flatMap((o) => [...o])).size >= 5, 'outputs that hardly vary prove little');
  });
}

// Vectors of TensorFlow Lite Micro's kernel tests, tensorflow/lite/micro/kernels/*_test.cc: reals, quantized as those tests do.
interface Real extends TensorSpec {
  scale: number;
  zeroPoint?: number;
  values: number[];
}
const quantized = ({ values, scale, zeroPoint = 0 }: Real): Int8Array =>
  Int8Array.from(values, (v) => Math.max(-128, Math.min(127, Math.round(v / Math.fround(scale)) + zeroPoint)));
const perChannel = (channels: number, stride: number, values: number[]): { scales: number[]; data: Int8Array } => {
  const channel = (i: number): number => (stride === 1 ? i % channels : Math.floor(i / stride));
  const scales = Array.from({ length: channels }, (_, c) => Math.fround(Math.max(...values.filter((_, i) => channel(i) === c).map(Math.abs)) / 127));
  return { scales, data: Int8Array.from(values, (v, i) => Math.round(v / scales[channel(i)])) };
};

/** `inputs` are activations, then constants; `tolerance` is that of the original test, in steps. */
function vector(title: string, code: string, fields: Record<string, number>, inputs: Real[], constants: TensorSpec[], expected: Real, tolerance = 0): void {
  test(`${code}: ${title}`, () => {
    const b = new TfliteBuilder(), from = inputs.map(({ values, ...spec }) => b.tensor(spec)), { values: _, ...spec } = expected, to = b.tensor(spec);
    b.operator(code, code === 'SPLIT' ? [...constants.map((c) => b.tensor(c)), ...from] : [...from, ...constants.map((c) => b.tensor(c))], to, fields);
    const [got] = outputsOf(b.finish(from, [to]), inputs.map(quantized)), wanted = quantized(expected);
    assert.is(got.length, wanted.length);
    wanted.forEach((w, i) => assert.ok(Math.abs(got[i] - w) <= tolerance, `output ${i} is ${got[i]}, should be ${w}`));
  });
}
const layer = (shape: number[], axis: number, values: number[], bias: number[], inputScale: number): TensorSpec[] => {
  const { scales, data } = perChannel(bias.length, axis === 3 ? 1 : values.length / bias.length, values);
  return [{ shape, scale: scales, axis, data }, { shape: [bias.length], type: 'int32', data: Int32Array.from(bias, (v, c) => Math.round(v / (inputScale * scales[c]))) }];
};
const list = (...values: number[]): TensorSpec => ({ shape: [values.length], type: 'int32', data: Int32Array.from(values) });
const same = (shape: number[], values: number[], scale: number, zeroPoint = 0): Real => ({ shape, scale, zeroPoint, values });

// conv_test.cc, SimpleTestQuantizedPerChannel (the first image of its batch)
vector('SimpleTestQuantizedPerChannel', 'CONV_2D', { padding: 1, strideW: 2, strideH: 2 }, [same([1, 2, 4, 1], [1, 1, 1, 1, 2, 2, 2, 2], 0.5)],
  layer([3, 2, 2, 1], 0, [1, 2, 3, 4, -1, 1, -1, 1, -1, -1, 1, 1], [1, 2, 3], 0.5), same([1, 1, 2, 3], [18, 2, 5, 18, 2, 5], 1), 1);
// conv_test.cc, SimpleTestQuantizedPerChannelCompressed: filters of the scales 1 and 2, the second rounded
vector('two channels, Q1', 'CONV_2D', { padding: 1, strideW: 1, strideH: 1 }, [same([1, 2, 3, 2], [3, 2, 1, -1, -2, -3, 4, 3, 2, -2, -3, -4], 0.5, -1)],
  [{ shape: [2, 2, 2, 2], scale: [1, 2], data: Int8Array.of(1, 2, 3, 4, 3, 4, 5, 6, 4, 4, 3, 3, 2, 2, 1, 1) }, { shape: [2], type: 'int32', data: Int32Array.of(6, -2) }],
  same([1, 1, 2, 2], [31, 64, -57, -46], 0.5, -1));
// depthwise_conv_test.cc
vector('SimpleTestQuantizedPerChannelDepthMultiplier1', 'DEPTHWISE_CONV_2D', { padding: 1, strideW: 1, strideH: 1, depthMultiplier: 1 },
  [same([1, 3, 2, 2], [1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12], 1)], layer([1, 2, 2, 2], 3, [1, 2, 3, 4, -9, 10, -11, 12], [1, 2], 1), same([1, 2, 1, 2], [-103, 127, -128, 127], 1), 1);
vector('TestQuantizedPerChannelDepthMultiplier1Relu6', 'DEPTHWISE_CONV_2D', { padding: 1, strideW: 1, strideH: 1, depthMultiplier: 1, activation: 3 },
  [same([1, 3, 2, 4], new Array(24).fill(1), 0.023529, -128)], layer([1, 2, 2, 4], 3, [0, 1, 8, -2, -1, 2, -10, 0, -1, 3, -18, 0, 0, 4, 20, -3], [1, 2, 3, 4], 0.023529),
  same([1, 2, 1, 4], [0, 6, 3, 0, 0, 6, 3, 0], 0.023529, -128), 1);
vector('SimpleTestDilatedQuantizedPerChannel', 'DEPTHWISE_CONV_2D', { padding: 1, strideW: 1, strideH: 1, depthMultiplier: 2, dilationW: 3, dilationH: 2 },
  [same([1, 4, 6, 2], [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 1, 2, 3, 4, 5, 6, 2, 6, 2, 4, 4, 2, 3, 2, 6, 5, 1, 4, 1, 2, 1, 4, 6, 3], 0.5)],
  layer([1, 2, 2, 4], 3, [1, 2, 3, 4, -9, 10, -11, 12, 5, 6, 7, 8, 13, -14, 15, -16], [1, 2, 3, 4], 0.5),
  same([1, 2, 3, 4], [15, 2, 88, -48, 25, 14, 72, 0, 61, -2, 56, 48, -4, 52, 12, 48, 11, 70, 63, 40, 51, -30, 41, 48], 1), 1);
// fully_connected_test.cc, SimpleTestQuantizedInt8: weights of scale 1
vector('SimpleTestQuantizedInt8', 'FULLY_CONNECTED', {}, [same([2, 10], [1, 2, 3, 4, 5, 6, 7, 8, -9, -10, 1, 2, 3, 4, 5, 6, 7, -8, 9, -10], 1, -1)],
  [{ shape: [3, 10], scale: 1, data: Int8Array.from({ length: 30 }, (_, i) => (i % 10) + 1) }, { shape: [3], type: 'int32', data: Int32Array.of(1, 2, 3) }], same([2, 3], [24, 25, 26, 58, 59, 60], 0.5, -1));
// pooling_test.cc: SimpleAveragePoolTestInt8Padding...; its values are integers of scale 0.25
for (const [name, fields, values, shape, expected] of [
  ['ValidStride2ActNone', { padding: 1, strideW: 2, strideH: 2 }, [0, -24, 8, 16, 12, 8, -40, 28], [1, 1, 2, 1], [-1, 3]],
  ['ValidStride1Stride2Relu', { padding: 1, strideW: 1, strideH: 2, activation: 1 }, [0, -24, 8, 16, 12, 8, -40, 28], [1, 1, 3, 1], [0, 0, 3]],
  ['ValidStride2Stride1ReluN1To1', { padding: 1, strideW: 2, strideH: 1, activation: 2 }, [0, -24, 8, 16, 12, 8, -40, 28], [1, 1, 2, 1], [-1, 3]],
  ['ValidStride2Relu6', { padding: 1, strideW: 2, strideH: 2, activation: 3 }, [12, -24, 32, 16, 12, 8, 40, 28], [1, 1, 2, 1], [2, 24]],
  ['SameStride1ActNone', { padding: 0, strideW: 1, strideH: 1 }, [12, -24, 32, 16, 12, 8, 40, 28], [1, 2, 4, 1], [2, 14, 29, 22, 10, 24, 34, 28]],
] as [string, Record<string, number>, number[], number[], number[]][])
  vector(name, 'AVERAGE_POOL_2D', { ...fields, filterW: 2, filterH: 2 }, [same([1, 2, 4, 1], values.map((v) => v / 4), 0.25)], [], same(shape, expected.map((v) => v / 4), 0.25));
// add_test.cc
const addends = [same([1, 2, 2, 1], [-2.01, -1.01, -0.01, 0.98], 0.25, -10), same([1, 2, 2, 1], [1.01, 1.99, 2.99, 4.02], 0.5, 4)];
vector('QuantizedAddNoActivationInt8', 'ADD', {}, addends, [], same([1, 2, 2, 1], [-1, 1, 3, 5], 1, 13), 1);
vector('QuantizedAddActivationRelu1Int8', 'ADD', { activation: 2 }, addends, [], same([1, 2, 2, 1], [-1, 1, 1, 1], 1, 13), 1);
vector('QuantizedAddWithScalarBroadcastInt8', 'ADD', {}, [same([1, 3, 1, 2], [-2, 0.2, 0.7, 0.8, 1.1, 2], 0.1, -8), same([], [0.1], 0.05, 4)], [], same([1, 3, 1, 2], [-1.9, 0.3, 0.8, 0.9, 1.2, 2.1], 0.05, 12), 1);
// sub_test.cc
vector('QuantizedSubNoActivationInt8', 'SUB', {}, [addends[0], same([1, 2, 2, 1], [-1.01, -1.99, -2.99, -4.02], 0.5, 4)], [], same([1, 2, 2, 1], [-1, 1, 3, 5], 1, 13), 1);
// mul_test.cc
vector('SimpleInt8NoActivationShouldMatchGolden', 'MUL', {}, [same([1, 2, 2, 1], [-0.8, 0.2, 0.9, 0.7], 0.01), same([1, 2, 2, 1], [0.6, 0.4, 0.9, 0.8], 0.01)], [], same([1, 2, 2, 1], [-0.48, 0.08, 0.81, 0.56], 0.01), 1);
vector('BroadcastInt8NoActivationShouldMatchGolden', 'MUL', {}, [same([1, 3, 1, 2], [-2, 0.2, 0.7, 0.8, 1.1, 2], 0.05), same([1], [0.1], 0.05)], [], same([1, 3, 1, 2], [-0.2, 0.02, 0.07, 0.08, 0.11, 0.2], 0.01), 1);
// reduce_test.cc
vector('Int8MaxOpTestKeepDims', 'REDUCE_MAX', { keepDims: 1 }, [same([1, 3, 2], [0.4, 0.2, 0.3, 0.4, 0.5, 0.6], 2 / 255)], [list(1)], same([1, 2], [0.5, 0.6], 2 / 255));
// softmax_test.cc
vector('Softmax2DQuantizedInt8ShouldMatchGolden', 'SOFTMAX', { beta: 1 }, [same([2, 5], [1, 2, 3, 4, 5, -1, -2, -3, -4, -5], 0.1)], [],
  same([2, 5], [0.011656231, 0.031684921, 0.086128544, 0.234121657, 0.636408647, 0.636408647, 0.234121657, 0.086128544, 0.031684921, 0.011656231], 1 / 256, -128), 1);
// logistic_test.cc, whose output scale is what the kernel computes in
vector('golden_basic', 'LOGISTIC', {}, [same([2, 5], [1, 2, 3, 4, 5, -1, -2, -3, -4, -5], 0.1)], [],
  same([2, 5], [0.73105858, 0.88079708, 0.95257413, 0.98201379, 0.99330715, 0.26894142, 0.11920292, 0.04742587, 0.01798621, 0.00669285], 1 / 256, -128), 1);
// tanh_test.cc, every eleventh of its values
vector('SimpleTestTanhInt8', 'TANH', {}, [same([1, 9], [-8, -6, -4, -2, 0, 2, 4, 6, 8], 16 / 256)], [],
  same([1, 9], [-0.9999997749, -0.9999877117, -0.9993292997, -0.9640275801, 0, 0.9640275801, 0.9993292997, 0.9999877117, 0.9999997749], 1 / 128), 2);
// leaky_relu_test.cc
vector('QuantizedActivationsOpTestLeakyReluInt8_1', 'LEAKY_RELU', { alpha: 0.5 }, [same([2, 3], [0, 1, 3, 1, -1, -2], 0.1)], [], same([2, 3], [0, 1, 3, 1, -0.5, -1], 0.1));
// prelu_test.cc: QuantizedInt8PreluActivationsOpTest
vector('QuantizedInt8PreluActivationsOpTest', 'PRELU', {}, [same([2, 2, 3], [0, 0, 0, 0.5, 0.5, 0.5, -1, -1, -1, -0.25, -0.25, -0.25], 2 / 255)],
  [{ shape: [1, 1, 3], scale: 2 / 255, data: quantized(same([3], [0, 0.5, -0.5], 2 / 255)) }], same([2, 2, 3], [0, 0, 0, 0.5, 0.5, 0.5, 0, -0.5, 0.5, 0, -0.125, 0.125], 2 / 255), 1);
// quantize_test.cc
const steps = [-64, -62, -60, -58, -56, 54, 56, 58, 60, 62];
vector('QuantizeOpTestInt8toInt8', 'QUANTIZE', {}, [same([2, 5], steps, 2)], [], same([2, 5], steps, 0.5, 32));
vector('QuantizeOpTestInt8toInt8NoZeroPoint', 'QUANTIZE', {}, [same([2, 5], steps.map((v) => v / 2), 1)], [], same([2, 5], steps.map((v) => v / 2), 0.5));
// pad_test.cc
vector('Test2DInt8V2', 'PADV2', {}, [same([1, 2, 2, 1], [1, 2, 3, 4], 1)], [{ ...list(1, 1, 0, 0, 1, 1, 0, 0), shape: [4, 2] }, { shape: [1], scale: 1, data: Int8Array.of(42) }],
  same([3, 2, 4, 1], [42, 42, 42, 42, 42, 42, 42, 42, 42, 1, 2, 42, 42, 3, 4, 42, 42, 42, 42, 42, 42, 42, 42, 42], 1));
// strided_slice_test.cc
vector('In3D_IdentityShrinkAxis1int8', 'STRIDED_SLICE', { shrinkMask: 1 }, [same([2, 3, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 1)], [list(0, 0, 0), list(1, 3, 2), list(1, 1, 1)], same([3, 2], [1, 2, 3, 4, 5, 6], 1));
// resize_nearest_neighbor_test.cc
vector('ThreeDimensionalResizeInt8', 'RESIZE_NEAREST_NEIGHBOR', {}, [same([1, 2, 2, 2], [3, 4, -6, 10, 10, 12, -14, 16], 1)], [list(3, 3)],
  same([1, 3, 3, 2], [3, 4, 3, 4, -6, 10, 3, 4, 3, 4, -6, 10, 10, 12, 10, 12, -14, 16], 1));
// concatenation_test.cc
vector('TwoInputsQuantizedInt8', 'CONCATENATION', { axis: 2 }, [same([2, 1, 2], [0.1, 0.2, 0.3, 0.4], 0.1), same([2, 1, 2], [0.5, 0.6, 0.7, 0.8], 0.1)], [], same([2, 1, 4], [0.1, 0.2, 0.5, 0.6, 0.3, 0.4, 0.7, 0.8], 0.1));

function refusal(make: (b: TfliteBuilder, x: number) => number, input: TensorSpec = { shape: [1, 4, 4, 2], scale: 0.1 }): string {
  const b = new TfliteBuilder(), x = b.tensor(input), y = make(b, x);
  try {
    importTflite(b.finish([x], [y]), 'test');
  } catch (error) {
    assert.instance(error, FlintError, (error as Error).stack);
    return (error as Error).message;
  }
  return assert.unreachable('it was imported') as never;
}

test('a refusal names every operator with its position, shapes and types, and what to do', () => {
  const message = refusal((b, x) => {
    const act = (): number => b.tensor({ shape: [1, 4, 4, 2], scale: 0.1 });
    const y = b.operator('ELU', [x], act()), z = b.operator('RELU', [y], act());
    return b.operator('CONV_2D', [z, b.tensor({ shape: [3, 1, 1, 1], scale: 1, data: new Int8Array(3) })], b.tensor({ shape: [1, 4, 4, 3], scale: 1 }));
  });
  assert.match(message, /^2 of 3 operators cannot be run:/);
  assert.match(message, /operator 0 ELU \(int8\[1,4,4,2\], int8\[1,4,4,2\]\): it is not supported: replace it in the model, or run it before or after the device/);
  assert.match(message, /operator 2 CONV_2D \(.*\): it is a grouped convolution/);
});

test('uint8 models are refused by name: their asymmetric weights would cost every kernel', () => {
  const message = refusal((b, x) => {
    const w = b.tensor({ shape: [3, 1, 1, 2], type: 'uint8', scale: 0.1, zeroPoint: 120, data: new Uint8Array(6) });
    return b.operator('CONV_2D', [x, w], b.tensor({ shape: [1, 4, 4, 3], type: 'uint8', scale: 0.1 }), { strideW: 1, strideH: 1 });
  }, { shape: [1, 4, 4, 2], type: 'uint8', scale: 0.1 });
  assert.match(message, /operator 0 CONV_2D .*uint8.*: .*convert the model/);
});

test('a uint8 image in front of an int8 network is its int8 image, 128 apart', () => {
  const b = new TfliteBuilder(), x = b.tensor({ shape: [1, 2, 2, 1], type: 'uint8', scale: 0.5, zeroPoint: 128 }),
    q = b.tensor({ shape: [1, 2, 2, 1], scale: 0.5 }), y = b.tensor({ shape: [1, 2, 2, 1], scale: 0.5 });
  b.operator('RELU', [b.operator('QUANTIZE', [x], q)], y);
  assert.equal([...outputsOf(b.finish([x], [y]), [Int8Array.of(-5, 4, 3, -2)])[0]], [0, 4, 3, 0]);
});

for (const [title, make, expected] of [
  ['float operators', (b, x) => b.operator('RELU', [x], b.tensor({ shape: [1, 4, 4, 2], type: 'float32' })), /only int8 runs on the device: convert the model with full integer quantization/],
  ['16-bit activations', (b, x) => b.operator('RELU', [x], b.tensor({ shape: [1, 4, 4, 2], type: 'int16', scale: 1 })), /int16/],
  ['a tanh fused into a convolution', (b, x) => b.operator('CONV_2D', [x, b.tensor({ shape: [1, 1, 1, 2], scale: 1, data: new Int8Array(2) })], b.tensor({ shape: [1, 4, 4, 1], scale: 1 }), { padding: 0, strideW: 1, strideH: 1, activation: 4 }), /TANH/],
  ['joining tensors of other scales', (b, x) => b.operator('CONCATENATION', [x, x], b.tensor({ shape: [1, 4, 4, 4], scale: 0.2 }), { axis: 3 }), /another scale than its output: requantize/],
  ['a mean over channels', (b, x) => b.operator('MEAN', [x, b.integers(3)], b.tensor({ shape: [1, 4, 4], scale: 0.1 })), /only dimensions of 1 may lie before them/],
  ['weights that are computed', (b, x) => b.operator('FULLY_CONNECTED', [x, x], b.tensor({ shape: [1, 4], scale: 0.1 })), /weights/],
  ['an output that nothing computes', (b) => b.tensor({ shape: [1, 4], scale: 0.1 }), /is never computed/],
  ['an operator that reads what is computed later', (b) => {
    const late = b.tensor({ shape: [1, 4], scale: 0.1 }), y = b.operator('RELU', [late], b.tensor({ shape: [1, 4], scale: 0.1 }));
    b.operator('RELU', [y], late);
    return y;
  }, /is not computed before it/],
] as [string, (b: TfliteBuilder, x: number) => number, RegExp][]) test(`refused: ${title}`, () => assert.match(refusal(make), expected));

test.run();
