/// <reference types="node" />
/** What is odd about a model, its images or labels is told, or refused where the answer would be wrong. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OnnxBuilder } from '../support/onnx-builder';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { fails, flint, misused, succeeds } from './command';

const work = temporaryFolder();
const fashion = 'models/fashion';
const sample = (name: string): string => join(fashion, 'samples', `${name}.png`);
const cases = '../shared/cases';
const testOnCases = testIf(existsSync(cases), `${cases} is not there`);

/** Images of one brightness each, in folders of their class: dark ones and bright ones. */
async function brightness(folder: string, names: [string, string]): Promise<string> {
  for (const [k, name] of names.entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const background = { r: 8 * i + 150 * k, g: 40, b: 60 };
      const image = sharp({ create: { width: 8, height: 8, channels: 3, background } });
      await image.png().toFile(join(folder, name, `${i}.png`));
    }
  }
  return folder;
}

/** The mean of the red pixels (minus a half) as a probability, or a map of the pixels. */
function brightnessModel(name: string, kind: 'probability' | 'value' | 'map'): string {
  const b = new OnnxBuilder([1, 3, 8, 8]);
  if (kind === 'map') {
    const weights = [1, 0, 0, -1, 0, 0];
    writeFileSync(
      join(work, name),
      b.finish(b.node('Conv', ['x', b.floats([2, 3, 1, 1], weights), b.floats([2], [0, 1])])),
    );
    return join(work, name);
  }
  const pooled = b.node('Flatten', [b.node('GlobalAveragePool', ['x'])], { axis: 1 });
  const inner = [pooled, b.floats([1, 3], [12, 0, 0]), b.floats([1], [-6])];
  const sum = b.node('Gemm', inner, { transB: 1 });
  writeFileSync(join(work, name), b.finish(kind === 'value' ? sum : b.node('Sigmoid', [sum])));
  return join(work, name);
}

const images = await brightness(join(work, 'images'), ['dark', 'bright']);
const packed = (onnx: string): string => onnx.replace(/onnx$/, 'flint');
const packLine = (onnx: string): string[] => ['pack', onnx, '--input-size', '8x8', '--calibration', images];

test('an empty file, as a converter that failed leaves it, is told as such', () => {
  for (const kind of ['onnx', 'tflite']) {
    const path = join(work, `empty.${kind}`);
    writeFileSync(path, '');
    fails(['pack', path], new RegExp(`empty\\.${kind}: the file is empty`));
  }
});

test('rows of values, as the boxes of a detector, are no decisions, and that is told', () => {
  const b = new OnnxBuilder([1, 3, 8, 8]),
    onnx = join(work, 'rows.onnx');
  writeFileSync(
    onnx,
    b.finish(b.node('Reshape', [b.node('Conv', ['x', b.floats([5, 3, 1, 1])]), [1, 5, 64]])),
  );
  const text = succeeds(packLine(onnx));
  assert.match(text, /answer +5 x 64 values, which the app reads; eval does not measure them/);
  assert.match(text, /agreement +[\d.]+ dB/);
  assert.match(succeeds(['run', packed(onnx), images]), /0\.png: 5 x 64 values; --output-raw writes them/);
  fails(['eval', packed(onnx), images], /accuracy needs a model that names a class.* 5 x 64 values/);
});

test('a model with one probability decides at a half, and that is told', () => {
  const onnx = brightnessModel('binary.onnx', 'probability');
  assert.match(succeeds(packLine(onnx)), /answer +one probability: class 1 from 0\.5 on/);
  const text = succeeds(['eval', packed(onnx), images, '--float', onnx]);
  // In the order of their names bright ones are class 0, so all decisions are wrong, in float too.
  assert.match(text, /classes in the order of the folders, .*: bright, dark/);
  assert.match(text, /packed 0\.00 %/);
  writeFileSync(join(work, 'bright.txt'), 'bright\n');
  succeeds([...packLine(onnx), '--labels', join(work, 'bright.txt')]);
  assert.match(
    succeeds(['eval', packed(onnx), images, '--float', onnx]),
    /packed 100\.00 %[^]*float +100\.00 %/,
  );
  assert.match(succeeds(['run', packed(onnx), join(images, 'dark/0.png')]), /: not bright 0\.0\d+/);
  writeFileSync(join(work, 'two.txt'), 'dark\nbright\n');
  fails(
    [...packLine(onnx), '--labels', join(work, 'two.txt')],
    /2 labels for one output; it takes one label/,
  );
});

test('a value and a map decide on no class: run prints them, eval refuses them', () => {
  const value = brightnessModel('value.onnx', 'value');
  assert.match(succeeds(packLine(value)), /answer +one value, which decides nothing/);
  fails(['eval', packed(value), images], /accuracy needs a model that names a class.* one value/);
  const map = brightnessModel('map.onnx', 'map');
  assert.match(succeeds(packLine(map)), /answer +a map of 8 x 8 x 2/);
  fails(['eval', packed(map), images], /accuracy needs a model that names a class.* a map of 8 x 8 x 2/);
  assert.match(succeeds(['run', packed(map), join(images, 'dark/0.png')]), /: 1 on 100\.00 %/);
});

test('what an image recipe assumes is told, and how much of the input it reaches', () => {
  const text = succeeds(packLine(brightnessModel('assumed.onnx', 'probability')));
  assert.match(
    text,
    /assumed, for nobody said so: --color rgb, --mean 0, --std 255, --fit cover, --resize bilinear/,
  );
  assert.match(text, /pixels become 0 to 1, int8 holds 0 to 1: 256 of its 256 steps are used/);
  const pack = ['pack', fashion, '--no-eval', '-o', join(work, 'never.flint')];
  misused([...pack, '--mean', '1e30'], /--mean 1e30: a number of at most 100000/);
  misused([...pack, '--std', '1e-9'], /--std 1e-9: a positive number from 0\.0001 to 1000000/);
  fails(
    [...pack, '--mean', '90000'],
    /the recipe does not fit the model's input, all images would look alike/,
  );
});

testOnCases('a recipe that cannot reach the int8 input of a model is refused, or told', () => {
  const net = join(cases, 'recipe-wrong-scale-no-warning', 'model.tflite');
  const pack = (...more: string[]): string[] => [
    ...['pack', net, '-o', join(work, 'scale.flint'), '--input-size', '8x8', ...more],
  ];
  fails(
    pack(),
    /all images would look alike: .* int8 holds 0 to 255: 2 of its 256 steps.*--mean 0 --std 1 would use/,
  );
  assert.not.match(flint(pack('--std', '1')).stderr, /warning/);
  const half = flint(pack('--std', '0.5'));
  assert.is(half.status, 0);
  assert.match(
    half.stderr,
    /warning: .* 50 % of the pixel values clipped; --mean 0 --std 1 would use all of it/,
  );
});

test('labels without a name or with the same, loose images and few calibration images are told', async () => {
  const onnx = brightnessModel('few.onnx', 'map');
  const labels = join(work, 'labels.txt');
  const lines = readFileSync(join(fashion, 'labels.txt'), 'utf8').trim().split('\n');
  writeFileSync(labels, [...lines.slice(0, 7), '', lines[8], lines[0]].join('\n'));
  const { stderr } = flint(['pack', fashion, '--no-eval', '-o', join(work, 'l.flint'), '--labels', labels]);
  assert.match(stderr, /warning: labels: line 8 of them without a name/);
  assert.match(stderr, /warning: labels: T-shirt\/top is the name of classes on lines 1 and 10/);
  const loose = await brightness(join(work, 'loose'), ['a', 'b']);
  copyFileSync(join(images, 'dark/0.png'), join(loose, 'top.png'));
  assert.match(
    flint(['pack', onnx, '--input-size', '8x8', '--calibration', loose]).stderr,
    /warning: .*loose: top\.png lies beside the folders of the classes/,
  );
  const one = flint(['pack', onnx, '--input-size', '8x8', '--calibration', join(images, 'dark/0.png')]);
  assert.match(one.stderr, /warning: .*0\.png: one calibration image: /);
});

test('more folders than classes are told with their order', async () => {
  const folder = join(work, 'many');
  for (let i = 0; i < 12; i++) {
    mkdirSync(join(folder, `class${i}`), { recursive: true });
    copyFileSync(sample('1-trouser'), join(folder, `class${i}`, '0.png'));
  }
  const bare = join(work, 'bare.flint');
  const image = ['--input-size', '28x28', '--color', 'gray', '--calibration', join(fashion, 'samples')];
  succeeds(['pack', join(fashion, 'fashion.onnx'), '-o', bare, ...image]);
  fails(
    ['eval', bare, folder],
    /its class is 10; the model has classes 0 to 9 \(classes are the folders in this order: class0, class1/,
  );
});

test('fewer folders than classes, without labels, are told with the classes they are taken for', () => {
  const folder = join(work, 'few');
  for (const [i, name] of ['bag', 'coat'].entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    copyFileSync(sample('1-trouser'), join(folder, name, `${i}.png`));
  }
  const { stderr } = flint(['eval', join(work, 'bare.flint'), folder]);
  assert.match(
    stderr,
    /warning: .*few: 2 folders for 10 classes, taken for the first of them \(0: bag, 1: coat\)/,
  );
  assert.not.match(flint(['eval', fashion, join(fashion, 'samples')]).stderr, /warning/);
});

test('the width of weights is named where accuracy is', () => {
  const folder = temporaryFolder();
  const json = JSON.parse(readFileSync(join(fashion, 'model.json'), 'utf8')) as Record<string, unknown>;
  const at = (name: string): string => join(process.cwd(), fashion, name);
  const own = { ...json, samples: undefined, source: at('fashion.onnx'), labels: at('labels.txt') };
  const data = {
    calibration: { images: at('calibration/images.idx3-ubyte') },
    test: { images: at('samples') },
  };
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...own, ...data }));
  const text = succeeds(['pack', folder, '-o', join(folder, 'x.flint'), '--bits', '4', '--recover', 'gptq']);
  assert.match(text, /accuracy +int4 weights [\d.]+ %, float 100\.00 %/);
});

test('run goes on past what is no image, takes folders, and ends with an exit code', () => {
  const none = join(work, 'none.png');
  writeFileSync(none, 'no image');
  const { status, stdout, stderr } = flint([
    'run',
    fashion,
    sample('1-trouser'),
    none,
    sample('9-ankle-boot'),
  ]);
  assert.is(status, 1);
  assert.match(stdout, /1-trouser\.png: Trouser 0\.9.*\n.*9-ankle-boot\.png: Ankle boot 0\.9/);
  assert.match(stderr, /none\.png: this image cannot be decoded[^]*flint: 1 of 3 images could not be run/);
  assert.is(
    succeeds(['run', fashion, join(fashion, 'samples')])
      .trim()
      .split('\n').length,
    10,
  );
  assert.match(succeeds(['run', '--help']), /flint run <model> \[images\.\.\.\] \[options\]/);
});

test.run();
