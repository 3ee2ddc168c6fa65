/**
 * What the bench runs on the emulated core: loads the model from flash, tests it, runs its golden input, and
 * prints what each took. Argument: `layers`, for each operator as well.
 */
import { crc32 } from '../../src/checksum';
import { Header } from '../../src/format';
import { native } from '../../src/native/native';
import { load, run, runOperator, selfTest, writeGoldenInput } from '../../src/model';

declare const Engine: {
  instructions(): number;
  heap(): {
    ramLimit: number;
    collections: number;
    stackPeak: number;
    chunksPeak: number;
    slotsPeak: number;
    native: number;
  };
};
declare const Resource: new (name: string) => ArrayBuffer;
declare const args: string[];

const one = Engine.instructions(),
  reading = Engine.instructions() - one; // what reading the counter costs is nobody's
const beforeLoad = Engine.instructions(),
  model = load(new Resource('model.flint'), native ? undefined : Engine.heap().ramLimit),
  afterLoad = Engine.instructions();

// It also warms up: what a first run makes, the counted one finds.
const beforeTest = Engine.instructions();
selfTest(model);
const afterTest = Engine.instructions();

writeGoldenInput(model);
const collectionsBefore = Engine.heap().collections,
  beforeRun = Engine.instructions();
run(model);
const afterRun = Engine.instructions(),
  collections = Engine.heap().collections - collectionsBefore;
const output = model.outputs[0],
  crc = crc32(output, 0, output.length);

if (args[0] === 'layers') {
  writeGoldenInput(model);
  for (let i = 0; i < model.words[Header.operatorCount]; i++) {
    const before = Engine.instructions();
    runOperator(model, i);
    const after = Engine.instructions();
    trace('operator ', after - before - reading, '\n');
  }
}
// A line each, for JSON.stringify would take a kilobyte of RAM that no app needs.
const heap = Engine.heap();
trace('inference ', afterRun - beforeRun - reading, '\n');
trace('load ', afterLoad - beforeLoad - reading, '\n');
trace('selfTest ', afterTest - beforeTest - reading, '\n');
trace('collections ', collections, '\n');
trace('crc ', crc, '\n');
trace('compiled ', model.engine === 'compiled' ? 1 : 0, '\n');
trace('stack ', heap.stackPeak, '\n');
trace('slots ', heap.slotsPeak, '\n');
trace('chunks ', heap.chunksPeak, '\n');
trace('own ', heap.native, '\n');
