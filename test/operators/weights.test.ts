import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packBits, stored, weightBits, weightStorage } from '../../host/operators/weights';

test('narrow weights: every value comes back', () => {
  for (const bits of [2, 4, 8]) {
    const half = 2 ** (bits - 1),
      all = Int8Array.from({ length: 2 ** bits }, (_, i) => i - half),
      packed = packBits(all, bits);
    const back = [...all].map((_, i) => {
      const field = (packed[Math.floor((i * bits) / 8)] >> ((i * bits) % 8)) & (2 ** bits - 1);
      return field >= half ? field - 2 ** bits : field;
    });
    assert.equal(back, [...all]);
  }
});

test('the width is the least that holds all weights', () => {
  for (const [weights, bits] of [
    [[-1, 1, 0], 2],
    [[-2], 2],
    [[2], 4],
    [[-3], 4],
    [[7, -8], 4],
    [[8], 8],
    [[-9], 8],
  ] as const)
    assert.is(weightBits(Int8Array.from(weights)), bits, `${weights}`);
});

test('weights that are not symmetric fit fewer bits with zero points, from all ranges', () => {
  const taps = 32;
  for (const bits of [2, 4])
    for (let low = 1 - 2 ** bits; low <= 0; low++) {
      // The first channel's range begins at `low`, the others' is 0 to 1.
      const weights = Int8Array.from({ length: 3 * taps }, (_, i) =>
          i < taps ? low + (i % 2 ** bits) : i % 2,
        ),
        storage = weightStorage(weights, 3),
        narrow = stored(weights, storage);
      assert.is(storage.bits, bits);
      assert.ok(weightBits(narrow) <= bits, `${weightBits(narrow)}`);
      const back = narrow.map((w, i) => w - (storage.zeroPoints?.[Math.floor(i / taps)] ?? 0));
      assert.equal(back, weights);
    }
});

test('a range too wide for fewer bits keeps its own', () => {
  const weights = Int8Array.from({ length: 32 }, (_, i) => (i % 17) - 3);
  assert.equal(weightStorage(weights, 1), { bits: 8 });
});

test.run();
