/**
 * What the bench runs on the emulated core: loads the model from flash, runs its golden input, prints lines
 * of JSON.
 */
import { crc32 } from '../../src/checksum';
import { Header } from '../../src/format';
import { load, ramNeeded, run, runOperator, writeGoldenInput } from '../../src/model';
import { operatorName } from '../../src/read';

declare const Engine: {
  instructions(): number;
  gcInstructions(): number;
  heap(): {
    ramLimit: number;
    ramPeak: number;
    collections: number;
    stackPeak: number;
    chunksPeak: number;
    slotsPeak: number;
    native: number;
  };
};
declare const Resource: new (name: string) => ArrayBuffer;

const begin = Engine.instructions(),
  model = load(new Resource('model.flint'), Engine.heap().ramLimit),
  loaded = Engine.instructions();
const { words } = model;
writeGoldenInput(model);
run(model);
writeGoldenInput(model);
const gcBefore = Engine.gcInstructions(),
  collectionsBefore = Engine.heap().collections,
  start = Engine.instructions();
run(model);
const instructions = Engine.instructions() - start,
  gc = Engine.gcInstructions() - gcBefore,
  collections = Engine.heap().collections - collectionsBefore;
const output = model.outputs[0],
  crc = crc32(output, 0, output.length);

// Once more, operator by operator; what reading the counter costs is not theirs.
writeGoldenInput(model);
const one = Engine.instructions(),
  reading = Engine.instructions() - one;
for (let i = 0; i < words[Header.operatorCount]; i++) {
  const from = Engine.instructions();
  runOperator(model, i);
  const instructions = Engine.instructions() - from - reading;
  trace(JSON.stringify({ name: operatorName(words, i), instructions }) + '\n');
}
const { ramPeak, stackPeak, chunksPeak, slotsPeak, native } = Engine.heap();
trace(
  JSON.stringify({
    instructions,
    loadInstructions: loaded - begin,
    arenaBytes: words[Header.arenaBytes],
    ramBytes: ramNeeded(words),
    heapHighWater: ramPeak,
    stackPeak,
    chunksPeak,
    slotsPeak,
    native,
    collections,
    gcShare: gc / instructions,
    crc,
  }) + '\n',
);
