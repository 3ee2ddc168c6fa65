/// <reference types="node" />
/** ONNX models in tests: made of a few nodes, imported, and compared with what ONNX Runtime computes. */
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { elements, type FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { calibrate, floatSession, inputsOf, runSession } from '../../host/quantize/calibrate';
import { minMax } from '../../host/quantize/observers';
import { quantize } from '../../host/quantize/quantize';
import { rescaled } from '../../host/quantize/rescale';
import { prepare } from '../../host/import/onnx/prepare';
import { viewed } from '../../host/view';
import { load, run } from '../../src/model';
import { OnnxBuilder } from './onnx-builder';
import { differenceFromOnnxRuntime } from './onnx-runtime';
import { Random } from './random';
import { refusal as refusalOf } from './refusal';

/** Builds a network on the input x; returns its output. */
export type Build = (b: OnnxBuilder) => string;

/** [1, channels, height, width] of most models here. */
export const IMAGE = [1, 3, 7, 8];

export const shared = (name: string): string => `../shared/models/onnx/${name}.onnx`;

export function model(build: Build, shape = IMAGE, opset = 13): Uint8Array {
  const b = new OnnxBuilder(shape, opset);
  return prepare(b.finish(build(b)));
}

/** The output of an operator on x with constants of whole numbers. */
export const on =
  (op: string, attributes: Parameters<OnnxBuilder['node']>[2] = {}, ...constants: number[][]): Build =>
  (b) =>
    b.node(op, ['x', ...constants], attributes);

/** A convolution with a bias, of `i` channels to `o`. */
export function conv(
  b: OnnxBuilder,
  x: string,
  i = 3,
  o = 4,
  attributes: Record<string, number | number[] | string> = {},
  kernel = [1, 1],
  group = 1,
): string {
  const weights = b.floats([o, i / group, ...kernel], undefined, (i / group) * elements(kernel));
  return b.node('Conv', [x, weights, b.floats([o])], { group, ...attributes });
}

export const norm = (b: OnnxBuilder, x: string, channels: number): string => {
  const variance = Array.from({ length: channels }, (_, i) => 0.3 + i / 3),
    statistics = [
      b.floats([channels]),
      b.floats([channels]),
      b.floats([channels]),
      b.floats([channels], variance),
    ];
  return b.node('BatchNormalization', [x, ...statistics]);
};

export const flat = (b: OnnxBuilder, x: string): string => b.node('Flatten', [x]);

/** A fully connected layer of n inputs and three outputs. */
export const gemm = (b: OnnxBuilder, x: string, n: number): string =>
  b.node('Gemm', [x, b.floats([n, 3], undefined, n), b.floats([3])]);

/** Imports what must be refused. @returns the message */
export const refusal = (bytes: Uint8Array): string => refusalOf(() => importOnnx(bytes, 'test'));

/** The graph as imported and as optimized must both compute what ONNX Runtime computes, in every tensor. */
export async function agreesInFloat(bytes: Uint8Array): Promise<FloatGraph> {
  const imported = importOnnx(bytes, 'test'),
    optimized = optimize(imported);
  for (const graph of [imported, optimized]) {
    const size = elements(graph.tensors.get(graph.inputs[0])!.shape),
      difference = await differenceFromOnnxRuntime(bytes, graph, new Random(3).reals(size, 4));
    assert.ok(difference < 1e-4, `differs from ONNX Runtime by ${difference}`);
  }
  return optimized;
}

const eighth = { scale: 1 / 128, zeroPoint: 0 };

/** A packed model beside its source: what each gives for some random inputs. */
interface Compared {
  /** The device's operators. */
  operators: string[];
  /** The output's scale. */
  scale: number;
  /** By input. */
  got: Float32Array[];
  wanted: Float32Array[];
}

/** Packs a model calibrated on random inputs, and runs these through it and through ONNX Runtime. */
async function compared(bytes: Uint8Array, count: number): Promise<Compared> {
  const graph = optimize(importOnnx(bytes, 'test')),
    [input] = graph.inputs,
    [output] = graph.outputs,
    { shape } = graph.tensors.get(input)!,
    random = new Random(23);
  const inputs = Array.from({ length: count }, () => random.bytes(elements(shape))),
    reals = inputs.map((x) => Float32Array.from(x, (v) => eighth.scale * v)),
    fixed = new Map([[input, eighth]]),
    calibrated = rescaled(graph, await calibrate(bytes, graph, reals, minMax), fixed),
    quantized = await quantize(calibrated.graph, calibrated.ranges, fixed),
    { view, quantization } = quantized.tensors.get(output)!,
    { scale, zeroPoint } = quantization!;
  const { file, lowered } = packGraph(quantized),
    device = load(file.buffer),
    session = await floatSession(bytes),
    got: Float32Array[] = [],
    wanted: Float32Array[] = [];
  for (let n = 0; n < inputs.length; n++) {
    device.inputs[0].set(inputs[n]);
    run(device);
    const { data } = (await runSession(session, reals[n], inputsOf(graph)))[session.outputNames[0]];
    got.push(Float32Array.from(device.outputs[0], (q) => scale * (q - zeroPoint)));
    wanted.push(viewed(data as Float32Array, view));
    assert.is(got[n].length, wanted[n].length);
  }
  return { operators: lowered.nodes.map(({ operator }) => operator), scale, got, wanted };
}

/**
 * Compares the int8 outputs with ONNX Runtime's float ones: they may differ by quantization alone, so by a few
 * hundredths of the output's range.
 * @returns the device's operators
 */
export async function agreesInInt8(bytes: Uint8Array, tolerance = 0.05): Promise<string[]> {
  const { operators, scale, got, wanted } = await compared(bytes, 12);
  wanted.forEach((values, n) =>
    values.forEach((v, i) => {
      if (Math.abs(got[n][i] - v) > tolerance * 255 * scale)
        assert.unreachable(
          `input ${n}, value ${i}: ${got[n][i]}, ONNX Runtime has ${v} (range ${255 * scale})`,
        );
    }),
  );
  return operators;
}

/** Power of ONNX Runtime's outputs over that of the int8 model's errors. */
export async function decibelsInInt8(bytes: Uint8Array): Promise<number> {
  const { got, wanted } = await compared(bytes, 6);
  let signal = 0,
    noise = 0;
  wanted.forEach((values, n) =>
    values.forEach((v, i) => ((signal += v * v), (noise += (v - got[n][i]) ** 2))),
  );
  return noise ? 10 * Math.log10(signal / noise) : Infinity;
}

/** Both: the graph computes what ONNX Runtime does to float's precision, its int8 model to int8's. */
export async function agrees(bytes: Uint8Array, tolerance?: number): Promise<string[]> {
  await agreesInFloat(bytes);
  return agreesInInt8(bytes, tolerance);
}
