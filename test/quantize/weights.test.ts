/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isLayer, tapsOf, type FloatGraph } from '../../host/graph';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { layerMoments } from '../../host/quantize/calibrate';
import type { FloatLayer } from '../../host/quantize/statistics';
import { onLayerThread, partsOf } from '../../host/quantize/threads';
import { quantizeWeights } from '../../host/quantize/weights';
import { plain } from '../../host/recipe/scheme';
import { silent } from '../../host/system/progress';
import { onThreads } from '../../host/system/threads';
import { shared } from '../support/onnx';
import { graph, images, onnx, outputError } from '../support/quantization';
import { Random } from '../support/random';
import { testIf } from '../support/skip';

/** Rounding with regard to what the output loses must lose less than rounding each weight to the nearest. */
async function gptqIsBetter(file: Uint8Array, float: FloatGraph, inputs: Float32Array[]): Promise<void> {
  const moments = await layerMoments(file, float, inputs);
  for (const node of float.nodes.filter(isLayer)) {
    const known = moments.get(node.name)!,
      taps = tapsOf(node.parameters);
    const error = (rounding: 'gptq' | 'nearest'): number => {
      const { weights, scales } = quantizeWeights(node, { ...plain, bits: 4, rounding }, 1 / 128, known),
        real = Float64Array.from(weights, (q, i) => q * scales[Math.floor(i / taps)]);
      return outputError(node, known, real);
    };
    const [gptq, nearest] = [error('gptq'), error('nearest')];
    assert.ok(gptq < nearest, `${node.op} ${node.name}: ${gptq} with GPTQ, ${nearest} without`);
  }
}

/** A spot of a random place and size, and some noise: neighbouring pixels are alike, as in images. */
function blob(random: Random, [, height, width, channels]: number[]): Float32Array {
  const x = random.below(width),
    y = random.below(height),
    size = 2 + random.below(width / 2);
  return Float32Array.from({ length: height * width * channels }, (_, i) => {
    const pixel = Math.floor(i / channels),
      distance = (((pixel % width) - x) ** 2 + (Math.floor(pixel / width) - y) ** 2) / size ** 2;
    return Math.exp(-distance) + (random.below(100) - 50) / 1000;
  });
}

test("GPTQ reduces the error of every layer's output", () => gptqIsBetter(onnx, graph, images(40)));

for (const path of ['models/fashion/fashion.onnx', 'models/seed/seed.onnx', shared('resnet8_b')])
  testIf(existsSync(path), `${path} is not there`)(
    `GPTQ reduces the error of every layer of ${path}`,
    async () => {
      const bytes = new Uint8Array(readFileSync(path)),
        float = optimize(importOnnx(bytes, '')),
        random = new Random(5),
        { shape } = float.tensors.get(float.inputs[0])!;
      await gptqIsBetter(
        bytes,
        float,
        Array.from({ length: 24 }, () => blob(random, shape)),
      );
    },
  );

test('a layer in parts on several threads is rounded as it is whole', async () => {
  const n = 90,
    outputs = 200,
    parameters = { weights: new Random(6).reals(n * outputs, 1000), bias: new Float32Array(outputs) },
    node: FloatLayer = {
      op: 'fullyConnected',
      name: 'large',
      inputs: ['x'],
      output: 'y',
      activation: 'none',
      parameters,
    };
  const scheme = { ...plain, bits: 4, scales: 'mse' } as const,
    whole = quantizeWeights(node, scheme, 1),
    parts = partsOf(node),
    tasks = parts.map((part): Parameters<typeof quantizeWeights> => [part.node, scheme, 1]),
    made = await onThreads(onLayerThread, 'round', tasks, silent, '');
  assert.ok(parts.length > 1);
  for (const { channel, weight } of parts) assert.is(weight, channel * n);
  assert.equal(
    made.flatMap(({ weights }) => [...weights]),
    [...whole.weights],
  );
  assert.equal(
    made.flatMap(({ scales }) => [...scales]),
    [...whole.scales],
  );
});

test.run();
