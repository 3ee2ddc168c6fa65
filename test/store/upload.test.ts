import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FlintError } from '../../src/error';
import { Header } from '../../src/format';
import { SLOTS, slotCapacity } from '../../src/store/slots';
import { beginUpload, endUpload, Upload, writeUpload } from '../../src/store/upload';
import { altered } from '../support/damage';
import { NorFlash } from '../support/nor-flash';
import { Random } from '../support/random';
import { Device, failing, KEY, model, plainDigest, upload } from '../support/swap';

const own = model(1),
  file = model(2, 300),
  other = model(3, 500);

function device(bytes = 16384, sector = 4096): Device {
  const made = new Device(new NorFlash(bytes, sector, new Random(9)), own);
  made.start();
  return made;
}

/** It is refused, and the model before is still there. */
function refused(stream: Uint8Array, reason: RegExp): Device {
  const one = device();
  one.receive(upload(file, 5));
  one.start();
  assert.match(one.refuses(stream), reason);
  one.start();
  assert.ok(one.runs(file));
  assert.equal(one.said, []);
  return one;
}

test('a model comes in pieces of any size', () => {
  for (const chunk of [1, 3, 80, 81, 1024, 4096, 1 << 20]) {
    const one = device();
    one.receive(upload(file, 5), chunk);
    one.start();
    assert.ok(one.runs(file));
    assert.equal(one.said, []);
  }
});

test('the slot in use is never touched, even when nobody restarts between two uploads', () => {
  const one = device();
  one.receive(upload(file, 5));
  one.start();
  const { slot } = one.found!,
    [begin, end] = [slot! * 8192, slot! * 8192 + 8192],
    before = one.flash.bytes.slice(begin, end);
  for (const number of [6, 7, 8]) one.receive(upload(other, number));
  assert.equal(one.flash.bytes.slice(begin, end), before);
  one.start();
  assert.ok(one.runs(other));
});

test('whoever does not have the key is refused before anything is erased', () => {
  const stranger = upload(other, 6, KEY.replace('0', '1')),
    one = device();
  one.receive(upload(file, 5));
  const steps = one.flash.steps;
  assert.match(one.refuses(stranger), /not signed with the key of this app/);
  assert.is(one.flash.steps, steps);
  one.start();
  assert.ok(one.runs(file));
});

test('any change of the header is refused before anything is erased', () => {
  const right = upload(other, 6),
    one = device();
  const steps = one.flash.steps;
  for (let i = 0; i < Upload.words * 4; i++) {
    const changed = right.slice();
    changed[i] ^= 1 << (i % 8);
    assert.match(one.refuses(changed), /this is no upload|has version|not signed/);
  }
  assert.is(one.flash.steps, steps);
});

test('a change anywhere in the model is refused', () => {
  const right = upload(other, 6);
  for (let i = Upload.words * 4; i < right.length; i += 97) {
    const changed = right.slice();
    changed[i] ^= 4;
    refused(changed, /digest is another/);
  }
});

test('an upload that ends too early, or does not end, is refused', () => {
  const right = upload(other, 6);
  for (const length of [0, 1, 79])
    refused(right.slice(0, length), /truncated: \d+ of 80 bytes of its header/);
  for (const length of [80, 81, right.length - 1])
    refused(right.slice(0, length), new RegExp(`truncated: ${length} of ${right.length} bytes`));
  refused(Uint8Array.of(...right, 0), /longer than the \d+ bytes/);
});

test('an upload that was kept gets in no second time, and no older one does', () => {
  refused(upload(other, 5), /number 5, model 5 is there already/);
  refused(upload(other, 4), /number 4, model 5 is there already/);
  // as unsigned numbers
  const one = device();
  one.receive(upload(file, 0x7fffffff));
  one.start();
  one.receive(upload(other, 0xfffffff0));
  one.start();
  assert.ok(one.runs(other));
  assert.match(one.refuses(upload(file, 0x80000000)), /is there already/);
});

test('nor does one that was given up', () => {
  const one = device();
  one.receive(upload(file, 5));
  one.start();
  one.receive(upload(failing(other), 6), 1460, { check: () => {} });
  one.start();
  assert.ok(one.runs(file));
  assert.match(one.refuses(upload(failing(other), 6), { check: () => {} }), /is there already/);
});

test('what is signed but no model that runs here is refused: its self-test, its format, its checksum', () => {
  refused(upload(failing(other), 6), /self-test: operator 0 .*layer 3/);
  refused(upload(new Uint8Array(altered(other, Header.version, 99)), 6), /format 99/);
  const corrupted = other.slice();
  corrupted[other.length - 8] ^= 1;
  refused(upload(corrupted, 6), /checksum/);
  refused(upload(new Uint8Array(100), 6), /not a Flint model/);
});

test('a bare model is refused, and what to do is said', () => {
  refused(other, /no upload: make one of the model with flint sign/);
});

test('a model that needs more RAM than there is is refused, and the one before stays', () => {
  const one = device();
  one.receive(upload(file, 5));
  const check = (): void => {
    throw new RangeError('the model needs 70656 bytes of RAM');
  };
  assert.throws(() => one.receive(upload(other, 6), 1460, { check }), /needs 70656 bytes/);
  one.start();
  assert.ok(one.runs(file));
});

test('a model fills a slot to its last byte, and one that is larger is refused', () => {
  const capacity = slotCapacity(device().flash),
    most = new Uint8Array(capacity),
    one = device();
  one.receive(upload(most, 5), 1460, { check: () => {} });
  assert.match(one.refuses(upload(new Uint8Array(capacity + 1), 6)), /a slot of this device takes 8128/);
  assert.match(one.refuses(upload(new Uint8Array(0), 6)), /0 bytes/);
});

test('a partition that is too small for two slots takes nothing, and has nothing', () => {
  const one = device(4096, 4096);
  assert.ok(one.runs(own));
  assert.match(one.refuses(upload(file, 5)), /takes 0/);
});

test('after a refusal nothing more is taken', () => {
  const { flash } = device();
  const receiving = beginUpload({ partition: flash, key: KEY, sha256: plainDigest(), check: () => {} });
  assert.throws(() => writeUpload(receiving, other.slice().buffer), /no upload/);
  assert.throws(() => writeUpload(receiving, upload(other, 5).buffer), /no upload/);
  assert.throws(() => endUpload(receiving), /no upload/);
});

test('of two uploads at once each is taken whole or refused, and what was said to be taken runs', () => {
  const early = upload(file, 5),
    late = upload(other, 6),
    same = upload(file, 7),
    taken = new Set<string>();
  for (const second of [late, same])
    for (let before = 80; before < early.length; before += 331)
      for (let chunk = 80; chunk < second.length + 800; chunk += 407) {
        const one = device(16384, 256),
          streams = [early, second],
          uploads = streams.map(() => one.begin()),
          ended: number[] = [],
          at = [before, chunk];
        // A chip says nothing of bits that a write would set.
        one.flash.write = (offset, bytes, buffer) =>
          new Uint8Array(buffer, 0, bytes).forEach((byte, i) => (one.flash.bytes[offset + i] &= byte));
        streams.forEach((stream, i) => writeUpload(uploads[i], stream.slice(0, at[i]).buffer));
        for (const i of [0, 1, 0, 1, 1, 0])
          try {
            if (at[i] < streams[i].length)
              writeUpload(uploads[i], streams[i].slice(at[i], (at[i] += chunk)).buffer);
            else ended.push(endUpload(uploads[i]).number);
          } catch (error) {
            assert.instance(error, FlintError);
          }
        assert.ok(ended.length < 2);
        one.start();
        assert.ok(one.runs(ended[0] === undefined ? own : ended[0] === 6 ? other : file));
        assert.equal(one.said, []);
        taken.add(String(ended[0]));
      }
  assert.equal([...taken].sort(), ['5', '6', '7', 'undefined']);
});

test('an upload that is broken off gives way to the next, whatever each has written', () => {
  const right = upload(other, 6);
  for (let bytes = 0; bytes < right.length; bytes += 211) {
    const one = device(16384, 256);
    writeUpload(one.begin(), right.slice(0, bytes).buffer);
    one.receive(upload(file, 5));
    one.start();
    assert.ok(one.runs(file));
    assert.equal(one.said, []);
  }
});

test('no sector is erased twice for one model, and none beyond its end', () => {
  const one = device(65536, 256),
    sectors = Math.ceil((64 + file.length) / 256);
  one.receive(upload(file, 5), 700);
  const half = one.flash.erased.length / SLOTS;
  assert.equal(
    one.flash.erased,
    one.flash.erased.map((_, i) => (i % half === i && i < sectors ? 1 : 0)),
  );
});

test.run();
