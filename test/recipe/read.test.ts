/// <reference types="node" />
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelFormat } from '../../host/import/format';
import { readLabels, readRecipe, type Recipe } from '../../host/recipe/read';
import { plain } from '../../host/recipe/scheme';
import { refusal } from '../support/refusal';
import { temporaryFolder } from '../system/folder';

const folder = join(temporaryFolder(), 'mine');
const file = join(folder, 'model.json');
mkdirSync(folder);
writeFileSync(join(folder, 'net.onnx'), '');
writeFileSync(join(folder, 'net.tflite'), '');

/** Reads a model.json of these settings; a text is written as it is. */
function read(json: unknown): Recipe {
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return readRecipe(folder);
}

/** Reading the settings fails with these lines, each behind the file's name. */
function fails(json: unknown, ...lines: string[]): void {
  assert.is(
    refusal(() => read(json)),
    lines.map((line) => `${file}: ${line}`).join('\n'),
  );
}

const source = 'net.onnx';
const input = { width: 32, height: 24 };

test('a model.json with nothing but its source takes every default', () => {
  assert.equal(read({ source }), {
    name: 'mine',
    source: join(folder, 'net.onnx'),
    labels: [],
    calibration: undefined,
    test: undefined,
    samples: undefined,
    optimize: 'balance',
    recover: 'auto',
    quantization: plain,
    output: join(folder, 'device', 'model.flint'),
    inputs: [file, join(folder, 'net.onnx')],
  });
  assert.equal([plain.bits, plain.calibration], [8, 'min-max']);
});

test('paths start from the folder of model.json, and labels are read', () => {
  writeFileSync(join(folder, 'labels.txt'), 'cat\ndog\n');
  const recipe = read({
    $schema: '../model.schema.json',
    name: 'pets',
    source,
    labels: 'labels.txt',
    calibration: { images: 'train', count: 70000 },
    test: { images: '/data/images.idx3-ubyte', labels: 'labels.idx1-ubyte' },
    samples: 'samples',
    ram: 131072,
    optimize: 'size',
    rounding: 'single',
  });
  assert.is(recipe.name, 'pets');
  assert.equal(recipe.labels, ['cat', 'dog']);
  assert.equal(recipe.calibration, { images: join(folder, 'train'), labels: undefined, count: 70000 });
  const labels = join(folder, 'labels.idx1-ubyte');
  assert.equal(recipe.test, { images: '/data/images.idx3-ubyte', labels });
  assert.is(recipe.samples, join(folder, 'samples'));
  assert.equal([recipe.ram, recipe.optimize, recipe.rounding], [131072, 'size', 'single']);
  assert.not('$schema' in recipe);
  const named = ['model.json', 'net.onnx', 'labels.txt', 'train'].map((name) => join(folder, name));
  assert.equal(recipe.inputs, [...named, '/data/images.idx3-ubyte', labels]);
});

test('the folder, its model.json and another path to it give the same recipe', () => {
  const recipe = read({ source });
  assert.equal(readRecipe(file), recipe);
  const { output, ...rest } = readRecipe(relative(process.cwd(), file));
  assert.equal({ ...rest, output: join(process.cwd(), output) }, recipe);
});

test('an image input has one mean and one std for each channel', () => {
  assert.equal(read({ source, input }).input, {
    ...input,
    color: 'rgb',
    mean: [0, 0, 0],
    std: [255, 255, 255],
    resize: 'bilinear',
    fit: 'cover',
  });
  const gray = read({ source, input: { ...input, color: 'gray', mean: 127.5, std: [127.5] } }).input!;
  assert.equal([gray.mean, gray.std], [[127.5], [127.5]]);
  const bgr = read({ source, input: { ...input, color: 'bgr', mean: [123, 117, 104] } }).input!;
  assert.equal(bgr.mean, [123, 117, 104]);
});

test('a mistake names the file, the key with its path, and what it should be', () => {
  const side = 'a whole number from 1 to 32767';
  fails({}, '"source" is missing; it should be a text');
  fails({ source: 7 }, '"source" should be a text');
  fails({ source, input: { width: 32 } }, `"input.height" is missing; it should be ${side}`);
  for (const height of [0, -5, 1.5, 32768, '24', null])
    fails({ source, input: { width: 32, height } }, `"input.height" should be ${side}`);
  fails({ source, input: { ...input, color: 'grey' } }, '"input.color" should be one of gray, rgb, bgr');
  fails({ source, input: { ...input, std: 0 } }, '"input.std" should be a positive number');
  fails(
    { source, input: { ...input, mean: 'none' } },
    '"input.mean" should be a number or a list with one for each channel',
  );
  fails({ source, input: { ...input, mean: [1, 2] } }, '"input.mean" should be one number or a list of 3');
  fails(
    { source, input: { ...input, color: 'gray', std: [1, 2, 3] } },
    '"input.std" should be one number or a list of 1',
  );
  fails(
    `{ "source": "net.onnx", "input": { "width": 1, "height": 1, "mean": 1e999 } }`,
    '"input.mean" should be a number',
  );
  fails({ source, ram: 2 ** 31 }, '"ram" should be a whole number from 1 to 1073741824');
  fails({ source, test: {} }, '"test.images" is missing; it should be a text');
  fails(
    { source, calibration: { images: 'x', count: 0 } },
    '"calibration.count" should be a whole number of at least 1',
  );
  fails({ source, quantization: { bits: 9 } }, '"quantization.bits" should be a whole number from 2 to 8');
});

test('every mistake is told at once', () => {
  fails(
    { ram: 0, input: { width: 0, height: 24 } },
    '"source" is missing; it should be a text',
    '"input.width" should be a whole number from 1 to 32767',
    '"ram" should be a whole number from 1 to 1073741824',
  );
});

test('an unknown key is an error that lists the known ones and guesses which was meant', () => {
  const known = 'width, height, color, mean, std, resize, fit';
  fails(
    { source, input: { ...input, hieght: 3 } },
    `"input.hieght" is unknown (is "height" meant?); known here: ${known}`,
  );
  fails({ source, input: { ...input, depth: 3 } }, `"input.depth" is unknown; known here: ${known}`);
  fails(
    { source, test: { images: 'x', constructor: 1 } },
    '"test.constructor" is unknown; known here: images, labels, count',
  );
  assert.throws(
    () => read({ source, kernels: 'lanes' }),
    /"kernels" is unknown; known here: \$schema, \/\/, name, source,/,
  );
});

test('the mark that some editors put in front of a file is no part of it', () => {
  assert.is(read(`\uFEFF${JSON.stringify({ source })}`).name, 'mine');
});

test('a list, a text or null is no object', () => {
  for (const json of ['[]', '"net.onnx"', 'null']) fails(json, 'should be an object');
  for (const value of [[], 'plain', null]) {
    fails({ source, input: value }, '"input" should be an object');
    fails({ source, quantization: value }, '"quantization" should be an object');
  }
});

test('what JSON does not allow is told with its line', () => {
  const refuses = (text: string, why: RegExp): void => assert.throws(() => read(text), why);
  refuses('', /mine\/model\.json: no JSON: the file is empty/);
  refuses('{\n  // mine\n}', /no JSON: line 2: it has no comments; a key "\/\/" may hold them/);
  refuses('{\n  "source": "x",\n}', /no JSON: line 3: the comma before } is one too many/);
  refuses('{\n  "source": "x"\n  "name": 1 }', /no JSON: line 3: Expected ',' or '}'/);
});

test('files that are not there or cannot be read are named', () => {
  fails({ source: 'gone.onnx' }, `"source" names ${join(folder, 'gone.onnx')}, which does not exist`);
  assert.throws(() => read('{'), new RegExp(`^${file}: no JSON: `));
  assert.throws(() => read({ source, labels: 'gone.txt' }), /gone\.txt: no such file/);
  assert.throws(() => read({ source, labels: '.' }), /mine: cannot be read: this is a folder/);
  assert.throws(() => readRecipe(join(folder, 'gone')), /gone: no such file or folder/);
  assert.throws(() => readRecipe(join(folder, '..')), /there is no model\.json in this folder; flint init/);
});

test('a bare model is told by its extension', () => {
  const recipe = readRecipe(join(folder, 'net.tflite'));
  assert.equal(recipe, {
    name: 'net',
    source: join(folder, 'net.tflite'),
    labels: [],
    optimize: 'balance',
    recover: 'auto',
    quantization: plain,
    output: join(folder, 'net.flint'),
    inputs: [join(folder, 'net.tflite')],
  });
  writeFileSync(join(folder, 'net.pb'), '');
  assert.throws(
    () => readRecipe(join(folder, 'net.pb')),
    /net\.pb: its bytes are neither those of an ONNX nor of a TFLite model, nor a folder with a model\.json/,
  );
  assert.throws(() => read({ source: 'net.pb' }), /"source" names .*net\.pb: its bytes are neither/);
});

test('a model is told by its bytes, whatever it is called', () => {
  const tflite = Uint8Array.of(28, 0, 0, 0, ...Buffer.from('TFL3')),
    onnx = Uint8Array.of(8, 8, 18, 7, ...Buffer.from('pytorch'));
  for (const name of ['a.lite', 'b.TFLITE', 'c.bin', 'd', 'e.onnx']) {
    writeFileSync(join(folder, name), tflite);
    assert.is(modelFormat(readRecipe(join(folder, name)).source), 'tflite', name);
    writeFileSync(join(folder, name), onnx);
    assert.is(modelFormat(read({ source: name }).source), 'onnx', name);
  }
  assert.is(readRecipe(join(folder, 'a.lite')).output, join(folder, 'a.flint'));
});

test('labels are lines, whatever ends them; empty ones count only in between', () => {
  const labels = join(folder, 'classes.txt');
  writeFileSync(labels, '\uFEFFcat\r\n\r\n dog \r\n\r\n');
  assert.equal(readLabels(labels), ['cat', '', 'dog']);
  writeFileSync(labels, '\n \n');
  assert.throws(() => readLabels(labels), /classes\.txt: no labels in it/);
});

test('the shipped models are read', () => {
  for (const name of ['fashion', 'seed']) assert.is(readRecipe(`models/${name}`).labels.length, 10);
});

test.run();
