import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { prepare } from '../../host/import/onnx/prepare';
import { agreesInFloat, decibelsInInt8 } from '../support/onnx';
import { randomNetwork } from '../support/random-onnx';

/** Operators of a network. */
const LENGTH = 8;

const seeds = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

test('random networks compute what ONNX Runtime does, in every tensor', async () => {
  for (const seed of seeds(1, 170))
    await agreesInFloat(prepare(randomNetwork(seed, LENGTH))).catch((error: Error) =>
      assert.unreachable(`seed ${seed}: ${error.message}`),
    );
});

/**
 * Quantization alone is between the two. A random network may amplify it as no trained one does: a softmax
 * of many classes keeps few of its 256 values, and a normalization may spread them again.
 */
test('as int8 they come near it', async () => {
  const found: number[] = [];
  for (const seed of seeds(1, 90)) {
    const decibels = await decibelsInInt8(prepare(randomNetwork(seed, LENGTH)));
    assert.ok(decibels > 12, `seed ${seed}: ${decibels} dB`);
    found.push(decibels);
  }
  found.sort((a, b) => a - b);
  assert.ok(found[9] > 25, `one in ten has less than ${found[9]} dB`);
  assert.ok(found[45] > 35, `half have less than ${found[45]} dB`);
});

test.run();
