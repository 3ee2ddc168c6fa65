/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { optimize } from '../../host/optimize/passes';
import { quantizeOwn, separated } from '../../host/quantize/own/quantize';
import type { Scaled } from '../../host/quantize/own/scales';
import { FlintError } from '../../src/error';
import { conv, model, norm, shared } from '../support/onnx';
import { conv as quantizedConv, over, pair, qdq } from '../support/qdq-builder';
import { Random } from '../support/random';

/** A network of many operators. */
const everything = model((b) => {
  const padded = b.node('Pad', ['x', [0, 0, 1, 1, 0, 0, 1, 1]]),
    layer = norm(b, conv(b, padded, 3, 4, { strides: [2, 2] }, [3, 3]), 4),
    x = b.node('Clip', [layer, b.float(0), b.float(6)]),
    sum = b.node('Relu', [b.node('Add', [x, b.node('Dropout', [x])])]),
    y = b.node('Mul', [b.node('Concat', [x, sum], { axis: 1 }), b.floats([8, 1, 1])]),
    pooled = b.node('MaxPool', [b.node('Sigmoid', [y])], { kernel_shape: [2, 2], ceil_mode: 1 }),
    part = b.node('Slice', [b.node('Transpose', [pooled], { perm: [0, 1, 3, 2] }), [1], [3], [2]]),
    large = b.node('Resize', [b.node('PRelu', [part, b.floats([8, 1, 1])]), '', b.floats([4], [1, 1, 2, 2])]),
    mean = b.node('AveragePool', [large], { kernel_shape: [2, 2], auto_pad: 'SAME_UPPER' }),
    flattened = b.node('Reshape', [mean, [1, -1]]);
  const scores = b.node('Add', [b.node('MatMul', [flattened, b.floats([192, 5])]), b.floats([5])]);
  return b.node('Softmax', [scores], { axis: 1 });
});

/** One that is quantized, in both ways of ONNX. */
const integers = model((b) => {
  const q = over('UINT8', -1, 1),
    layer = quantizedConv(b, qdq(b, 'x', q), 3, 4, { type: 'UINT8', axis: 0, zero: 77 }),
    parts = [qdq(b, b.node('Relu', [layer]), q), b.node('Sigmoid', [qdq(b, layer, q)])],
    joined = qdq(b, b.node('Concat', parts, { axis: 1 }), q),
    x = b.node('MaxPool', [b.node('QuantizeLinear', [joined, ...pair(b, q)])], { kernel_shape: [2, 2] }),
    pooled = b.node(
      'com.microsoft.QLinearAveragePool',
      [x, ...pair(b, q), ...pair(b, over('UINT8', -1, 0.5))],
      {
        kernel_shape: [2, 3],
      },
    );
  return b.node('DequantizeLinear', [pooled, ...pair(b, over('UINT8', -1, 0.5))]);
});

const optimized = ({ graph, scales }: Scaled): Scaled => ({ graph: optimize(graph, true), scales });

/** A copy with a few bytes changed, sometimes cut. */
function damaged(random: Random, original: Uint8Array): Uint8Array {
  const bytes = original.slice(0, random.below(5) === 0 ? random.below(original.length) : original.length);
  for (let k = random.between(1, 4); k > 0 && bytes.length; k--)
    bytes[random.below(bytes.length)] = random.below(3)
      ? random.below(256)
      : random.pick([0, 1, 127, 128, 255]);
  return bytes;
}

test('damaged files give a FlintError, soon', async () => {
  const files = [everything, model((b) => conv(b, 'x')), integers],
    random = new Random(99),
    start = Date.now();
  if (existsSync(shared('dsf_int8_qdq'))) files.push(new Uint8Array(readFileSync(shared('dsf_int8_qdq'))));
  for (const file of files) importOnnx(file, 'whole');
  let imported = 0;
  for (let n = 0; n < 2400; n++) {
    const bytes = damaged(random, files[n % 20 === 0 ? files.length - 1 : n % 3]);
    try {
      const { given, ...graph } = importOnnx(bytes, 'damaged');
      if (given.size) await quantizeOwn(optimized(separated(graph, given)));
      else optimize(graph);
      imported++;
    } catch (error) {
      assert.instance(error, FlintError, `damage ${n}: ${(error as Error).stack}`);
    }
  }
  assert.ok(imported > 100, `only ${imported} were only slightly damaged`);
  assert.ok(Date.now() - start < 30_000, `took ${Date.now() - start} ms`);
});

test.run();
