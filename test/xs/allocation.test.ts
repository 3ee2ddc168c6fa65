import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load, run } from '../../src/model';
import { smallModel } from '../small-model';

/** The engine's own counters: 0 bytes of chunks, 1 bytes of slots, 2 collections. */
declare const measure: (what: number) => number;

test('an inference allocates nothing in either heap of XS', () => {
  const model = load(smallModel().buffer);
  run(model); // functions get their profile, tables are made
  const chunks = measure(0), slots = measure(1), collections = measure(2);
  for (let i = 0; i < 20; i++) run(model);
  const chunksAfter = measure(0), slotsAfter = measure(1), collectionsAfter = measure(2);
  assert.is(collectionsAfter, collections);
  assert.is(slotsAfter, slots);
  assert.is(chunksAfter, chunks);
});

test.run();
