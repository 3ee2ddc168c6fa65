/// <reference types="node" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { fails, succeeds } from './command';

const work = temporaryFolder();
const samples = 'models/fashion/samples';
const found = join(work, 'found.flint');
let printed = '';

test('the smallest model within the budget is packed, and what else was tried is told', () => {
  printed = succeeds(['search', 'models/fashion', samples, '--max-drop', '10', '-o', found]);
  assert.match(printed, /^ +float +100\.00 % of 10 images of /);
  assert.match(printed, /accuracy % +lost +bits\/zeros/);
  const size = readFileSync(found).length;
  assert.match(printed, new RegExp(`^ +flash +${size.toLocaleString('en')} bytes$`, 'm'));
  // A row of the table, or what the row that is chosen gained in sequence.
  assert.match(printed, new RegExp(`^[ a-z]+${size.toLocaleString('en')} .* packed$`, 'm'));
  const rows = printed.split('\n').filter((line) => /^ +[\d,]+ +[\d.]+ /.test(line));
  assert.is(new Set(rows).size, rows.length);
  assert.ok(size < 0.8 * readFileSync('models/fashion/device/model.flint').length);
});

test('what it prints, put into a model.json, packs to the same bytes', () => {
  const json = JSON.parse(readFileSync('models/fashion/model.json', 'utf8')) as {
    calibration: { images: string; labels: string };
  };
  const recipe = JSON.parse(`{${/recipe +(.*)/.exec(printed)![1]}}`) as object;
  const at = (name: string): string => join(process.cwd(), 'models/fashion', name);
  const { images, labels } = json.calibration;
  const own = {
    ...{ ...json, ...recipe, samples: undefined, test: undefined },
    ...{ source: at('fashion.onnx'), labels: at('labels.txt') },
    calibration: { ...json.calibration, images: at(images), labels: at(labels) },
  };
  writeFileSync(join(work, 'model.json'), JSON.stringify(own));
  const again = join(work, 'again.flint');
  succeeds(['pack', join(work, 'model.json'), '-o', again], { FLINT_CACHE: join(work, 'cache') });
  assert.ok(readFileSync(again).equals(readFileSync(found)));
});

test('what cannot be searched is told', () => {
  fails(['search', 'models/fashion', 'nowhere'], /nowhere/);
  const tflite = join(work, 'net.tflite');
  writeFileSync(tflite, '');
  fails(['search', tflite, samples], /net\.tflite: only a float \.onnx model can be searched/);
});

test.run();
