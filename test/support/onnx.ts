/// <reference types="node" />
/** ONNX models in tests: made of a few nodes, imported, and compared with what ONNX Runtime computes. */
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { elements, type FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { calibrate, floatSession, runSession } from '../../host/quantize/calibrate';
import { minMax } from '../../host/quantize/observers';
import { quantize } from '../../host/quantize/quantize';
import { rescaled } from '../../host/quantize/rescale';
import { FlintError } from '../../src/error';
import { load, run } from '../../src/model';
import { OnnxBuilder } from './onnx-builder';
import { differenceFromOnnxRuntime, inOurOrder } from './onnx-runtime';
import { Random } from './random';

/** Builds a network on the input x; returns its output. */
export type Build = (b: OnnxBuilder) => string;

/** [1, channels, height, width] of most models here. */
export const IMAGE = [1, 3, 7, 8];

export const shared = (name: string): string => `../shared/models/onnx/${name}.onnx`;

export function model(build: Build, shape = IMAGE, opset = 13): Uint8Array {
  const b = new OnnxBuilder(shape, opset);
  return b.finish(build(b));
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
  const weights = b.floats([o, i / group, ...kernel], undefined, (i / group) * kernel[0] * kernel[1]);
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
export function refusal(bytes: Uint8Array): string {
  try {
    importOnnx(bytes, 'test');
  } catch (error) {
    assert.instance(error, FlintError, (error as Error).stack);
    return (error as Error).message;
  }
  return assert.unreachable('it was imported') as never;
}

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

/**
 * Packs a model calibrated on random inputs and compares the int8 outputs with ONNX Runtime's float ones:
 * they may differ by quantization alone, so by a few hundredths of the output's range.
 * @returns the device's operators
 */
export async function agreesInInt8(bytes: Uint8Array, tolerance = 0.05): Promise<string[]> {
  const graph = optimize(importOnnx(bytes, 'test')),
    [input] = graph.inputs,
    [output] = graph.outputs,
    { shape } = graph.tensors.get(input)!,
    random = new Random(23);
  const inputs = Array.from({ length: 12 }, () => random.bytes(elements(shape))),
    reals = inputs.map((x) => Float32Array.from(x, (v) => eighth.scale * v)),
    fixed = new Map([[input, eighth]]),
    calibrated = rescaled(graph, await calibrate(bytes, graph, reals, minMax), fixed),
    quantized = await quantize(calibrated.graph, calibrated.ranges, fixed),
    { scale, zeroPoint } = quantized.tensors.get(output)!.quantization!;
  const { file, lowered } = packGraph(quantized),
    device = load(file.buffer),
    session = await floatSession(bytes);
  for (let n = 0; n < inputs.length; n++) {
    device.inputs[0].set(inputs[n]);
    run(device);
    const { data, dims } = (await runSession(session, reals[n], shape))[session.outputNames[0]],
      wanted = inOurOrder(data as Float32Array, dims);
    assert.is(device.outputs[0].length, wanted.length);
    device.outputs[0].forEach((q, i) => {
      const got = scale * (q - zeroPoint);
      if (Math.abs(got - wanted[i]) > tolerance * 255 * scale)
        assert.unreachable(
          `input ${n}, value ${i}: ${got}, ONNX Runtime has ${wanted[i]} (range ${255 * scale})`,
        );
    });
  }
  return lowered.nodes.map(({ operator }) => operator);
}

/** Both: the graph computes what ONNX Runtime does to float's precision, its int8 model to int8's. */
export async function agrees(bytes: Uint8Array, tolerance?: number): Promise<string[]> {
  await agreesInFloat(bytes);
  return agreesInInt8(bytes, tolerance);
}
