/**
 * Vectors of TensorFlow Lite Micro's kernel tests, tensorflow/lite/micro/kernels/*_test.cc: real values,
 * quantized as those tests do.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { importTflite } from '../../host/import/tflite/import';
import { load, run } from '../../src/model';
import { TfliteBuilder, type TensorSpec } from './tflite-builder';

/** Imports, packs and runs a model. */
export function outputsOf(bytes: Uint8Array, inputs: Int8Array[]): Int8Array[] {
  const model = load(packGraph(importTflite(bytes, 'test')).file.buffer);
  assert.is(model.inputs.length, inputs.length);
  inputs.forEach((values, i) => model.inputs[i].set(values));
  run(model);
  return model.outputs;
}

/** An activation by its real values. */
export interface Real extends TensorSpec {
  scale: number;
  zeroPoint?: number;
  values: number[];
}
export const quantized = ({ values, scale, zeroPoint = 0 }: Real): Int8Array =>
  Int8Array.from(values, (v) =>
    Math.max(-128, Math.min(127, Math.round(v / Math.fround(scale)) + zeroPoint)),
  );
const perChannel = (
  channels: number,
  stride: number,
  values: number[],
): { scales: number[]; data: Int8Array } => {
  const channel = (i: number): number => (stride === 1 ? i % channels : Math.floor(i / stride));
  const scales = Array.from({ length: channels }, (_, c) =>
    Math.fround(Math.max(...values.filter((_, i) => channel(i) === c).map(Math.abs)) / 127),
  );
  return { scales, data: Int8Array.from(values, (v, i) => Math.round(v / scales[channel(i)])) };
};

/**
 * @param inputs activations; then come constants
 * @param tolerance that of the original test, in steps
 * @param order of all these among the operator's inputs, where another
 */
export function vector(
  title: string,
  code: string,
  fields: Record<string, number>,
  inputs: Real[],
  constants: TensorSpec[],
  expected: Real,
  tolerance = 0,
  order?: number[],
): void {
  test(`${code}: ${title}`, () => {
    const b = new TfliteBuilder(),
      from = inputs.map(({ values, ...spec }) => b.tensor(spec)),
      { values: _, ...spec } = expected,
      to = b.tensor(spec);
    const operands = [...from, ...constants.map((c) => b.tensor(c))];
    b.operator(code, order?.map((i) => operands[i]) ?? operands, to, fields);
    const [got] = outputsOf(b.finish(from, [to]), inputs.map(quantized)),
      wanted = quantized(expected);
    assert.is(got.length, wanted.length);
    wanted.forEach((w, i) =>
      assert.ok(Math.abs(got[i] - w) <= tolerance, `output ${i} is ${got[i]}, should be ${w}`),
    );
  });
}
export const layer = (
  shape: number[],
  axis: number,
  values: number[],
  bias: number[],
  inputScale: number,
): TensorSpec[] => {
  const { scales, data } = perChannel(bias.length, axis === 3 ? 1 : values.length / bias.length, values);
  return [
    { shape, scale: scales, axis, data },
    {
      shape: [bias.length],
      type: 'int32',
      data: Int32Array.from(bias, (v, c) => Math.round(v / (inputScale * scales[c]))),
    },
  ];
};
export const same = (shape: number[], values: number[], scale: number, zeroPoint = 0): Real => ({
  shape,
  scale,
  zeroPoint,
  values,
});
