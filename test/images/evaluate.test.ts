/// <reference types="node" />
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeImage } from '../../src/image';
import { load, run, topK } from '../../src/model';
import { evaluate, type EvaluationTask } from '../../host/evaluate/evaluate';
import { openImages } from '../../host/images/set';
import { silent } from '../../host/system/progress';
import { temporaryFolder } from '../system/folder';

const cache = temporaryFolder();
process.env.FLINT_CACHE = cache;
const model = 'models/fashion';
const file = new Uint8Array(readFileSync(`${model}/device/model.flint`)).buffer;
const float = {
  onnx: new Uint8Array(readFileSync(`${model}/fashion.onnx`)),
  shape: [1, 28, 28, 1],
  scale: Math.fround(1 / 255),
  zeroPoint: -128,
};
const source = {
  images: `${model}/calibration/images.idx3-ubyte`,
  labels: `${model}/calibration/labels.idx1-ubyte`,
};
const task: EvaluationTask = { file, source, labels: [], limit: Infinity };

async function fails(own: Partial<EvaluationTask>, pattern: RegExp): Promise<void> {
  try {
    await evaluate({ ...task, ...own }, silent);
  } catch (error) {
    assert.is((error as Error).name, 'FlintError', (error as Error).stack);
    assert.match((error as Error).message, pattern);
    return;
  }
  assert.unreachable('it did not fail');
}

test('many threads decide as one run of the device code does', async () => {
  const images = openImages(source);
  const device = load(file);
  const confusion = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  for (let i = 0; i < images.length; i++) {
    const { pixels, width, height, format } = await images.image(i);
    writeImage(device, pixels, width, height, format);
    run(device);
    confusion[images.label(i)!][topK(device, 1)[0].index]++;
  }
  const result = await evaluate(task, silent);
  assert.equal(result, {
    images: images.length,
    correct: confusion.reduce((sum, row, i) => sum + row[i], 0),
    confusion,
    remarks: [],
  });
});

test('the float model decides on the same inputs, again and again', async () => {
  process.env.FLINT_CACHE = '';
  const results = [await evaluate({ ...task, float }, silent), await evaluate({ ...task, float }, silent)];
  process.env.FLINT_CACHE = cache;
  const [{ images, floatCorrect, agree, changed }] = results;
  assert.ok(floatCorrect! > 0.8 * images && agree! > 0.9 * images, JSON.stringify(results[0]));
  assert.is(changed!.length, images - agree!);
  for (const { int8, float } of changed!) assert.is.not(int8, float);
  assert.equal(
    changed!.map((v) => v.index),
    changed!.map((v) => v.index).sort((a, b) => a - b),
  );
  assert.equal(results[1], results[0]);
});

test('files of images give the classes that their names say', async () => {
  const images = `${model}/samples`;
  const result = await evaluate({ ...task, source: { images }, float }, silent);
  assert.equal(
    [result.images, result.correct, result.floatCorrect, result.agree, result.changed],
    [10, 10, 10, 10, []],
  );
});

test('only so many images are used as the limit says', async () => {
  assert.is((await evaluate({ ...task, limit: 70 }, silent)).images, 70);
});

test('progress is told for every image, and what was done before is not done again', async () => {
  const told: number[] = [];
  const progress = { ...silent, update: (done: number) => void told.push(done) };
  const first = await evaluate({ ...task, limit: 33 }, progress);
  assert.equal(
    told,
    Array.from({ length: 33 }, (_, i) => i + 1),
  );
  assert.equal(await evaluate({ ...task, limit: 33 }, progress), first);
  assert.is(told.length, 33);
});

test('images without a class, or of a class that no output stands for, are refused', async () => {
  const folder = temporaryFolder();
  const [sample] = readdirSync(`${model}/samples`);
  copyFileSync(`${model}/samples/${sample}`, join(folder, '0-one.png'));
  copyFileSync(`${model}/samples/${sample}`, join(folder, 'two.png'));
  await fails(
    { source: { images: folder } },
    /two\.png: this image carries no label: use a folder for each class/,
  );
  copyFileSync(`${model}/samples/${sample}`, join(folder, '123456789012-three.png'));
  await fails(
    { source: { images: folder } },
    /three\.png: its class is 123456789012; the model has classes 0 to 9/,
  );
});

test('an image that cannot be decoded is told by its path, and the next evaluation works', async () => {
  const folder = join(temporaryFolder(), 'images');
  mkdirSync(folder);
  for (let i = 0; i < 200; i++) copyFileSync(`${model}/samples/1-trouser.png`, join(folder, `1-${i}.png`));
  writeFileSync(join(folder, '1-77.png'), 'no image');
  await fails({ source: { images: folder } }, /1-77\.png: this image cannot be decoded/);
  copyFileSync(`${model}/samples/1-trouser.png`, join(folder, '1-77.png'));
  assert.is((await evaluate({ ...task, source: { images: folder } }, silent)).correct, 200);
});

test.run();
