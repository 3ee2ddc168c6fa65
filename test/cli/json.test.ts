/// <reference types="node" />
/** --json: one document on standard output, and nothing else there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { flint, succeeds } from './command';

const work = temporaryFolder();
const model = 'models/fashion';
const samples = join(model, 'samples');
const read = (args: string[]): any => JSON.parse(succeeds([...args, '--json'])) as unknown;

test('pack', () => {
  const output = join(work, 'fashion.flint');
  const about = read(['pack', model, '-o', output, '--no-eval']);
  assert.is(about.flashBytes, readFileSync(output).length);
  assert.is(about.layers.length, 12);
  assert.is(about.layers[0].macs, 28224);
  assert.equal(about.answer, { kind: 'classes', classes: 10 });
  assert.equal([about.agreement.bad, about.agreement.alike, about.agreement.images], [false, 32, 32]);
  assert.equal([about.weights, about.rounding, about.image.coverage.steps], ['int8', 'double', 256]);
});

test('run, with what could not be run', () => {
  const image = join(samples, '1-trouser.png');
  const about = read(['run', model, image, '--top', '2']);
  assert.is(about.results[0].image, image);
  assert.is(about.results[0].answer[0].label, 'Trouser');
  assert.is(about.results[0].outputs[0].length, 10);
  const { status, stdout } = flint(['run', model, image, 'no.png', '--json']);
  assert.is(status, 1);
  assert.equal((JSON.parse(stdout) as { failed: string[] }).failed, ['no.png']);
});

test('eval', () => {
  const about = read(['eval', model, samples]);
  assert.equal([about.images, about.correct, about.floatCorrect], [10, 10, 10]);
  assert.equal(about.drop, { points: 0, error: 0, won: 0, lost: 0 });
});

test('validate and inspect', () => {
  assert.is(read(['validate', model]).golden, 'passed');
  assert.is(read(['inspect', model]).name, 'fashion');
});

test('search, which says how sure its drop is and saves what it found', () => {
  const at = (name: string): string => join(process.cwd(), model, name);
  const file = join(work, 'model.json');
  writeFileSync(
    file,
    `{\n  "//": "mine",\n  "source": "${at('fashion.onnx')}",\n  "quantization": {"bits": 8},\n` +
      `  "input": { "width": 28, "height": 28, "color": "gray" },\n` +
      `  "calibration": { "images": "${at('calibration/images.idx3-ubyte')}" }\n}\n`,
  );
  const output = join(work, 'found.flint');
  const { stdout, stderr, status } = flint([
    ...['search', file, at('samples'), '--max-drop', '5', '-o', output, '--save', '--json'],
  ]);
  assert.is(status, 0, stderr);
  const found = JSON.parse(stdout) as { quantization: object; flashBytes: number; drop: { error: number } };
  assert.match(stderr, /warning: one image of 10 is worth 10\.00 points, too few to keep a budget of 5/);
  assert.type(found.drop.error, 'number');
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^\{\n {2}"\/\/": "mine",\n {2}"source"/);
  assert.equal((JSON.parse(text) as { quantization: object }).quantization, found.quantization);
  const again = join(work, 'again.flint');
  succeeds(['pack', file, '-o', again]);
  assert.ok(readFileSync(again).equals(readFileSync(output)));
});

test('what goes wrong is on standard error, and the exit code tells', () => {
  const { status, stdout, stderr } = flint(['eval', model, 'nowhere', '--json']);
  assert.equal([status, stdout], [1, '']);
  assert.match(stderr, /nowhere/);
});

test.run();
