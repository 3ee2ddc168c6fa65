import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load, run } from '../../src/model';
import { smallModel } from '../support/small-model';

/** The engine's own counters: bytes and slots it ever allocated. */
declare const Engine: { allocatedChunks(): number; allocatedSlots(): number };

test('an inference allocates nothing in either heap of XS', () => {
  const model = load(smallModel().buffer);
  run(model); // functions get their profile, tables are made
  const chunks = Engine.allocatedChunks(), slots = Engine.allocatedSlots();
  for (let i = 0; i < 20; i++) run(model);
  const chunksAfter = Engine.allocatedChunks(), slotsAfter = Engine.allocatedSlots();
  assert.is(slotsAfter, slots);
  assert.is(chunksAfter, chunks);
});

test.run();
