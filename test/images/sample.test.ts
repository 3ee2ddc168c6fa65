/// <reference types="node" />
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openImages, sampled, type ImageSet } from '../../host/images/set';
import { idx, labels, numbers, save } from './support';

const large = (): ImageSet =>
  openImages({
    images: save('large-idx3-ubyte', idx([200, 1, 1], numbers(200))),
    labels: save('large-idx1-ubyte', idx([200], numbers(200))),
  });

test('a sample is the same for the same seed, in order, and tells of how many it is', async () => {
  const set = sampled(large(), 50, 1);
  assert.equal([set.length, set.of], [50, 200]);
  assert.equal(labels(set), labels(sampled(large(), 50, 1)));
  assert.not.equal(labels(set), labels(sampled(large(), 50, 2)));
  assert.equal(
    labels(set),
    [...new Set(labels(set))].sort((a, b) => a! - b!),
    'no image twice',
  );
  for (const i of [0, 20, 49]) {
    const label = set.label(i)!;
    assert.is(set.name(i), `large-idx3-ubyte[${label}]`);
    assert.equal((await set.image(i)).pixels, Uint8Array.of(label));
    assert.equal(set.source(i), large().source(label));
  }
});

test('every image comes into samples equally often', () => {
  const times = new Array<number>(200).fill(0);
  for (let seed = 0; seed < 400; seed++)
    for (const label of labels(sampled(large(), 50, seed))) times[label!]++;
  // 100 of 400 are expected; the standard deviation is below 9.
  for (const [i, count] of times.entries())
    assert.ok(count > 55 && count < 145, `image ${i} came ${count} times`);
});

test('a sample of a set that is no larger is the set', () => {
  for (const count of [200, 1000]) assert.equal(labels(sampled(large(), count, 1)), labels(large()));
  assert.is(sampled(large(), 199, 1).length, 199);
});

test.run();
