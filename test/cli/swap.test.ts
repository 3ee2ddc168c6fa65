/// <reference types="node" />
import { createHash, createHmac } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { besideModel } from '../../host/swap/beside';
import { readPartitions } from '../../host/swap/partitions';
import { NorFlash } from '../support/nor-flash';
import { Random } from '../support/random';
import { Device, KEY, model, upload } from '../support/swap';
import { newFolder, temporaryFolder } from '../system/folder';
import { fails, flint, misused, succeeds } from './command';

const work = temporaryFolder(),
  at = (name: string): string => join(work, name),
  file = model(2, 300),
  net = at('net.flint');
writeFileSync(net, file);

test('mod: a folder that mcrun takes, with the model under the name that apps look for, and its samples', () => {
  copyFileSync('models/fashion/device/sample0.image', at('sample0.image'));
  const text = succeeds(['mod', net]);
  assert.match(text, /install +mcrun -m -p esp32 .*mod\/manifest\.json/);
  assert.match(text, /and 1 samples/);
  assert.equal(readFileSync(at('mod/mod.flint')), Buffer.from(file));
  assert.ok(existsSync(at('mod/sample0.image')));
  assert.equal(JSON.parse(readFileSync(at('mod/manifest.json'), 'utf8')), {
    '//': 'Written by flint mod.',
    data: { '*': ['./mod', './sample0'] },
  });
  succeeds(['mod', net]); // again, into the same folder
});

test('mod: no manifest of an app or of a packed model is overwritten, nor is half a mod written', () => {
  for (const text of ['{ "modules": { "*": "./main" } }', '{ "//": "Written by flint pack." }', 'no JSON']) {
    const folder = newFolder(work);
    writeFileSync(join(folder, 'manifest.json'), text);
    fails(['mod', net, '-o', folder], /manifest\.json: this is not of a mod, .* give another folder/);
    assert.equal(readdirSync(folder), ['manifest.json']);
    assert.is(readFileSync(join(folder, 'manifest.json'), 'utf8'), text);
  }
  const folder = newFolder(work);
  mkdirSync(join(folder, 'manifest.json'));
  fails(['mod', net, '-o', folder], /manifest\.json: cannot be written: this is a folder/);
  assert.equal(readdirSync(folder), ['manifest.json']);
});

test('mod: a folder with a packed model stands for it', () => {
  for (const folder of ['models/fashion', 'models/fashion/device'])
    assert.match(succeeds(['mod', folder, '-o', at(`of ${basename(folder)}`)]), /fashion and 10 samples/);
});

test('mod: a model that mcconfig gives no room for is told', () => {
  writeFileSync(at('large.flint'), model(3, 70000));
  assert.match(succeeds(['mod', at('large.flint'), '-o', at('large')]), /mcconfig alone gives 0x40000/);
  assert.match(succeeds(['mod', net, '-o', at('small')]), /mcconfig gives enough/);
});

test('lines for a shell can be copied, whatever the files are called', () => {
  const name = "it's a net.flint",
    quoted = /'[^']*it'\\''s a net/;
  writeFileSync(at(name), file);
  for (const [command, line] of [
    ['mod', /install +mcrun (.*)/],
    ['flash', /flash +esptool (.*)/],
  ] as const)
    assert.match(
      line.exec(succeeds([command, at(name), '-o', at(`${name}.${command}`)], { COLUMNS: '400' }))![1],
      quoted,
    );
});

test('flash: an image from which a device starts, and the line that writes it', () => {
  const text = succeeds(['flash', net, '--port', '/dev/ttyUSB0', '--number', '77', '-o', at('net.bin')]);
  assert.match(text, /esptool --port \/dev\/ttyUSB0 write-flash 0x300000 .*net\.bin/);
  const image = readFileSync(at('net.bin')),
    flash = new NorFlash(image.length, 4096, new Random(1)),
    device = new Device(flash, model(1));
  assert.is(image.length, 0x100000);
  flash.bytes.set(image);
  device.start();
  assert.ok(device.runs(file));
  assert.match(device.found!.where, /slot 0 .*model 77/);
  const next = model(5, 200);
  device.receive(upload(next, 78));
  device.start();
  assert.ok(device.runs(next));
});

test("flash: where the partition lies and what it holds is the table's matter", () => {
  const table = at('table.csv');
  writeFileSync(
    table,
    '# one\nnvs, data, nvs, , 24K,\nfactory, app, factory, , 1M,\nflint,data,0x40,,0x4000,\n',
  );
  assert.equal(
    readPartitions(table).map(({ name, offset, bytes, line }) => [name, offset, bytes, line]),
    [
      ['nvs', 0x9000, 0x6000, 2],
      ['factory', 0x10000, 0x100000, 3],
      ['flint', 0x110000, 0x4000, 4],
    ],
  );
  assert.match(succeeds(['flash', net, '--partitions', table]), /write-flash 0x110000/);
  fails(['flash', at('large.flint'), '--partitions', table], /two slots of 8128: it should have \d+ or more/);
  writeFileSync(table, 'nvs, data, nvs, 0x9000, 24K\n');
  fails(['flash', net, '--partitions', table], /no partition "flint" for models, but nvs/);
  writeFileSync(table, 'nvs, data\n');
  fails(['flash', net, '--partitions', table], /table\.csv: line 1 is no partition/);
  fails(['flash', net, '--partitions', at('none.csv')], /none\.csv: no such table of partitions/);
});

test('flash: a table that ESP-IDF would refuse is refused, and no image is written', () => {
  const table = at('wrong.csv'),
    image = at('wrong.bin');
  for (const [text, reason] of [
    ['flint,data,0x40,0x9001,64K', /line 1: .*"flint" should lie at a multiple of 0x1000/],
    ['app,app,factory,0x11000,1M', /line 1: .*"app" should lie at a multiple of 0x10000/],
    ['flint,data,0x40,0x1000,64K', /line 1: .*"flint" overlaps the table itself, which ends at 0x9000/],
    [
      'flint,data,0x40,0x20000,64K\napp,app,factory,0x10000,1M',
      /line 1: .*"flint" overlaps "app" of line 2, which ends at 0x110000/,
    ],
    ['flint,data,0x40,0x9000,64K\nflint,data,0x40,,64K', /line 2: there is a partition "flint" already/],
    ['flint,data,0x40,0x9000,64K,encrypted', /line 1: .*must not be encrypted/],
    ['flint,data,0x40,0x9000,0x7fffffff', /ends beyond 128 MB/],
    ['flint,data,0x40,0xfffff000,64K', /ends beyond 128 MB/],
    ['flint,data,0x40,0x9000,99999999999999999999', /ends beyond 128 MB/],
    ['flint,data,0x40,0x9000,-1', /line 1 is no partition/],
    ['flint,data,0x40,0x9000,0', /0 bytes has two slots of 0: it should have \d+ or more/],
    ['', /no partition "flint" for models, but none/],
  ] as [string, RegExp][]) {
    writeFileSync(table, text);
    fails(['flash', net, '--partitions', table, '-o', image], reason);
    assert.not(existsSync(image), text);
  }
});

test('flash --run: runs esptool with that line, and tells when it fails or is not there', () => {
  const tool = at('esptool');
  writeFileSync(tool, '#!/bin/sh\necho "ran $*"\nexit $FAKE\n');
  chmodSync(tool, 0o755);
  const PATH = work + delimiter + process.env.PATH;
  assert.match(succeeds(['flash', net, '--run'], { PATH, FAKE: '0' }), /ran write-flash 0x300000 .*net\.bin/);
  const failing = flint(['flash', net, '--run'], { PATH, FAKE: '3' }),
    missing = flint(['flash', net, '--run'], { PATH: '/nowhere' });
  assert.match(failing.stderr, /esptool has failed with exit code 3/);
  assert.match(missing.stderr, /esptool is not there: .* pip install esptool/);
  assert.equal([failing.status, missing.status], [1, 1]);
});

test('sign: what Node and openssl find right, and a device with the key of the file takes', () => {
  const key = at('key.json');
  writeFileSync(key, JSON.stringify({ config: { flintKey: KEY } }));
  const text = succeeds(['sign', net, '--key', key, '--number', '5']);
  assert.match(text, /curl --data-binary @.*net\.upload/);
  const signed = readFileSync(at('net.upload')),
    hash = createHash('sha256').update(file).digest();
  assert.equal(signed.subarray(16, 48), hash);
  assert.equal(signed.subarray(48, 80), createHmac('sha256', KEY).update(signed.subarray(0, 48)).digest());
  assert.equal(signed.subarray(80), Buffer.from(file));
});

test('sign --new-key: a manifest with the receiver and a key that nobody has had', () => {
  const keys = ['a.json', 'b.json'].map((name) => {
    const text = succeeds(['sign', net, '--key', at(name), '--new-key']);
    assert.is(statSync(at(name)).mode & 0o77, 0, 'others can read it');
    assert.match(text, /a manifest for the app to include/);
    return JSON.parse(readFileSync(at(name), 'utf8')) as { include: string[]; config: { flintKey: string } };
  });
  assert.match(keys[0].config.flintKey, /^[0-9a-f]{64}$/);
  assert.is.not(keys[0].config.flintKey, keys[1].config.flintKey);
  assert.is(resolve(work, keys[0].include[0]), resolve('dist/device/receive/manifest.json'));
  fails(['sign', net, '--key', at('a.json'), '--new-key'], /a\.json: this is there already/);
  const both = at('both.json');
  fails(['sign', net, '--key', both, '--new-key', '-o', both], /both\.json: this is an input/);
  assert.not(existsSync(both));
});

test('sign: what is no key is told', () => {
  misused(['sign', net], /--key is needed/);
  misused(['sign', net, '--key', 'k', '--number', '-1'], /--number -1: a whole number from 0/);
  fails(['sign', net, '--key', at('no.json')], /no\.json: there is no such key; --new-key makes one/);
  for (const [text, reason] of [
    ['secret', /this is no key: it is not JSON/],
    ['null', /there is no key/],
    ['{"config":{}}', /there is no key/],
    ['{"config":{"flintKey":"secret"}}', /6 characters, 32 and more are needed/],
  ] as [string, RegExp][]) {
    writeFileSync(at('bad.json'), text);
    fails(['sign', net, '--key', at('bad.json')], reason);
  }
});

test('what is no model is refused by all three', () => {
  writeFileSync(at('bad.flint'), 'nothing');
  for (const more of [['mod'], ['flash'], ['sign', '--key', at('key.json')]])
    fails([more[0], at('bad.flint'), ...more.slice(1)], /bad\.flint: not a Flint model/);
});

test('what is made of a packed folder lies beside the folder that apps take whole', () => {
  assert.is(besideModel('models/fashion/device/model.flint', '.bin'), 'models/fashion/model.bin');
  assert.is(besideModel('somewhere/net.flint', '.upload'), 'somewhere/net.upload');
  assert.is(besideModel('net', '.bin'), 'net.bin');
});

test.run();
