/// <reference types="node" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { fails, succeeds } from './command';

const work = temporaryFolder();
const model = 'models/fashion';

test('structure, checksum and golden test of a good model are right', () => {
  assert.match(succeeds(['validate', model]), /structure and checksum are right: 12 operators, 14 tensors\n/);
  assert.match(succeeds(['validate', model]), /golden test passed/);
});

test('outputs that are known are compared, and the first byte that differs is told', () => {
  const [raw, out] = [join(work, 'in.bin'), join(work, 'out.bin')];
  writeFileSync(raw, new Uint8Array(28 * 28 * 3).fill(7));
  succeeds(['run', model, '--input-raw', raw, '--output-raw', out]);
  const line = ['validate', model, '--input-raw', raw, '--against', out];
  assert.match(succeeds(line), /3 outputs equal .*out\.bin/);
  const bytes = readFileSync(out);
  bytes[13] ^= 1;
  writeFileSync(out, bytes);
  fails(line, /input 1: output byte 3 is/);
  writeFileSync(out, bytes.subarray(1));
  fails(line, /29 bytes of outputs of 10: they do not belong together/);
});

test('a damaged, truncated or missing model is refused by every command that reads one', () => {
  const broken = join(work, 'broken.flint');
  const bytes = readFileSync(join(model, 'device/model.flint'));
  const refused = (path: string, pattern: RegExp): void => {
    fails(['validate', path], pattern);
    fails(['inspect', path], pattern);
    fails(['run', path, 'models/fashion/samples/1-trouser.png'], pattern);
    fails(['eval', path, 'models/fashion/samples'], pattern);
  };
  bytes[5000] ^= 4;
  writeFileSync(broken, bytes);
  refused(broken, /broken\.flint: the model is corrupted/);
  writeFileSync(broken, bytes.subarray(0, 9000));
  refused(broken, /broken\.flint: .*truncated: 9000 of/);
  writeFileSync(broken, '');
  refused(broken, /broken\.flint: /);
  refused(join(work, 'gone.flint'), /gone\.flint: no such model file/);
  refused(work, /model\.flint: no such model file; pack it first: flint pack /);
});

test.run();
