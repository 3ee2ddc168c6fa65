import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cuts, NorFlash, PowerCut, type Cut } from '../support/nor-flash';
import { Random } from '../support/random';
import { Device, failing, model, upload } from '../support/swap';

const own = model(1),
  first = model(2, 300),
  second = model(3, 500),
  third = model(4, 400);
/** Signed once, with number 1 or 2. */
const uploads = new Map([first, second].map((file) => [file, [upload(file, 1), upload(file, 2)]])),
  bad = upload(failing(second), 2);
const random = new Random(1);

/** Does something that power may be cut in, and starts the app again. @returns whether it was cut */
function survive(device: Device, work: () => void): boolean {
  try {
    work();
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  // An app that starts goes on where flash cannot be written: of a cut in its flags nothing is thrown.
  const cut = device.flash.restart();
  device.start();
  return cut;
}

/** Cuts that chance decides are tried so often. */
const many = (cut: Cut): Cut[] => new Array<Cut>(8).fill(cut);

/**
 * Power is cut at every write and erase of some work, in every way.
 * @param prepare makes a device
 * @param work on it, with a start of the app behind it
 * @param judge looks at the device as it has started after the cut
 */
function cutEverywhere(
  prepare: () => Device,
  work: (device: Device) => void,
  judge: (device: Device, at: string) => void,
): number {
  let count = 0;
  for (const cut of cuts.flatMap((one) => (one === 'nothing' || one === 'all' ? [one] : many(one))))
    for (let step = 0, again = true; again; step++) {
      const device = prepare();
      device.flash.cutAfter(step, cut);
      again = survive(device, () => {
        work(device);
        device.start();
      });
      judge(device, `cut at step ${step}, ${cut}`);
      count++;
    }
  return count;
}

/** A device whose own model is `own`, and that has taken these, each with a start after it. */
function having(...models: Uint8Array<ArrayBuffer>[]): Device {
  const device = new Device(new NorFlash(8192, 256, random), own);
  device.start();
  models.forEach((file, i) => {
    device.receive(uploads.get(file)![i]);
    device.start();
    assert.ok(device.runs(file));
  });
  return device;
}

const another = upload(third, 10);

/** It runs the old or the new model, and takes another one. */
const oldOrNew = (old: Uint8Array<ArrayBuffer>, fresh: Uint8Array<ArrayBuffer>) => {
  const seen = { old: 0, fresh: 0 };
  const judge = (device: Device, at: string): void => {
    assert.ok(device.runs(old) || device.runs(fresh), at);
    assert.equal(device.said, [], at);
    seen[device.runs(old) ? 'old' : 'fresh']++;
    device.receive(another);
    device.start();
    assert.ok(device.runs(third), at);
  };
  return { seen, judge };
};

for (const [name, before] of [
  ['the first upload', []],
  ['one into the other slot', [first]],
  ['one over an old model', [first, second]],
] as [string, Uint8Array<ArrayBuffer>[]][])
  test(`a cut at any write or erase of an upload leaves the old or the new model: ${name}`, () => {
    const fresh = model(7, 450),
      stream = upload(fresh, 5),
      { seen, judge } = oldOrNew(before.at(-1) ?? own, fresh);
    const cutCount = cutEverywhere(
      () => having(...before),
      (device) => device.receive(stream),
      judge,
    );
    assert.ok(cutCount > 40, `only ${cutCount} cuts`);
    assert.ok(seen.old > 20 && seen.fresh > 4, JSON.stringify(seen));
  });

test('a cut at any write while a model is given up leaves the one before', () => {
  const prepare = (): Device => {
    const device = having(first);
    // It passed when it came, and is no good now: an app of another version, or worn flash.
    device.receive(bad, 1460, { check: () => {} });
    return device;
  };
  cutEverywhere(
    prepare,
    (device) => device.start(),
    (device, at) => assert.ok(device.runs(first), at),
  );
});

test('a model that was given up does not come back where power is cut as its slot is written', () => {
  const prepare = (): Device => {
    const device = having(first);
    device.receive(bad, 1460, { check: () => {} });
    device.start();
    assert.match(device.said.join(), /given up/);
    return device;
  };
  cutEverywhere(
    prepare,
    (device) => device.receive(upload(third, 3)),
    (device, at) => {
      assert.ok(device.runs(first) || device.runs(third), at);
      assert.equal(device.said, [], at);
    },
  );
});

test('two cuts, one after the other, leave a model too', () => {
  for (let round = 0; round < 100; round++) {
    const device = having(first, second);
    for (const number of [3, 4]) {
      device.flash.cutAfter(random.below(24), random.pick(cuts));
      survive(device, () => device.receive(upload(third, number)));
      assert.ok(device.runs(second) || device.runs(third), `round ${round}`);
    }
  }
});

test('models alternate between the slots, and a refused one leaves both as they are', () => {
  const device = having();
  for (let number = 1; number < 12; number++) {
    const file = model(100 + number, 100 + 30 * number);
    device.receive(upload(file, number), 1 + random.below(3000));
    device.start();
    assert.ok(device.runs(file));
    assert.is(device.found!.slot, (number + 1) % 2);
    assert.match(device.refuses(upload(file, number)), /is there already/);
    assert.ok(device.runs(file));
  }
});

test.run();
