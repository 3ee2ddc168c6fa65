/// <reference types="node" />
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { fails, succeeds } from './command';

const work = temporaryFolder();
const model = 'models/fashion';
const sample = (name: string): string => `models/fashion/samples/${name}.png`;
const raw = join(work, 'in.bin');
const out = join(work, 'out.bin');

test('each image is named with its classes, best first', () => {
  const lines = succeeds(['run', model, sample('1-trouser'), sample('9-ankle-boot'), '--top', '2']).split(
    '\n',
  );
  assert.match(lines[0], /^\S+1-trouser\.png: Trouser 0\.9\d+, \S.* 0\.\d+$/);
  assert.match(lines[1], /^\S+9-ankle-boot\.png: Ankle boot 0\.9\d+, \S.* 0\.\d+$/);
});

test('raw tensors go in and come out one after the other', () => {
  writeFileSync(raw, new Uint8Array(28 * 28 * 3).fill(7));
  succeeds(['run', model, '--input-raw', raw, '--output-raw', out]);
  const bytes = readFileSync(out);
  assert.is(bytes.length, 30);
  assert.ok(bytes.subarray(0, 10).equals(bytes.subarray(20)));
  assert.is(succeeds(['run', model, '--input-raw', raw]).trim().split('\n').length, 3);
});

test("--trace tells every operator's checksum, of the golden input where there is no other", () => {
  const crcs = (text: string): string[] => text.match(/^ {2}[0-9a-f]{8} {2}\d+ /gm) ?? [];
  assert.is(crcs(succeeds(['run', model, '--trace'])).length, 12);
  assert.is(crcs(succeeds(['run', model, '--trace', '--input-raw', raw])).length, 3 * 12);
});

test('what cannot be run is named, and nothing is written', () => {
  const never = join(work, 'never.bin');
  fails(['run', model, 'no.png', '--output-raw', never], /no\.png: no such image/);
  fails(['run', model, 'package.json', '--output-raw', never], /package\.json: /);
  writeFileSync(raw, new Uint8Array(783));
  fails(['run', model, '--input-raw', raw, '--output-raw', never], /783 bytes are no whole number of inputs/);
  assert.not(existsSync(never));
});

test.run();
