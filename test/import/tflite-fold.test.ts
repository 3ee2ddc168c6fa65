/**
 * What is gone before operators are converted: constants and shapes, and the edges where int8 begins and
 * ends.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importTflite } from '../../host/import/tflite/import';
import { TfliteBuilder, type TensorSpec } from '../support/tflite-builder';
import { outputsOf } from '../support/tflite-vectors';

/** An int8 tensor. */
const int8 = (shape: number[], scale = 0.1): TensorSpec => ({ shape, scale });

test('a uint8 image in front of an int8 network is its int8 image, 128 apart', () => {
  const b = new TfliteBuilder(),
    x = b.tensor({ shape: [1, 2, 2, 1], type: 'uint8', scale: 0.5, zeroPoint: 128 }),
    q = b.tensor(int8([1, 2, 2, 1], 0.5)),
    y = b.operator('RELU', [b.operator('QUANTIZE', [x], q)], b.tensor(int8([1, 2, 2, 1], 0.5)));
  assert.equal([...outputsOf(b.finish([x], [y]), [Int8Array.of(-5, 4, 3, -2)])[0]], [0, 4, 3, 0]);
});

test('a uint8 image of another scale is requantized from what it is, moved or not', () => {
  const b = new TfliteBuilder(),
    x = b.tensor({ shape: [1, 2, 2, 1], type: 'uint8', scale: 0.5, zeroPoint: 128 }),
    flat = b.tensor({ shape: [1, 4], type: 'uint8', scale: 0.5, zeroPoint: 128 }),
    y = b.tensor({ ...int8([1, 4], 0.25), zeroPoint: -10 });
  b.operator('QUANTIZE', [b.operator('RESHAPE', [x, b.integers(1, 4)], flat)], y);
  assert.equal([...outputsOf(b.finish([x], [y]), [Int8Array.of(-128, 4, 3, 60)])[0]], [-128, -2, -4, 110]);
});

test('a uint8 image that is cast and scaled in floats is looked up', () => {
  const b = new TfliteBuilder(),
    float = (values?: number[]): number =>
      b.tensor({
        shape: values ? [values.length] : [1, 1, 2, 3],
        type: 'float32',
        data: values && Float32Array.from(values),
      }),
    x = b.tensor({ shape: [1, 1, 2, 3], type: 'uint8' }),
    real = b.operator('CAST', [x], float()),
    centered = b.operator('SUB', [real, float([123, 117, 104])], float()),
    scaled = b.operator('MUL', [centered, float([0.5])], float()),
    y = b.operator('QUANTIZE', [scaled], b.tensor({ ...int8([1, 1, 2, 3], 0.5), zeroPoint: 7 })),
    file = b.finish([x], [y]),
    bytes = [0, 117, 255, 130, 110, 104];
  assert.equal(
    [...outputsOf(file, [Int8Array.from(bytes, (v) => v - 128)])[0]],
    bytes.map((v, i) => Math.max(-128, Math.min(127, v - [123, 117, 104][i % 3] + 7))),
  );
  const graph = importTflite(file, 'test');
  assert.equal(graph.tensors.get(graph.inputs[0])!.quantization, { scale: 1, zeroPoint: -128 });
});

/** An image that is multiplied, then moved, and what the importer makes of both. */
function rescaled(
  factor: Partial<TensorSpec>,
  scaled: Partial<TensorSpec>,
  offset: Partial<TensorSpec>,
  moved: Partial<TensorSpec>,
): { operators: string[]; outputs: Int8Array } {
  const b = new TfliteBuilder(),
    shape = [1, 256, 1, 2],
    x = b.tensor({ shape, scale: 1, zeroPoint: -128 }),
    constant = (values: Partial<TensorSpec>): number =>
      b.tensor({ shape: [values.data!.length], zeroPoint: 0, scale: 1, ...values });
  const y = b.operator('MUL', [x, constant(factor)], b.tensor({ shape, ...scaled })),
    z = b.operator('ADD', [y, constant(offset)], b.tensor({ shape, ...moved })),
    relu = b.operator('RELU', [z], b.tensor({ shape, ...moved })),
    file = b.finish([x], [relu]);
  return {
    operators: importTflite(file, 'test').nodes.map(({ op }) => op),
    outputs: outputsOf(file, [Int8Array.from({ length: 512 }, (_, i) => (i >> 1) - 128)])[0],
  };
}

const byte = (v: number): number => Math.max(-128, Math.min(127, Math.round(v)));

test('MUL and ADD that leave all 256 bytes of an image as they are fold away', () => {
  const { operators, outputs } = rescaled(
    { data: Int8Array.of(127), scale: 1 / 255 / 127 },
    { scale: 1 / 255, zeroPoint: -128 },
    { data: Int8Array.of(-100, -100), scale: 1 / 255 },
    { scale: 1 / 255, zeroPoint: -28 },
  );
  assert.equal(operators, ['reshape', 'reshape', 'lookup']);
  assert.equal(
    [...outputs],
    Array.from(outputs, (_, i) => Math.max(-28, (i >> 1) - 128)),
  );
});

test('they run where one byte in one channel would be another', () => {
  const { operators, outputs } = rescaled(
    { data: Int8Array.of(64, 32), scale: 1 / 255 / 64 },
    { scale: 1 / 255, zeroPoint: -128 },
    { data: Int8Array.of(-100), scale: 1 / 255 },
    { scale: 1 / 255, zeroPoint: -27 },
  );
  assert.equal(operators, ['constant', 'multiply', 'constant', 'add', 'lookup']);
  assert.equal(
    [...outputs],
    Array.from(outputs, (_, i) => Math.max(-27, byte((i >> 1) / (i % 2 ? 2 : 1) - 127))),
  );
});

test('scores that leave as uint8 are int8 here, 128 less', () => {
  const b = new TfliteBuilder(),
    x = b.tensor(int8([1, 4], 0.5)),
    y = b.tensor({ shape: [1, 4], type: 'uint8', scale: 1, zeroPoint: 100 });
  b.operator('QUANTIZE', [x], y);
  assert.equal([...outputsOf(b.finish([x], [y]), [Int8Array.of(-128, 4, 3, 60)])[0]], [-92, -26, -26, 2]);
});

/** What RESHAPE makes of x, an image of [1, 4, 4, 2], when `make` gives its shape. */
function reshapedTo(make: (b: TfliteBuilder, x: number) => number): number[] {
  const b = new TfliteBuilder(),
    x = b.tensor(int8([1, 4, 4, 2])),
    relu = b.operator('RELU', [x], b.tensor(int8([1, 4, 4, 2]))),
    y = b.operator('RESHAPE', [relu, make(b, x)], b.tensor(int8([1, 1])));
  return importTflite(b.finish([x], [y]), 'test').tensors.get(`t${y}`)!.shape;
}

/** A tensor of integers that an operator computes. */
const whole = (shape: number[], type: 'int32' | 'int64' | 'float32' = 'int32'): TensorSpec => ({
  shape,
  type,
});

test('a shape is known that is computed of shapes and constants', () => {
  const size = (b: TfliteBuilder, x: number): number => b.operator('SHAPE', [x], b.tensor(whole([4])));
  const part = (b: TfliteBuilder, of: number, i: number): number =>
    b.operator('STRIDED_SLICE', [of, b.integers(i), b.integers(i + 1), b.integers(1)], b.tensor(whole([])), {
      shrinkMask: 1,
    });
  const single = (b: TfliteBuilder, v: number): number => b.tensor({ ...whole([]), data: Int32Array.of(v) });
  const pack = (b: TfliteBuilder, ...list: number[]): number =>
    b.operator('PACK', list, b.tensor(whole([list.length])), { count: list.length });
  // Keras's Flatten
  assert.equal(
    reshapedTo((b, x) => pack(b, part(b, size(b, x), 0), single(b, -1))),
    [1, 32],
  );
  // a product of dimensions, by way of int64 and of floats
  assert.equal(
    reshapedTo((b, x) => {
      const [rows, columns] = [1, 2].map((i) => part(b, size(b, x), i)),
        area = b.operator('MUL', [rows, columns], b.tensor(whole([]))),
        wide = b.operator('CAST', [area], b.tensor(whole([], 'int64'))),
        real = b.operator('CAST', [wide], b.tensor(whole([], 'float32'))),
        back = b.operator('CAST', [real], b.tensor(whole([])));
      return pack(b, back, single(b, 2));
    }),
    [16, 2],
  );
  // lists that are joined and picked from
  assert.equal(
    reshapedTo((b, x) => {
      const [image] = [size(b, x)],
        picked = b.operator('GATHER', [image, b.integers(3, 1)], b.tensor(whole([2]))),
        all = b.operator('REDUCE_PROD', [b.integers(2, 2), b.integers(0)], b.tensor(whole([1])), {
          keepDims: 1,
        });
      return b.operator('CONCATENATION', [picked, all], b.tensor(whole([3])));
    }),
    [2, 4, 4],
  );
});

test('constants are followed through scales and types', () => {
  const b = new TfliteBuilder(),
    x = b.tensor(int8([1, 4])),
    stored = b.tensor({ ...int8([4], 0.5), zeroPoint: 1, data: Int8Array.of(1, 3, 5, -1) }),
    real = b.operator('DEQUANTIZE', [stored], b.tensor(whole([4], 'float32'))),
    again = b.operator('QUANTIZE', [real], b.tensor(int8([4], 0.1))),
    y = b.operator('ADD', [x, again], b.tensor(int8([1, 4], 0.1)));
  assert.equal([...outputsOf(b.finish([x], [y]), [Int8Array.of(0, 1, 2, 3)])[0]], [0, 11, 22, -7]);
});

test.run();
