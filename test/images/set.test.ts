/// <reference types="node" />
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PixelFormat } from '../../src/image';
import { hashOf, imageOf, openImages, type ImageSet } from '../../host/images/set';
import { fails, idx, labels, names, numbers, save, work } from './support';

/** A folder with these files in it: PNG images of one pixel, each of another gray. */
async function folderOf(name: string, files: string[]): Promise<string> {
  for (const [i, file] of files.entries()) {
    const path = join(work, name, file);
    mkdirSync(dirname(path), { recursive: true });
    await sharp(Uint8Array.of(i), { raw: { width: 1, height: 1, channels: 1 } })
      .png()
      .toFile(path);
  }
  return join(work, name);
}

test('folders are classes, of which one after the other gives an image', async () => {
  const folder = await folderOf('classes', [
    'cat/1.png',
    'cat/2.png',
    'cat/10.png',
    'ant/5.png',
    'ant/x.JPG',
    'top.png',
  ]);
  writeFileSync(join(folder, 'cat', 'notes.txt'), '');
  const set = openImages({ images: folder });
  assert.equal(names(set), ['5.png', '1.png', 'x.JPG', '2.png', '10.png']);
  assert.equal(labels(set), [0, 1, 0, 1, 1]);
  assert.is(set.of, 5);
  assert.equal(
    labels(openImages({ images: folder }, ['cat', 'ant', 'dog'])),
    [1, 0, 1, 0, 0],
    "the model's labels give the numbers",
  );
  assert.equal((await set.image(1)).pixels, Uint8Array.of(0));
  fails({ images: folder }, /cat is no label of the model \(dog, ant\)/, ['dog', 'ant']);
  fails({ images: folder }, /ant, cat are no labels of the model \(dog\)/, ['dog']);
});

test('a link to a folder is a class, a link to nowhere is nothing', async () => {
  const folder = join(work, 'links');
  mkdirSync(folder);
  symlinkSync(await folderOf('linked', ['1.png']), join(folder, 'bee'));
  symlinkSync('nowhere', join(folder, 'gone'));
  assert.equal(names(openImages({ images: folder })), ['1.png']);
});

test('what is hidden is neither an image nor a class', async () => {
  const made = ['ant/1.png', 'ant/._1.png', '.ipynb_checkpoints/1.png', '__MACOSX/1.png'];
  const folder = await folderOf('hidden', made);
  const set = openImages({ images: folder });
  assert.equal([names(set), set.order, set.remarks], [['1.png'], ['ant'], []]);
  assert.equal(names(openImages({ images: join(folder, 'ant') })), ['1.png']);
});

test('in a flat folder the number that leads a name is the class; 2 comes before 10', async () => {
  const folder = await folderOf('flat', ['10-boot.png', '2-dress.png', '2-dress-b.png', 'other.png']);
  const set = openImages({ images: folder });
  assert.equal(names(set), ['2-dress-b.png', '2-dress.png', '10-boot.png', 'other.png']);
  assert.equal(labels(set), [2, 2, 10, undefined]);
});

test('a single file is a set of one', async () => {
  const folder = await folderOf('single', ['one.png']);
  const set = openImages({ images: join(folder, 'one.png') });
  assert.is(set.length, 1);
  assert.is(set.label(0), undefined);
  assert.equal(await set.image(0), {
    pixels: Uint8Array.of(0),
    width: 1,
    height: 1,
    format: PixelFormat.gray,
  });
});

test('label, name, pixels and source of a number are those of one image', async () => {
  const images = save('large-idx3-ubyte', idx([200, 1, 1], numbers(200))),
    set = openImages({ images, labels: save('large-idx1-ubyte', idx([200], numbers(200))), count: 190 });
  for (const i of [0, 20, 49, 189]) {
    assert.is(set.label(i), i);
    assert.is(set.name(i), `large-idx3-ubyte[${i}]`);
    assert.equal((await set.image(i)).pixels, Uint8Array.of(i));
    assert.equal(set.source(i), await set.image(i));
  }
});

test('a set without images is refused', () => {
  mkdirSync(join(work, 'empty', 'class'), { recursive: true });
  fails({ images: join(work, 'empty') }, /there are no images in it/);
  fails({ images: join(work, 'empty', 'class') }, /there are no images in it/);
  fails({ images: save('none-idx3-ubyte', idx([0, 2, 2], [])) }, /there are no images in it/);
});

test('a source stands for its image on another thread, and takes nothing else along', async () => {
  const folder = await folderOf('sources', ['a.png', 'b.png']);
  const array = save('array-idx3-ubyte', idx([50, 2, 2], numbers(200)));
  for (const set of [openImages({ images: folder }), openImages({ images: array })]) {
    const sent = structuredClone(set.source(1));
    assert.equal(await imageOf(sent), await set.image(1));
    if (typeof sent !== 'string') assert.is(sent.pixels.buffer.byteLength, 4);
  }
});

test('pixels and labels identify the first images of a set, wherever they are', async () => {
  const set = (pixels: number[], truths: number[]): ImageSet =>
    openImages({
      images: save('hash-idx3-ubyte', idx([3, 1, 1], pixels)),
      labels: save('hash-idx1-ubyte', idx([3], truths)),
    });
  const hash = hashOf(set([1, 2, 3], [0, 0, 0]), 2);
  assert.is(hashOf(set([1, 2, 9], [0, 0, 9]), 2), hash);
  assert.is.not(hashOf(set([1, 9, 3], [0, 0, 0]), 2), hash);
  assert.is.not(hashOf(set([1, 2, 3], [0, 9, 0]), 2), hash);
  const files = (name: string): Promise<string> => folderOf(name, ['0-a.png', '1-b.png']);
  assert.is(
    hashOf(openImages({ images: await files('here') }), 2),
    hashOf(openImages({ images: await files('there') }), 2),
  );
});

test.run();
