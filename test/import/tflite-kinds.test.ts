/** Models of other kinds are refused in a sentence that says what to do, not operator by operator. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importTflite } from '../../host/import/tflite/import';
import { refusal } from '../support/refusal';
import { TfliteBuilder, type TensorSpec } from '../support/tflite-builder';

/** What is said of a model. @param make returns its input and output */
function refusalOf(make: (b: TfliteBuilder) => [number, number]): string {
  const b = new TfliteBuilder(),
    [x, y] = make(b);
  return refusal(() => importTflite(b.finish([x], [y]), 'test'));
}

/** Two dense layers of one type. @param weights theirs */
function dense(b: TfliteBuilder, of: TensorSpec, weights: Partial<TensorSpec>): [number, number] {
  const x = b.tensor({ ...of, shape: [1, 10] });
  let y = x;
  for (let i = 0; i < 2; i++)
    y = b.operator(
      'FULLY_CONNECTED',
      [y, b.tensor({ shape: [10, 10], data: new Int8Array(100), ...weights }), -1],
      b.tensor({ ...of, shape: [1, 10] }),
    );
  return [x, y];
}

const float: TensorSpec = { shape: [], type: 'float32' },
  floats = { type: 'float32', data: new Float32Array(100) } as const;

test('a float model: full integer quantization, or the ONNX file', () => {
  const message = refusalOf((b) => dense(b, float, floats));
  assert.match(message, /^it calculates in float; only int8 runs .*full integer quantization .* ONNX export/);
});

test('a model of which only the weights were quantized', () => {
  const message = refusalOf((b) => dense(b, float, { scale: 0.1 }));
  assert.match(message, /^it calculates in float, though its weights are int8 \(dynamic range/);
});

test('a model whose weights are float16', () => {
  const message = refusalOf((b) => {
    const half = b.tensor({ shape: [10, 10], type: 'float16', data: new Uint8Array(200) }),
      w = b.operator('DEQUANTIZE', [half], b.tensor({ shape: [10, 10], type: 'float32' })),
      x = b.tensor({ shape: [1, 10], type: 'float32' });
    return [x, b.operator('FULLY_CONNECTED', [x, w, -1], b.tensor({ shape: [1, 10], type: 'float32' }))];
  });
  assert.match(message, /^it calculates in float, though its weights are float16/);
});

test('activations of 16 bits', () => {
  const message = refusalOf((b) => dense(b, { shape: [], type: 'int16', scale: 0.1 }, { scale: 0.1 }));
  assert.match(message, /^its activations are int16 \(16x8\)/);
});

test('a uint8 model, whose asymmetric weights would cost every kernel', () => {
  const message = refusalOf((b) =>
    dense(
      b,
      { shape: [], type: 'uint8', scale: 0.1, zeroPoint: 128 },
      { type: 'uint8', scale: 0.1, zeroPoint: 120, data: new Uint8Array(100) },
    ),
  );
  assert.match(message, /^it calculates in uint8, .* convert the model again with TensorFlow 2/);
});

for (const [code, advice] of [
  ['ethos-u', /^Vela compiled it/],
  ['edgetpu-custom-op', /^it is compiled for the Edge TPU: .* no _edgetpu/],
  ['FlexErf', /operator 0 custom FlexErf .*: convert the model without SELECT_TF_OPS/],
  ['TFLite_Detection_PostProcess', /decode boxes in the app/],
] as const)
  test(`a model with ${code}`, () => {
    const message = refusalOf((b) => {
      const x = b.tensor({ shape: [1, 4], scale: 1 });
      return [x, b.operator(`custom ${code}`, [x], b.tensor({ shape: [1, 4], scale: 1 }))];
    });
    assert.match(message, advice);
  });

test('a layer that chooses the class: the scores do', () => {
  const message = refusalOf((b) => {
    const x = b.tensor({ shape: [1, 4], scale: 1 });
    return [x, b.operator('ARG_MAX', [x, b.integers(1)], b.tensor({ shape: [1], type: 'int64' }))];
  });
  assert.match(message, /the device gives the scores that it chooses from/);
});

test('of many operators that cannot run the first are told, and how many more', () => {
  const message = refusalOf((b) => {
    const x = b.tensor({ shape: [1, 4], scale: 1 });
    let y = x;
    for (let i = 0; i < 20; i++) y = b.operator('SIN', [y], b.tensor({ shape: [1, 4], scale: 1 }));
    return [x, y];
  });
  assert.match(message, /^20 of 20 operators cannot be run:/);
  assert.match(message, /  operator 11 SIN .*\n  and 8 more$/);
});

test.run();
