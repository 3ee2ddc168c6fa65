/// <reference types="node" />
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFlags } from '../../host/recipe/flags';
import { readRecipe, type Recipe } from '../../host/recipe/read';
import { plain } from '../../host/recipe/scheme';
import { labelledImages, withFlags } from '../../host/recipe/with-flags';
import { temporaryFolder } from '../system/folder';

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
for (const name of ['net.onnx', 'net.tflite']) writeFileSync(file(name), '');

const bare = readRecipe(file('net.onnx'));
const tflite = readRecipe(file('net.tflite'));
const fashion = readRecipe('models/fashion');

/** A recipe with the options of a command line over it. */
const pack = (recipe: Recipe, raw: Record<string, unknown> = {}): Recipe =>
  withFlags(recipe, readFlags('pack', raw));

/** The settings of a recipe, without those that it leaves open. */
const set = (recipe: Recipe): object =>
  Object.fromEntries(Object.entries(recipe).filter(([, value]) => value !== undefined));

test('without options the recipe stays as it is', () => {
  for (const recipe of [fashion, bare, tflite]) assert.equal(set(pack(recipe)), set(recipe));
});

test('options take the place of what the recipe says', () => {
  writeFileSync(file('labels.txt'), 'cat\ndog\n');
  const raw = {
    output: 'out.flint',
    ram: '64k',
    optimize: 'speed',
    rounding: 'single',
    calibration: 'images',
  };
  const recipe = pack(fashion, { ...raw, labels: file('labels.txt') });
  assert.is(recipe.output, 'out.flint');
  assert.is(recipe.ram, 65536);
  assert.is(recipe.optimize, 'speed');
  assert.is(recipe.rounding, 'single');
  assert.equal(recipe.labels, ['cat', 'dog']);
  assert.equal(recipe.calibration, { images: resolve('images') });
  assert.equal(recipe.quantization, plain);
});

test('each option of the scheme reaches its setting, and --recover adds to what the recipe has', () => {
  const own = { ...fashion, quantization: { ...plain, equalize: true, layers: { stem: { bits: 8 } } } };
  const line = { bits: 4, asymmetric: true, 'per-tensor': true, activations: 'symmetric', calibrate: 'mse' };
  assert.throws(
    () => pack(own, line),
    /^with these options: "layers" has asymmetric weights of 8 bits in stem/,
  );
  const recipe = pack({ ...own, quantization: { ...own.quantization, layers: { stem: { bits: 6 } } } }, line);
  assert.equal(recipe.quantization, {
    ...plain,
    bits: 4,
    asymmetric: true,
    perTensor: true,
    activations: 'symmetric',
    calibration: 'mse',
    equalize: true,
    layers: { stem: { bits: 6 } },
  });
  const recovered = pack(own, {
    recover: 'gptq,mse,bias,sequential',
    sparsity: 0.5,
    scope: 'global',
  }).quantization;
  assert.equal(recovered, {
    ...own.quantization,
    rounding: 'gptq',
    scales: 'mse',
    biasCorrection: true,
    sequential: true,
    sparsity: 0.5,
    scope: 'global',
  });
});

test('options that do not go together are refused', () => {
  assert.throws(
    () => pack(fashion, { asymmetric: true }),
    /^with these options: "asymmetric" goes with 7 bits or fewer/,
  );
  assert.throws(
    () => pack(fashion, { recover: 'sequential', prune: 'channels', sparsity: 0.5 }),
    /^with these options: "sequential" does not go with pruning of channels/,
  );
  assert.throws(
    () => pack(fashion, { mean: '1,2' }),
    /^with these options: "mean" should be one number or a list of 1$/,
  );
});

test('a bare model gets its image from the options', () => {
  const { input } = pack(bare, {
    'input-size': '96x48',
    mean: '123,117,104',
    std: 58,
    color: 'bgr',
    fit: 'stretch',
  });
  assert.equal(input, {
    width: 96,
    height: 48,
    color: 'bgr',
    mean: [123, 117, 104],
    std: [58, 58, 58],
    resize: 'bilinear',
    fit: 'stretch',
  });
});

test("options change single settings of the recipe's image; one mean goes with any color", () => {
  assert.equal(pack(fashion, { color: 'rgb', resize: 'nearest' }).input, {
    ...fashion.input,
    color: 'rgb',
    mean: [0, 0, 0],
    std: [255, 255, 255],
    resize: 'nearest',
  });
  const { width, height } = pack(fashion, { 'input-size': '32x16' }).input!;
  assert.equal([width, height], [32, 16]);
});

test('a command works on the images that it is given, else on those of the recipe', () => {
  assert.equal(labelledImages('images.idx', 'labels.idx', fashion), {
    images: 'images.idx',
    labels: 'labels.idx',
  });
  assert.is(labelledImages(undefined, undefined, fashion), fashion.test);
  assert.throws(
    () => labelledImages(undefined, 'labels.idx', fashion),
    /^--labels has no effect without images/,
  );
  assert.throws(() => labelledImages(undefined, undefined, bare), /^no images given/);
  assert.throws(() => labelledImages(undefined, undefined), /^no images given/);
});

test.run();
