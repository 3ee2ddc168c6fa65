/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InferenceSession } from 'onnxruntime-node';
import { onnxInput } from '../../host/quantize/calibrate';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { quantize } from '../../host/quantize/quantize';
import { packGraph } from '../../host/file/pack-graph';
import { dequantize, load, run } from '../../src/model';
import { Random } from '../support/random';

// ONNX Runtime is the oracle. Its optimizer is off: on processors without VNNI its fused int8 kernels saturate pairs of products in 16 bits.
// It requantizes by a float32 factor and rounds halves to even where we multiply by a 32-bit integer and round halves up, so that a
// rare sum near a half may fall the other way.
// Average pooling differs in ties: TensorFlow Lite rounds the mean of the raw bytes away from zero, ONNX Runtime the real mean to even.
for (const [name, share] of [['seed', 1], ['res8', 0.9], ['dsf', 0.9]] as const) {
  const path = `../shared/models/onnx/${name}_int8_qdq.onnx`;
  if (!existsSync(path)) {
    console.log(`SKIPPED: ${path} is not there`);
    continue;
  }
  test(`${name}: the quantized model gives ONNX Runtime's outputs`, async () => {
    const bytes = new Uint8Array(readFileSync(path)), imported = importOnnx(bytes, name);
    const graph = await quantize(optimize(imported), new Map(), imported.given), input = graph.tensors.get(graph.inputs[0])!;
    const model = load(packGraph(graph, { rounding: 'single' }).file.buffer),
      session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', logSeverityLevel: 3 }), random = new Random(4);
    const { scale, zeroPoint } = input.quantization!, out = graph.tensors.get(graph.outputs[0])!.quantization!;
    let same = 0, total = 0;
    for (let n = 0; n < 30; n++) {
      // Smooth images, so that activations are like those of real ones.
      const [, , width, channels] = input.shape, phase = random.below(100), values = model.inputs[0];
      for (let i = 0; i < values.length; i++) {
        const p = Math.floor(i / channels), x = p % width, y = Math.floor(p / width);
        values[i] = Math.max(-128, Math.min(127, Math.round(100 * Math.sin((x * (1 + (i % channels)) + phase) / 5) * Math.cos((y + n) / 4)) + random.between(-20, 20)));
      }
      const real = Float32Array.from(values, (q) => scale * (q - zeroPoint));
      const expected = (await session.run({ [session.inputNames[0]]: onnxInput(real, input.shape) }))[session.outputNames[0]].data as Float32Array;
      run(model);
      model.outputs[0].forEach((q, i) => {
        const wanted = Math.round(expected[i] / out.scale) + out.zeroPoint;
        assert.ok(Math.abs(q - wanted) <= 1, `image ${n}, output ${i}: ${q}, ONNX Runtime has ${wanted}`);
        if (q === wanted) same++;
        total++;
      });
      assert.ok(Number.isFinite(dequantize(model, 0, 0)));
    }
    console.log(`        ${name}: ${same} of ${total} outputs are equal, the others differ by one`);
    assert.ok(same >= total * share, `${same} of ${total} outputs are equal`);
  });
}

test.run();
