/// <reference types="node" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { fails, succeeds } from './command';

const work = temporaryFolder();
const model = 'models/fashion';
const samples = 'models/fashion/samples';

test("accuracy on a folder of images, against the model.json's float model", () => {
  const text = succeeds(['eval', model, samples]);
  assert.match(text, /^packed +100\.00 % of 10 images, in [\d.]+ s\n/);
  assert.match(text, /^float +100\.00 %; packed loses 0\.00 \(±0\.00\) points, agrees on 100\.00 %$/m);
});

test('a model file alone is compared with the float model that is named', () => {
  const file = 'models/fashion/device/model.flint';
  assert.not.match(succeeds(['eval', file, samples]), /float/);
  assert.match(
    succeeds(['eval', file, samples, '--float', 'models/fashion/fashion.onnx']),
    /^float +100\.00 %/m,
  );
});

test('the first so many images, and the confusion of their classes', () => {
  const text = succeeds(['eval', model, samples, '--limit', '3', '--confusion']);
  assert.match(text, /packed +100\.00 % of 3 images/);
  assert.match(text, /^ +Pullover +0 +0 +1$/m);
});

test('images and labels of different number are told', () => {
  const images = 'models/fashion/calibration/images.idx3-ubyte';
  const labels = readFileSync('models/fashion/calibration/labels.idx1-ubyte');
  const some = join(work, 'some-idx1-ubyte');
  labels[7] -= 50;
  writeFileSync(some, labels.subarray(0, labels.length - 50));
  fails(['eval', model, images, '--labels', some], /images\.idx3-ubyte: 200 images but 150 labels/);
  fails(['eval', model, images], /this image carries no label: /);
  fails(['eval', model, 'nowhere'], /nowhere/);
});

test.run();
