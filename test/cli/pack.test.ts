/// <reference types="node" />
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { fails, flint, succeeds } from './command';

const work = temporaryFolder();
const packed = join(work, 'fashion.flint');
let printed = '';

/** Packs models/fashion, without measuring its accuracy. @returns what is printed */
const pack = (output: string, ...flags: string[]): string =>
  succeeds(['pack', 'models/fashion', '-o', output, '--no-eval', ...flags]);

/** The first number behind a word. */
const numberAt = (text: string, word: string): number =>
  Number(new RegExp(`${word} +([\\d,]+)`).exec(text)![1].replaceAll(',', ''));

/** Writes a model.json into a folder of its own, which may hold anything. */
function recipe(json: unknown): string {
  const path = join(work, 'model.json');
  writeFileSync(path, typeof json === 'string' ? json : JSON.stringify(json));
  return path;
}

test('every layer is printed, what the model takes of a device, and where the file is', () => {
  printed = pack(packed);
  assert.match(printed, /conv2d +\S+ +14 x 14 x 16/);
  assert.match(printed, /total +18,346 +641,760/);
  assert.is(numberAt(printed, 'flash'), readFileSync(packed).length);
  const bound = numberAt(printed, 'no plan needs less than');
  assert.ok(numberAt(printed, 'arena') >= bound && numberAt(printed, 'arena') <= 1.05 * bound);
  assert.ok(numberAt(printed, 'RAM') > numberAt(printed, 'arena'));
  assert.match(
    printed,
    /image +28 x 28 gray, .*\n.* 256 of its 256 steps are used\n.*classes.*\n.*calibration +200 images\n.*agreement +100.*\n.*samples +10 images/,
  );
  assert.match(
    printed,
    /written to +\S+fashion\.flint\n +\S+manifest\.json, which an app's manifest includes/,
  );
});

test('only the model, the samples and the manifest are left behind', () => {
  const samples = Array.from({ length: 10 }, (_, i) => `sample${i}.image`);
  assert.equal(readdirSync(work).sort(), ['fashion.flint', 'manifest.json', ...samples]);
});

test('what is printed and written does not depend on what is cached', () => {
  const again = join(work, 'again.flint');
  const line = ['pack', 'models/fashion', '-o', again, '--limit', '200', '--bits', '4', '--recover', 'gptq'];
  const cache = { FLINT_CACHE: join(work, 'cache') };
  const first = succeeds(line, cache);
  const [bytes, entries] = [readFileSync(again), readdirSync(cache.FLINT_CACHE).sort()];
  assert.ok(entries.length > 5);
  assert.is(succeeds(line, cache), first);
  assert.ok(readFileSync(again).equals(bytes));
  assert.equal(readdirSync(cache.FLINT_CACHE).sort(), entries);
});

test("fashion's shipped files are what is packed now, and seed's model passes its golden test", () => {
  const shipped = readdirSync('models/fashion/device').sort();
  const mine = readdirSync(work).filter((name) => name.endsWith('.image'));
  assert.equal(shipped, ['manifest.json', 'model.flint', ...mine.sort()]);
  for (const name of shipped.slice(1)) {
    const own = join(work, name === 'model.flint' ? 'fashion.flint' : name);
    assert.ok(readFileSync(join('models/fashion/device', name)).equals(readFileSync(own)), name);
  }
  const [manifest, own] = ['models/fashion/device', work].map((folder) =>
    readFileSync(join(folder, 'manifest.json'), 'utf8'),
  );
  assert.is(own.replaceAll('fashion.flint', 'model.flint'), manifest);
  assert.match(succeeds(['validate', 'models/seed']), /golden test passed/);
});

test('a model that needs more RAM than the device has is refused, and nothing is written', () => {
  const never = join(work, 'never.flint');
  const ram = numberAt(printed, 'RAM');
  pack(join(work, 'fits.flint'), '--ram', String(ram));
  for (const less of [`${ram / 1024 - 1}k`, String(ram - 1)])
    fails(
      ['pack', 'models/fashion', '-o', never, '--ram', less],
      new RegExp(`needs ${ram} bytes of RAM .* the device has \\d+: `),
    );
  assert.not(existsSync(never));
});

test('accuracy is measured on the test images unless told otherwise', () => {
  const json = JSON.parse(readFileSync('models/fashion/model.json', 'utf8')) as Record<string, unknown>;
  const at = (name: string): string => join(process.cwd(), 'models/fashion', name);
  const path = recipe({
    ...{ ...json, samples: undefined },
    ...{ source: at('fashion.onnx'), labels: at('labels.txt') },
    calibration: { images: at('calibration/images.idx3-ubyte') },
    test: { images: at('samples') },
  });
  const line = ['pack', path, '-o', join(work, 'measured.flint')];
  assert.match(succeeds(line), /accuracy +int8 100\.00 %, float 100\.00 %; .* 100\.00 % \(10 images\)/);
  assert.match(succeeds([...line, '--limit', '5']), /\(5 images\)/);
  assert.not.match(succeeds([...line, '--no-eval']), /accuracy/);
});

test('mistakes in a model.json are told all at once, each with the file and the key', () => {
  fails(['pack', recipe('{')], /model\.json: no JSON: /);
  fails(['pack', recipe({})], /model\.json: "source" is missing; it should be a text/);
  const source = join(process.cwd(), 'models/fashion/fashion.onnx');
  const { stderr } = flint(['pack', recipe({ source, colour: 1, input: { width: 28, height: 0 } })]);
  assert.match(stderr, /model\.json: "colour" is unknown/);
  assert.match(stderr, /model\.json: "input\.height" should be a whole number from 1 to 32767/);
});

test('a model that is none, truncated or lacks what it needs is refused, and nothing written', () => {
  const onnx = join(work, 'broken.onnx');
  const out = join(work, 'broken.flint');
  const image = ['--input-size', '28x28', '--color', 'gray', '--calibration', 'models/fashion/samples'];
  writeFileSync(onnx, readFileSync('models/fashion/fashion.onnx').subarray(0, 5000));
  fails(['pack', onnx, '-o', out, ...image], /broken\.onnx: /);
  writeFileSync(onnx, 'hello');
  fails(['pack', onnx, '-o', out, ...image], /broken\.onnx: not an ONNX model/);
  fails(['pack', 'nowhere'], /nowhere: no such file or folder/);
  fails(['pack', 'models/fashion/fashion.onnx', '-o', out], /fashion\.onnx: .*needs an image recipe/);
  writeFileSync(join(work, 'three.txt'), 'one\ntwo\nthree\n');
  const labels = ['--labels', join(work, 'three.txt')];
  fails(['pack', 'models/fashion', '-o', out, ...labels], /fashion\.onnx: 3 labels for 10 classes/);
  assert.not(existsSync(out));
});

test.run();
