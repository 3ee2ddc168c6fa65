import * as assert from 'uvu/assert';
import { run, type Model } from '../../src/model';

/** The counters of our XS host: bytes and slots that it ever allocated. */
interface Counters {
  allocatedChunks(): number;
  allocatedSlots(): number;
}

/** On XS, running a model allocates nothing in either heap; other engines do not tell. */
export function allocatesNothing(model: Model): void {
  const { Engine: engine } = globalThis as { Engine?: Counters };
  if (!engine) return;
  run(model); // functions get their profile, tables are made
  const chunks = engine.allocatedChunks(),
    slots = engine.allocatedSlots();
  for (let i = 0; i < 3; i++) run(model);
  const chunksAfter = engine.allocatedChunks(),
    slotsAfter = engine.allocatedSlots();
  assert.is(slotsAfter, slots);
  assert.is(chunksAfter, chunks);
}
