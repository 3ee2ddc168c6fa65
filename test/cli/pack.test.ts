/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const work = mkdtempSync(join(tmpdir(), 'flint-')), packed = join(work, 'fashion.flint');

function flint(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['dist/flint.js', ...args], { encoding: 'utf8' });
}

/** The command fails with this message, in one line. */
function fails(args: string[], pattern: RegExp, status = 1): void {
  const result = flint(...args);
  assert.is(result.status, status, result.stdout + result.stderr);
  assert.match(result.stderr, pattern);
  assert.not.match(result.stderr, /\n {4}at /);
}

test('pack prints every layer, the arena and its lower bound, flash, and writes the file', () => {
  const { status, stdout, stderr } = flint('pack', 'models/fashion', '-o', packed, '--no-eval');
  assert.is(status, 0, stderr);
  assert.match(stdout, /conv2d .* 14 x 14 x 16/);
  assert.match(stdout, /RAM +[\d,]+ bytes/);
  assert.match(stdout, /total +18,346 +641,760/);
  const [, arena, bound] = /arena +([\d,]+) bytes of RAM; no plan needs less than ([\d,]+)/.exec(stdout)!.map((n) => Number(n.replaceAll(',', '')));
  assert.ok(arena <= bound * 1.05, `arena ${arena}, bound ${bound}`);
  assert.ok(existsSync(packed));
  assert.equal(readdirSync(work).filter((name) => name.endsWith('.tmp')), []);
});

test('packing twice gives the same bytes', () => {
  const again = join(work, 'again.flint');
  flint('pack', 'models/fashion', '-o', again, '--no-eval');
  assert.ok(readFileSync(packed).equals(readFileSync(again)));
});

test('the shipped models are of this version: fashion\'s is what is packed now, seed\'s passes its golden test', () => {
  assert.ok(readFileSync('models/fashion/device/model.flint').equals(readFileSync(packed)));
  assert.match(flint('validate', 'models/seed').stdout, /golden test passed/);
});

test('run names the class of each image, best first', () => {
  const { status, stdout } = flint('run', packed, 'models/fashion/samples/1-trouser.png', 'models/fashion/samples/9-ankle-boot.png', '--top', '2');
  assert.is(status, 0);
  assert.match(stdout, /1-trouser\.png: Trouser 0\.9\d+, /);
  assert.match(stdout, /9-ankle-boot\.png: Ankle boot 0\.9\d+, /);
});

test('run takes and gives raw tensors, and traces every operator', () => {
  const input = join(work, 'in.bin'), out = join(work, 'out.bin');
  writeFileSync(input, new Uint8Array(28 * 28 * 3).fill(7));
  assert.is(flint('run', packed, '--input-raw', input, '--output-raw', out).status, 0);
  const bytes = readFileSync(out);
  assert.is(bytes.length, 30);
  assert.ok(bytes.subarray(0, 10).equals(bytes.subarray(20)));
  assert.is(flint('validate', packed, '--input-raw', input, '--against', out).status, 0);
  bytes[13] ^= 1;
  writeFileSync(out, bytes);
  fails(['validate', packed, '--input-raw', input, '--against', out], /input 1: output byte 3 is/);
  const trace = flint('run', packed, '--trace').stdout;
  assert.is(trace.match(/^ {2}[0-9a-f]{8} {2}\d+ /gm)!.length, 12);
});

test('pack keeps within the RAM it is given, on scalar kernels where nothing else fits', () => {
  const packWith = (...flags: string[]): { status: number | null; stdout: string; stderr: string } =>
    flint('pack', 'models/fashion', '-o', join(work, 'sized.flint'), '--no-eval', ...flags);
  const ramOf = (text: string): number => Number(/RAM +([\d,]+) bytes/.exec(text)![1].replaceAll(',', ''));
  const ample = packWith('--ram', '512k'), small = packWith('--ram', '80k');
  assert.ok(ramOf(small.stdout) <= 80 * 1024 && ramOf(small.stdout) < ramOf(ample.stdout));
  assert.match(small.stdout, /conv2d +lanes, /);
  assert.not.match(packWith('--ram', '60k').stdout, /lanes/);
  fails(['pack', 'models/fashion', '-o', join(work, 'sized.flint'), '--ram', '30k'], /needs \d+ bytes of RAM even on scalar kernels/);
  fails(['pack', 'models/fashion', '--ram', 'much'], /--ram much: bytes, or kilobytes as in 128k/);
});

test('quantize --search packs the smallest model within the budget, and says what it chose', () => {
  const out = join(work, 'searched.flint'),
    { status, stdout, stderr } = flint('quantize', 'models/fashion', 'models/fashion/samples', '--search', '--max-drop', '10', '-o', out);
  assert.is(status, 0, stderr);
  assert.match(stdout, /float +100\.00 % of 10 images/);
  assert.match(stdout, /packed/);
  assert.ok(readFileSync(out).length < readFileSync(packed).length);
  // What it prints goes into a model.json.
  const json = JSON.parse(readFileSync('models/fashion/model.json', 'utf8')), found = JSON.parse(`{${/recipe +(.*)/.exec(stdout)![1]}}`),
    at = (file: string): string => join(process.cwd(), 'models/fashion', file);
  writeFileSync(join(work, 'model.json'), JSON.stringify({ ...json, ...found, source: at(json.source), labels: at(json.labels), calibration: { ...json.calibration, images: at(json.calibration.images), labels: at(json.calibration.labels) }, samples: undefined, test: undefined }));
  assert.is(flint('pack', join(work, 'model.json'), '-o', join(work, 'again.flint')).status, 0);
  assert.ok(readFileSync(join(work, 'again.flint')).equals(readFileSync(out)));
  fails(['quantize', 'models/fashion'], /--search only/);
  fails(['quantize', 'models/fashion', '--search', '--max-drop', 'much'], /--max-drop much: points of accuracy/);
});

test('schemes by flags: narrower files, mistakes named', () => {
  const size = (...flags: string[]): number => {
    const out = join(work, 'scheme.flint'),
      { status, stderr } = flint('pack', 'models/fashion', '-o', out, '--no-eval', '--kernels', 'scalar', ...flags);
    assert.is(status, 0, stderr);
    return readFileSync(out).length;
  };
  const int8 = size(), int4 = size('--bits', '4', '--recover', 'gptq,mse,bias');
  assert.ok(int4 < int8 && size('--bits', '2', '--per-tensor', '--recover', 'equalize') < int4);
  assert.is(size('--activations', 'symmetric', '--calibrate', 'percentile'), int8);
  assert.ok(size('--prune', 'channels', '--sparsity', '0.25', '--scope', 'global', '--recover', 'bias') < 0.8 * int8);
  assert.ok(size('--sparsity', '0.8') < 0.75 * int8);
  fails(['pack', 'models/fashion', '--prune', 'everything'], /"pruning" should be one of weights, channels/);
  fails(['pack', 'models/fashion', '--bits', '1'], /"bits" should be a whole number from 2 to 8/);
  fails(['pack', 'models/fashion', '--recover', 'prayer'], /--recover prayer: gptq, mse, bias, equalize/);
});

test('a second run takes its results from the first', () => {
  const env = { ...process.env, FLINT_CACHE: join(work, 'cache') },
    again = (): string => spawnSync(process.execPath, ['dist/flint.js', 'pack', 'models/fashion', '-o', join(work, 'cached.flint'), '--bits', '4', '--recover', 'gptq', '--limit', '200'], { encoding: 'utf8', env }).stdout;
  const first = again(), bytes = readFileSync(join(work, 'cached.flint')), kept = readdirSync(env.FLINT_CACHE);
  assert.ok(kept.length > 10);
  assert.is(again(), first);
  assert.ok(readFileSync(join(work, 'cached.flint')).equals(bytes));
  assert.equal(readdirSync(env.FLINT_CACHE), kept);
});

test('eval measures accuracy on a folder of images', () => {
  const { status, stdout } = flint('eval', packed, 'models/fashion/samples', '--float', 'models/fashion/fashion.onnx');
  assert.is(status, 0);
  assert.match(stdout, /int8 +100\.00 % of 10 images/);
  assert.match(stdout, /float +100\.00 %/);
});

test('inspect describes the model, as text and as JSON', () => {
  assert.match(flint('inspect', packed).stdout, /labels: T-shirt\/top, Trouser/);
  const about = JSON.parse(flint('inspect', packed, '--json').stdout);
  assert.equal(about.operators.map((o: { kernels: string }) => o.kernels).filter((k: string) => k !== 'lanes' && k !== 'pointwise'), ['scalar', 'scalar', 'scalar'], 'a copy to planes, the dense head, softmax');
  assert.is(about.ramBytes % 1024, 0);
  assert.is(about.recipe.width, 28);
  assert.is(about.labels[9], 'Ankle boot');
});

test('validate checks structure, checksum and golden test; a damaged file fails with one line', () => {
  assert.match(flint('validate', packed).stdout, /golden test passed/);
  const bytes = readFileSync(packed), broken = join(work, 'broken.flint');
  bytes[5000] ^= 4;
  writeFileSync(broken, bytes);
  fails(['validate', broken], /^flint: .*broken\.flint: the model is corrupted/);
  writeFileSync(broken, bytes.subarray(0, 9000));
  fails(['run', broken, 'models/fashion/samples/1-trouser.png'], /truncated: 9000 of/);
});

test('wrong usage exits with 2, wrong files with 1, both with one line that says what', () => {
  fails(['frobnicate'], /Invalid command/, 2);
  fails(['pack'], /Insufficient arguments/, 2);
  fails(['inspect', packed, '--jsno'], /Unknown option/, 2);
  fails(['pack', 'nowhere'], /nowhere: no such file or folder/);
  fails(['run', packed, 'no.png'], /no\.png: no such image/);
  fails(['run', packed, 'package.json'], /package\.json: /);
  fails(['pack', 'models/fashion/fashion.onnx'], /needs an image recipe/);
  fails(['pack', 'models/fashion', '--rounding', 'triple'], /double or single/);
  assert.is(flint('--help').status, 0);
  assert.match(flint('pack', '--help').stdout, /--calibration/);
  assert.match(flint('--version').stdout, /0\.1\.0/);
});

test('mistakes in a recipe name the file and the key', () => {
  const recipe = (json: unknown): string => {
    writeFileSync(join(work, 'model.json'), typeof json === 'string' ? json : JSON.stringify(json));
    return join(work, 'model.json');
  };
  fails(['pack', recipe('{')], /model\.json: /);
  fails(['pack', recipe({})], /model\.json: "source" should be a text/);
  fails(['pack', recipe({ source: 'x.onnx' })], /"source" names .*x\.onnx, which does not exist/);
  fails(['pack', recipe({ source: 'model.json', colour: 1 })], /"colour" is unknown/);
  fails(['pack', recipe({ source: 'model.json', input: { width: 28, height: 0 } })], /"height" should be a whole number from 1 to 32767/);
  fails(['pack', recipe({ source: 'model.json', input: { width: 28, height: 28, std: 0 } })], /"std" should be a positive number/);
});

test('labels of another number than classes or images are told', () => {
  const three = join(work, 'three.txt'), some = join(work, 'some-idx1-ubyte'), idx = readFileSync('models/fashion/calibration/labels.idx1-ubyte');
  writeFileSync(three, 'one\ntwo\nthree\n');
  fails(['pack', 'models/fashion', '--labels', three, '-o', join(work, 'never.flint')], /fashion\.onnx: 3 labels for 10 classes/);
  idx[7] -= 50;
  writeFileSync(some, idx.subarray(0, idx.length - 50));
  fails(['eval', packed, 'models/fashion/calibration/images.idx3-ubyte', '--labels', some], /images\.idx3-ubyte: \d+ images but \d+ labels/);
  assert.not.ok(existsSync(join(work, 'never.flint')));
});

test('a model that is none, truncated or unsupported is refused by name, and nothing is written', () => {
  const onnx = join(work, 'broken.onnx'), out = join(work, 'never.flint'), bytes = readFileSync('models/fashion/fashion.onnx');
  writeFileSync(onnx, bytes.subarray(0, 5000));
  fails(['pack', onnx, '-o', out, '--input-size', '28x28', '--color', 'gray', '--calibration', 'models/fashion/samples'], /broken\.onnx: /);
  writeFileSync(onnx, 'hello');
  fails(['pack', onnx, '-o', out], /broken\.onnx: not an ONNX model/);
  assert.not.ok(existsSync(out));
});

test.run();
