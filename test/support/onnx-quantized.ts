/// <reference types="node" />
/** Quantized ONNX models against ONNX Runtime. */
import { InferenceSession } from 'onnxruntime-node';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import type { IntGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { inputsOf, runSession } from '../../host/quantize/calibrate';
import { quantizeOwn, separated } from '../../host/quantize/own/quantize';
import { viewed } from '../../host/view';
import { load, run } from '../../src/model';
import { IMAGE } from './onnx';
import { OnnxBuilder } from './onnx-builder';
import { qdq, unit, type Q } from './qdq-builder';
import { Random } from './random';

/** A smooth image, so that activations are like those of real ones; a vector of random values. */
export function smoothInput(random: Random, shape: number[]): Int8Array {
  const [, height, width, channels] = shape,
    phase = random.below(100),
    tilt = random.below(30);
  if (shape.length !== 4) return random.bytes(shape[1]);
  return Int8Array.from({ length: height * width * channels }, (_, i) => {
    const channel = i % channels,
      x = Math.floor(i / channels) % width,
      y = Math.floor(i / channels / width),
      wave = 100 * Math.sin((x * (1 + channel) + phase) / 5) * Math.cos((y + tilt) / 4);
    return Math.max(-128, Math.min(127, Math.round(wave) + random.between(-20, 20)));
  });
}

/** A model with scales of its own, which it brings along, as int8. */
export async function imported(bytes: Uint8Array): Promise<IntGraph> {
  const { given, ...graph } = importOnnx(bytes, 'quantized'),
    { graph: apart, scales } = separated(graph, given);
  return quantizeOwn({ graph: optimize(apart, true), scales });
}

/** How outputs differ from ONNX Runtime's. */
export interface Agreement {
  /** Steps of the output's scale. */
  worst: number;
  equal: number;
  total: number;
  /** The device's operators. */
  operators: string[];
}

/**
 * ONNX Runtime is the oracle. Its optimizer is off: on processors without VNNI its fused int8 kernels
 * saturate pairs of products in 16 bits. It requantizes by a float32 factor and rounds halves to even where
 * we multiply by a 32-bit integer and round halves up, so that a rare sum near a half may fall the other way.
 * Average pooling differs in ties: TensorFlow Lite rounds the mean of the raw bytes away from zero, ONNX
 * Runtime the real mean to even.
 */
export async function agreement(bytes: Uint8Array, count = 30): Promise<Agreement> {
  const graph = await imported(bytes),
    { shape, quantization } = graph.tensors.get(graph.inputs[0])!,
    output = graph.tensors.get(graph.outputs[0])!.quantization!,
    { file, lowered } = packGraph(graph, { rounding: 'single' }),
    model = load(file.buffer),
    session = await InferenceSession.create(bytes, {
      graphOptimizationLevel: 'disabled',
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    }),
    random = new Random(4),
    result = { worst: 0, equal: 0, total: 0, operators: lowered.nodes.map(({ operator }) => operator) };
  for (let n = 0; n < count; n++) {
    model.inputs[0].set(smoothInput(random, shape));
    const real = Float32Array.from(
        model.inputs[0],
        (q) => quantization!.scale * (q - quantization!.zeroPoint),
      ),
      { data } = (await runSession(session, real, inputsOf(graph)))[session.outputNames[0]],
      wanted = viewed(data as Float32Array, graph.tensors.get(graph.outputs[0])!.view);
    run(model);
    assert.is(model.outputs[0].length, wanted.length);
    model.outputs[0].forEach((q, i) => {
      const exact = Math.round(wanted[i] / output.scale) + output.zeroPoint,
        difference = Math.abs(q - Math.max(-128, Math.min(127, exact)));
      result.worst = Math.max(result.worst, difference);
      result.equal += difference === 0 ? 1 : 0;
      result.total++;
    });
  }
  return result;
}

/** Builds on the quantized input; returns the output. */
export type BuildQdq = (b: OnnxBuilder, x: string, type: Q['type']) => string;

export function qdqModel(build: BuildQdq, type: Q['type'], opset = 13): Uint8Array {
  const b = new OnnxBuilder(IMAGE, opset);
  return b.finish(build(b, qdq(b, 'x', unit(type)), type));
}

/** Runs as in ONNX Runtime, but for steps of one. @param share of outputs that must be equal */
export async function qdqRuns(
  build: BuildQdq,
  type: Q['type'],
  opset?: number,
  share = 0.7,
): Promise<Agreement> {
  const result = await agreement(qdqModel(build, type, opset), 8);
  assert.ok(result.worst <= 1, `${type}: an output differs by ${result.worst}`);
  assert.ok(result.equal > share * result.total, `${type}: ${result.equal} of ${result.total} are equal`);
  return result;
}
