import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openFirst, type Candidate } from '../../src/store/find';
import { RECORD_BYTES, slotBegin, slotRecord } from '../../src/store/slots';
import { NorFlash } from '../support/nor-flash';
import { Random } from '../support/random';
import { Device, failing, model, upload } from '../support/swap';

const own = model(1),
  old = model(2, 300),
  fresh = model(3, 500);

const device = (): Device => new Device(new NorFlash(16384, 4096, new Random(3)), own);
const unchecked = { check: (): void => {} };

test('records that were forged, and flash of any bytes, leave the model of the app', () => {
  const random = new Random(11);
  for (const size of [4096, 8192, 16384, 16384 + 2048])
    for (const bytes of [-(2 ** 31), -1, 0, 1, 4, 79, 4032, 8128, 8129, 2 ** 31 - 1, 0x7fffe000])
      for (const number of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]) {
        const one = new Device(new NorFlash(size, 2048, random), own);
        one.flash.bytes.set(random.bytes(size));
        for (let slot = 0; slot < 2; slot++)
          one.flash.bytes.set(
            new Uint8Array(slotRecord(number, bytes).buffer),
            Math.min(slotBegin(one.flash, slot), size - RECORD_BYTES),
          );
        one.start();
        assert.ok(one.runs(own));
        one.start();
        assert.equal(one.said, [], 'all that was wrong was given up at the first start');
      }
});

test('an empty partition leaves the model of the app', () => {
  const one = device();
  one.start();
  assert.ok(one.runs(own));
  assert.is(one.found!.where, "the app's own resources");
  assert.is(one.found!.slot, undefined);
});

test('the newer model of the partition is run, and where it lies is said', () => {
  const one = device();
  one.receive(upload(old, 1));
  one.receive(upload(fresh, 2));
  one.start();
  assert.ok(one.runs(fresh));
  assert.is(one.found!.where, 'slot 1 of partition "flint" (model 2)');
  assert.is(one.found!.slot, 1);
});

test('one that breaks its self-test is given up for the one before, once and for all', () => {
  const one = device();
  one.receive(upload(old, 1));
  one.start();
  one.receive(upload(failing(fresh), 2), 1460, unchecked);
  one.start();
  assert.ok(one.runs(old));
  assert.match(one.said.join('\n'), /^the model in slot 1 of .* is given up: self-test: operator 0 .*$/);
  one.start();
  assert.ok(one.runs(old));
  assert.equal(one.said, []);
});

test('both slots can be given up: the model of the app is left', () => {
  const one = device();
  one.receive(upload(failing(old), 1), 1460, unchecked);
  one.receive(upload(failing(fresh), 2), 1460, unchecked);
  one.start();
  assert.ok(one.runs(own));
  assert.is(one.said.length, 2);
});

test('flash that lost a bit of a proven model is noticed', () => {
  const one = device();
  one.receive(upload(old, 1));
  one.start();
  one.flash.bytes[200] &= one.flash.bytes[200] - 1;
  one.start();
  assert.ok(one.runs(own));
  assert.match(one.said.join(), /given up: the model is corrupted/);
});

test('one that stops the device is opened three times, then given up', () => {
  const one = device();
  one.receive(upload(fresh, 1));
  let opened = 0;
  class Stopped extends Error {}
  for (let start = 0; start < 3; start++) {
    const write = one.flash.write.bind(one.flash);
    // What stops a device is no error that anything could catch: no flag is written after it.
    const stop = (): number => {
      opened++;
      one.flash.write = () => {
        throw new Stopped();
      };
      throw new Stopped();
    };
    assert.throws(() => one.start(stop));
    one.flash.write = write;
  }
  assert.is(opened, 3 * 2, 'that of the slot, and behind it that of the app');
  one.start();
  assert.ok(one.runs(own));
  assert.match(one.said.join(), /3 times the device stopped before its self-test was done/);
});

test('a model that was proven is opened as often as the app starts', () => {
  const one = device();
  one.receive(upload(fresh, 1));
  one.start();
  const { steps } = one.flash;
  for (let start = 0; start < 5; start++) one.start();
  assert.ok(one.runs(fresh));
  assert.is(one.flash.steps, steps);
});

test('flash that cannot be written is said, and the model runs', () => {
  const one = device();
  one.receive(upload(fresh, 1));
  one.flash.write = () => {
    throw new Error('write failed');
  };
  one.start();
  assert.ok(one.runs(fresh));
  assert.match(one.said.join(), /the flash of slot 0 cannot be written: write failed/);
});

test('without any model that is told, and of the last one what was wrong', () => {
  const open = (): never => {
      throw new RangeError('no good');
    },
    candidate: Candidate = { where: 'a mod', file: () => own.buffer };
  assert.throws(() => openFirst([], undefined, open, () => {}), /there is no model/);
  assert.throws(() => openFirst([candidate], undefined, open, () => {}), /no good/);
});

test.run();
