/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { operators as hostOperators } from '../host/operators';
import { builtinNames } from '../host/import/tflite/names';
import { operators } from '../src/operators';

/** conv2d to conv2d.ts, depthwiseConv2d to depthwise-conv2d.ts: operators and their files. */
const fileOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

for (const { name } of operators) {
  test(`${name} has a file of its own on each side, and tests that run on both engines`, () => {
    for (const path of [`src/operators/${fileOf(name)}.ts`, `host/operators/${fileOf(name)}.ts`])
      assert.ok(existsSync(path), path);
    assert.ok(
      readFileSync('dist/xs/tests.js', 'utf8').includes(`suite('operators/${fileOf(name)}.test.js')`),
      'it has no tests',
    );
  });

  test(`${name} is reached from TensorFlow Lite and from ONNX`, () => {
    const kinds = hostOperators.filter(({ device }) => device.includes(name));
    assert.is(kinds.length, 1);
    const [{ kind, tflite, onnx }] = kinds;
    // Both formats have constants as operands; ONNX has one operator for convolutions of both kinds, and one for
    // both ways to resize.
    if (kind === 'constant') return;
    const shared = kind === 'depthwiseConv2d' || kind === 'resizeBilinear';
    assert.ok(tflite && Object.keys(tflite).length, 'TensorFlow Lite');
    assert.ok((onnx && Object.keys(onnx).length) || shared, 'ONNX');
  });
}

test('what becomes an operator of the device is one that the device has', () => {
  const names = operators.map(({ name }) => name);
  for (const { device } of hostOperators) for (const name of device) assert.ok(names.includes(name), name);
});

test('operators of TensorFlow Lite are called what its schema calls them, and none is taken twice', () => {
  const names = hostOperators.flatMap(({ tflite = {} }) => Object.keys(tflite));
  for (const name of names) assert.ok(builtinNames.includes(name), name);
  assert.is(new Set(names).size, names.length);
  const onnx = hostOperators.flatMap(({ onnx = {} }) => Object.keys(onnx));
  assert.is(new Set(onnx).size, onnx.length);
});

test('records of the device are frozen, and no two operators share a name', () => {
  assert.ok(Object.isFrozen(operators) && operators.every(Object.isFrozen));
  assert.is(new Set(operators.map(({ name }) => name)).size, operators.length);
});

test.run();
