/// <reference types="node" />
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFlags } from '../../host/recipe/flags';
import { readRecipe, type Recipe } from '../../host/recipe/read';
import { plain } from '../../host/recipe/scheme';
import { refuseIdle, refuseQuantization, withFlags } from '../../host/recipe/with-flags';
import { refusal } from '../support/refusal';
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

/** Packing is refused with this one line: the options have no effect. */
function idle(recipe: Recipe, raw: Record<string, unknown>, message: string): void {
  assert.is(
    refusal(() => refuseIdle(recipe, readFlags('pack', raw))),
    message,
  );
  assert.is(
    refusal(() => pack(recipe, raw)),
    message,
  );
}

const quantizing = {
  calibration: 'images',
  bits: 4,
  asymmetric: true,
  'per-tensor': true,
  activations: 'symmetric',
  calibrate: 'mse',
  recover: 'gptq',
  sparsity: 0.5,
  prune: 'channels',
  scope: 'global',
};

for (const [name, value] of Object.entries(quantizing))
  test(`--${name} is refused for a .tflite model`, () => {
    const why = `on ${file('net.tflite')}: the model brings its own int8 weights and scales`;
    idle(tflite, { [name]: value }, `--${name} has no effect ${why}`);
  });

for (const [name, value] of Object.entries({
  mean: 1,
  std: 1,
  color: 'rgb',
  resize: 'nearest',
  fit: 'cover',
}))
  test(`--${name} is refused for a bare model without a size`, () => {
    const why = 'without --input-size WIDTHxHEIGHT: the model is not known to take images';
    for (const recipe of [bare, tflite]) idle(recipe, { [name]: value }, `--${name} has no effect ${why}`);
  });

test('how to prune is refused where nothing is pruned', () => {
  const why = 'without --sparsity, the share to take out';
  idle(bare, { prune: 'weights', scope: 'layer' }, `--prune, --scope have no effect ${why}`);
  idle(fashion, { sparsity: 0, scope: 'global' }, `--scope has no effect ${why}`);
});

test('--limit is refused where no accuracy is measured', () => {
  idle(fashion, { eval: false, limit: 5 }, '--limit has no effect with --no-eval');
  const why = 'without "test" images in a model.json to measure accuracy on';
  idle(bare, { limit: 5 }, `--limit has no effect ${why}`);
});

test('options that have an effect are taken', () => {
  const sparse = { ...bare, quantization: { ...plain, layers: { stem: { sparsity: 0.5 } } } };
  pack(sparse, { prune: 'channels' });
  pack(bare, { sparsity: 0.5, scope: 'global', bits: 4 });
  pack(fashion, { mean: 1, limit: 5 });
  pack(tflite, { 'input-size': '96x96', mean: 127.5, rounding: 'single', optimize: 'size', ram: '64k' });
});

test('an .onnx model that turns out to bring its own scales refuses what would quantize it', () => {
  assert.throws(
    () => refuseQuantization(bare, readFlags('pack', { bits: 4, recover: 'gptq' })),
    /^--bits, --recover have no effect on .*net\.onnx: the model brings its own int8 weights and scales$/,
  );
  refuseQuantization(bare, readFlags('pack', { ram: '64k' }));
});

test.run();
