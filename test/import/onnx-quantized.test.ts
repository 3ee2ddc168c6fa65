/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import type { IntGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { runSession } from '../../host/quantize/calibrate';
import { quantize } from '../../host/quantize/quantize';
import { load, run } from '../../src/model';
import { shared } from '../support/onnx';
import { Random } from '../support/random';
import { testIf } from '../support/skip';

/** A smooth image, so that activations are like those of real ones. */
function smoothImage(random: Random, [, height, width, channels]: number[]): Int8Array {
  const phase = random.below(100),
    tilt = random.below(30);
  return Int8Array.from({ length: height * width * channels }, (_, i) => {
    const channel = i % channels,
      x = Math.floor(i / channels) % width,
      y = Math.floor(i / channels / width),
      wave = 100 * Math.sin((x * (1 + channel) + phase) / 5) * Math.cos((y + tilt) / 4);
    return Math.max(-128, Math.min(127, Math.round(wave) + random.between(-20, 20)));
  });
}

/** A model with scales of its own, which it brings along. */
async function imported(bytes: Uint8Array): Promise<IntGraph> {
  const { given, ...graph } = importOnnx(bytes, 'quantized');
  return quantize(optimize(graph), new Map(), given);
}

/**
 * ONNX Runtime is the oracle. Its optimizer is off: on processors without VNNI its fused int8 kernels
 * saturate pairs of products in 16 bits. It requantizes by a float32 factor and rounds halves to even where
 * we multiply by a 32-bit integer and round halves up, so that a rare sum near a half may fall the other way.
 * Average pooling differs in ties: TensorFlow Lite rounds the mean of the raw bytes away from zero, ONNX
 * Runtime the real mean to even.
 * @param share of outputs that must be equal; the others differ by one
 */
async function agrees(bytes: Uint8Array, share: number): Promise<void> {
  const graph = await imported(bytes),
    { shape, quantization } = graph.tensors.get(graph.inputs[0])!,
    output = graph.tensors.get(graph.outputs[0])!.quantization!,
    model = load(packGraph(graph, { rounding: 'single' }).file.buffer),
    session = await InferenceSession.create(bytes, {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 3,
    }),
    random = new Random(4);
  let equal = 0,
    total = 0;
  for (let n = 0; n < 30; n++) {
    model.inputs[0].set(smoothImage(random, shape));
    const real = Float32Array.from(
        model.inputs[0],
        (q) => quantization!.scale * (q - quantization!.zeroPoint),
      ),
      { data } = (await runSession(session, real, shape))[session.outputNames[0]];
    run(model);
    model.outputs[0].forEach((q, i) => {
      const wanted = Math.round((data as Float32Array)[i] / output.scale) + output.zeroPoint;
      assert.ok(Math.abs(q - wanted) <= 1, `image ${n}, output ${i}: ${q}, ONNX Runtime has ${wanted}`);
      equal += q === wanted ? 1 : 0;
      total++;
    });
  }
  assert.ok(equal >= total * share, `${equal} of ${total} outputs are equal`);
}

for (const [name, share] of [
  ['seed', 1],
  ['res8', 0.9],
  ['dsf', 0.9],
] as const) {
  const path = shared(`${name}_int8_qdq`);
  testIf(existsSync(path), `${path} is not there`)(
    `${name}: the quantized model gives ONNX Runtime's outputs`,
    () => agrees(new Uint8Array(readFileSync(path)), share),
  );
}

test.run();
