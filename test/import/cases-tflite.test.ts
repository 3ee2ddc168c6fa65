/// <reference types="node" />
/**
 * TFLite files as people have them, of ../shared/cases: each is packed by the command that its README gives,
 * and gives what TensorFlow Lite Micro's reference kernels give for four inputs.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { PixelFormat } from '../../host/index';
import { openModel } from '../../host/file/describe';
import { succeeds } from '../cli/command';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { test } from 'uvu';

const cases = '../shared/cases',
  folder = temporaryFolder(),
  packed = join(folder, 'model.flint');

function testCase(name: string, title: string, run: (path: string) => void): void {
  const path = join(cases, name);
  testIf(existsSync(path), `${path} is not there`)(`${name}: ${title}`, () => run(path));
}

/** Packs a model and runs four inferences. */
function agrees(path: string): void {
  succeeds(['pack', join(path, 'model.tflite'), '-o', packed]);
  const raw = ['--input-raw', join(path, 'input.bin'), '--against', join(path, 'expected.bin')],
    said = succeeds(['validate', packed, ...raw]);
  assert.match(said, /4 outputs equal/);
}

testCase('tflite-flatten-shape-chain', "Keras's Flatten computes a shape that is known", agrees);
testCase('tflite-uint8-input-scale-one-ulp', 'a uint8 image whose scale is one bit off', agrees);
testCase('recipe-wrong-scale-no-warning', 'a TFLite model that takes raw tensors', agrees);

testCase('lite-extension', 'a TFLite model is told by its bytes', (path) => {
  for (const name of ['model.lite', 'MODEL.TFLITE', 'model.bin', 'model']) {
    copyFileSync(join(path, 'model.lite'), join(folder, name));
    assert.match(succeeds(['pack', join(folder, name), '-o', packed]), /written to/);
    assert.ok(openModel(packed).outputs.length > 0);
    assert.throws(() => openModel(join(folder, name)), /a TFLite model, which is packed first: flint pack/);
  }
});

testCase('golden-larger-than-quarter-of-file', 'a large input in front of a small model', (path) => {
  const options = ['--input-size', '96x96', '--color', 'rgb', '--calibration', join(cases, 'images-rgb')];
  succeeds(['pack', join(path, 'model.onnx'), '-o', packed, ...options]);
  assert.match(succeeds(['validate', packed]), /golden test passed/);
});

testCase('node-pixelformat-export', 'formats of pixels are there in Node', () =>
  assert.equal({ ...PixelFormat }, { gray: 0, rgb888: 1, rgb565le: 2, rgb565be: 3, yuv422: 4 }),
);

test.run();
