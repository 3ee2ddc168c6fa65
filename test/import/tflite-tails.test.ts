/** What a converter left in float between the int8 model and its outputs. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importTflite } from '../../host/import/tflite/import';
import { TfliteBuilder } from '../support/tflite-builder';
import { outputsOf } from '../support/tflite-vectors';

const int8 = { scale: 0.0625, zeroPoint: 5 },
  all = Int8Array.from({ length: 256 }, (_, i) => i - 128),
  reals = Array.from(all, (q) => int8.scale * (q - int8.zeroPoint));

/**
 * Turns the input round in int8, then does what is in float; gives the outputs as real numbers, and their step.
 * @param make builds on the floats, and returns the output
 */
function run(make: (b: TfliteBuilder, x: number) => number): {
  values: number[];
  step: number;
  remark: string;
} {
  const b = new TfliteBuilder(),
    x = b.tensor({ shape: [1, 256], ...int8 }),
    turned = b.operator('REVERSE_V2', [x, b.integers(1)], b.tensor({ shape: [1, 256], ...int8 })),
    real = b.operator('DEQUANTIZE', [turned], b.tensor({ shape: [1, 256], type: 'float32' })),
    file = b.finish([x], [make(b, real)]);
  const graph = importTflite(file, 'test'),
    { scale, zeroPoint } = graph.tensors.get(graph.outputs[0])!.quantization!,
    [got] = outputsOf(file, [all.slice().reverse()]);
  return {
    values: Array.from(got, (q) => scale * (q - zeroPoint)),
    step: scale,
    remark: graph.remarks.join(),
  };
}

const float = (b: TfliteBuilder): number => b.tensor({ shape: [1, 256], type: 'float32' });
const constant = (b: TfliteBuilder, value: number): number =>
  b.tensor({ shape: [], type: 'float32', data: Float32Array.of(value) });

/** @param limit in steps */
function close(values: number[], wanted: number[], step: number, limit: number): void {
  values.forEach((v, i) =>
    assert.ok(Math.abs(v - wanted[i]) <= step * limit, `output ${i} is ${v}, should be ${wanted[i]}`),
  );
}

test('a softmax in float is one in int8, and people are told', () => {
  const { values, step, remark } = run((b, x) => b.operator('SOFTMAX', [x], float(b), { beta: 1 })),
    sum = reals.reduce((s, v) => s + Math.exp(v), 0);
  close(
    values,
    reals.map((v) => Math.exp(v) / sum),
    step,
    1,
  );
  assert.is(step, 1 / 256);
  assert.match(remark, /has 2 SOFTMAX in float; it runs in int8/);
});

test('a log-softmax in float, seen in another shape: from -16 on', () => {
  const { values, step, remark } = run((b, x) =>
      b.operator(
        'RESHAPE',
        [b.operator('LOG_SOFTMAX', [x], float(b)), b.integers(256)],
        b.tensor({ shape: [256], type: 'float32' }),
      ),
    ),
    sum = reals.reduce((s, v) => s + Math.exp(v), 0);
  close(
    values,
    reals.map((v) => Math.max(-255 * step, v - Math.log(sum))),
    step,
    1,
  );
  assert.match(remark, /says -16 of all that is less/);
});

test('a sigmoid spelled out in float is a table', () => {
  const { values, step, remark } = run((b, x) => {
    const power = b.operator('EXP', [b.operator('NEG', [x], float(b))], float(b)),
      more = b.operator('ADD', [power, constant(b, 1)], float(b));
    return b.operator('DIV', [constant(b, 1), more], float(b));
  });
  close(
    values,
    reals.map((v) => 1 / (1 + Math.exp(-v))),
    step,
    0.51,
  );
  assert.ok(step < 1 / 254);
  assert.match(remark, /has 2 NEG and 3 EXP and 4 ADD and 5 DIV in float/);
});

test('boxes scaled in float keep the sign of their values', () => {
  const { values, step } = run((b, x) => b.operator('MUL', [x, constant(b, -0.25)], float(b)));
  close(
    values,
    reals.map((v) => v * -0.25),
    step,
    0.51,
  );
});

test.run();
