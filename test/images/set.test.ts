/// <reference types="node" />
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PixelFormat } from '../../src/image';
import { hashOf, imageOf, openImages, sampled, type ImageSet } from '../../host/images/set';
import { temporaryFolder } from '../system/folder';

const work = temporaryFolder();

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

function save(name: string, ...parts: (Uint8Array | string)[]): string {
  const path = join(work, name);
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))));
  return path;
}

/** An IDX file's bytes. */
function idx(shape: number[], data: ArrayLike<number>): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]);
  return Uint8Array.of(0, 0, 8, shape.length, ...sizes, ...Array.from(data));
}

/** A .npy file's bytes, of format version 1 or 2. */
function npy(shape: string, data: ArrayLike<number>, type = '|u1', version = 1): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }\n`;
  const length = [header.length & 255, header.length >> 8, ...(version > 1 ? [0, 0] : [])];
  const text = [...`\x93NUMPY${String.fromCharCode(version, 0, ...length)}${header}`].map((c) =>
    c.charCodeAt(0),
  );
  return Uint8Array.of(...text, ...Array.from(data));
}

const numbers = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);
const indices = (set: ImageSet): number[] => Array.from({ length: set.length }, (_, i) => i);
const names = (set: ImageSet): string[] => indices(set).map((i) => basename(set.name(i)));
const labels = (set: ImageSet): (number | undefined)[] => indices(set).map((i) => set.label(i));

/** It is refused in a FlintError that begins with the path. */
function fails(
  source: Parameters<typeof openImages>[0],
  pattern: RegExp,
  classes?: string[],
  path = source.images,
): void {
  assert.throws(
    () => openImages(source, classes),
    (error: Error) =>
      error.name === 'FlintError' && error.message.startsWith(path) && pattern.test(error.message),
    `${path} is not refused as ${pattern} says`,
  );
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

test('IDX files, also compressed, with labels', async () => {
  const images = save('some-idx3-ubyte.gz', gzipSync(idx([3, 2, 2], numbers(12))));
  const set = openImages({ images, labels: save('some-idx1-ubyte', idx([3], [7, 8, 9])), count: 2 });
  assert.equal([set.length, set.of], [2, 3]);
  assert.equal(labels(set), [7, 8]);
  assert.equal(set.name(1), 'some-idx3-ubyte.gz[1]');
  assert.equal(await set.image(1), {
    pixels: Uint8Array.of(4, 5, 6, 7),
    width: 2,
    height: 2,
    format: PixelFormat.gray,
  });
  assert.is(openImages({ images, count: 9 }).length, 3);
});

test('.npy files: gray with three or four dimensions, or three colours', async () => {
  const labels = save('labels.npy', npy('2,', [1, 0]));
  for (const [shape, format] of [
    ['2, 2, 3', PixelFormat.gray],
    ['2, 2, 3, 1', PixelFormat.gray],
    ['2, 1, 2, 3', PixelFormat.rgb888],
  ] as const) {
    for (const version of [1, 2]) {
      const set = openImages({ images: save('images.npy', npy(shape, numbers(12), '|u1', version)), labels });
      const image = await set.image(1);
      assert.equal(image.pixels, Uint8Array.of(6, 7, 8, 9, 10, 11));
      assert.is(image.format, format);
      assert.is(set.label(0), 1);
    }
  }
});

test('files that are no images, or not of these labels, are refused by name', () => {
  const images = save('few-idx3-ubyte', idx([2, 2, 2], numbers(8)));
  fails({ images, labels: save('few-idx1-ubyte', idx([3], [1, 2, 3])) }, /2 images but 3 labels/);
  fails({ images, labels: join(work, 'nowhere') }, /nowhere: no such file/, [], join(work, 'nowhere'));
  fails({ images: join(work, 'nowhere') }, /no such images/);
  fails(
    { images: save('text.txt', 'text') },
    /neither a folder of PNG or JPEG images, an IDX file nor a .npy file/,
  );
  for (const bytes of [
    Uint8Array.of(),
    Uint8Array.of(0, 0, 8),
    Uint8Array.of(0, 0, 9, 1, 0, 0, 0, 0),
    Uint8Array.of(0, 0, 8, 3, 0),
  ])
    fails({ images: save('bad-idx3-ubyte', bytes) }, /not an IDX file of unsigned bytes/);
  fails(
    { images: save('cut-idx3-ubyte', idx([2, 2, 2], numbers(7))) },
    /is damaged: 7 bytes of data for the shape \[2,2,2\]/,
  );
  fails({ images: save('flat-idx1-ubyte', idx([2], [1, 2])) }, /the shape \[2\] is no set of images/);
  fails({ images: save('bad-idx3-ubyte.gz', 'no gzip') }, /cannot be unzipped: incorrect header check/);
  fails({ images: save('text.npy', 'this is some text') }, /not a .npy file/);
  fails(
    { images: save('float.npy', npy('1, 1, 1', [0, 0, 0, 0], '<f4')) },
    /unsigned bytes .* is needed, this is <f4/,
  );
  fails(
    { images: save('cut.npy', npy('2, 2, 2', numbers(7))) },
    /is damaged: 7 bytes of data for the shape \[2,2,2\]/,
  );
  fails({ images: save('two.npy', npy('1, 1, 1, 2', [1, 2])) }, /the shape \[1,1,1,2\] is no set of images/);
});

test('a set without images is refused', () => {
  mkdirSync(join(work, 'empty', 'class'), { recursive: true });
  fails({ images: join(work, 'empty') }, /there are no images in it/);
  fails({ images: join(work, 'empty', 'class') }, /there are no images in it/);
  fails({ images: save('none-idx3-ubyte', idx([0, 2, 2], [])) }, /there are no images in it/);
});

test('a source is plain data that stands for its image on another thread, and takes nothing else along', async () => {
  const folder = await folderOf('sources', ['a.png', 'b.png']);
  const array = save('array-idx3-ubyte', idx([50, 2, 2], numbers(200)));
  for (const set of [openImages({ images: folder }), openImages({ images: array })]) {
    const sent = structuredClone(set.source(1));
    assert.equal(await imageOf(sent), await set.image(1));
    if (typeof sent !== 'string') assert.is(sent.pixels.buffer.byteLength, 4);
  }
});

const large = (): ImageSet =>
  openImages({
    images: save('large-idx3-ubyte', idx([200, 1, 1], numbers(200))),
    labels: save('large-idx1-ubyte', idx([200], numbers(200))),
  });

test('a sample is the same for the same seed, in order, and tells of how many it is', async () => {
  const set = sampled(large(), 50, 1);
  assert.equal([set.length, set.of], [50, 200]);
  assert.equal(labels(set), labels(sampled(large(), 50, 1)));
  assert.not.equal(labels(set), labels(sampled(large(), 50, 2)));
  assert.equal(
    labels(set),
    [...new Set(labels(set))].sort((a, b) => a! - b!),
    'no image twice',
  );
  for (const i of [0, 20, 49]) {
    const label = set.label(i)!;
    assert.is(set.name(i), `large-idx3-ubyte[${label}]`);
    assert.equal((await set.image(i)).pixels, Uint8Array.of(label));
    assert.equal(set.source(i), large().source(label));
  }
});

test('every image comes into samples equally often', () => {
  const times = new Array<number>(200).fill(0);
  for (let seed = 0; seed < 400; seed++)
    for (const label of labels(sampled(large(), 50, seed))) times[label!]++;
  // 100 of 400 are expected; the standard deviation is below 9.
  for (const [i, count] of times.entries())
    assert.ok(count > 55 && count < 145, `image ${i} came ${count} times`);
});

test('a sample of a set that is no larger is the set', () => {
  for (const count of [200, 1000]) assert.equal(labels(sampled(large(), count, 1)), labels(large()));
  assert.is(sampled(large(), 199, 1).length, 199);
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
