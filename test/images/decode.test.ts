/// <reference types="node" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PixelFormat } from '../../src/image';
import { decode, LONGEST_SIDE } from '../../host/images/decode';
import { temporaryFolder } from '../system/folder';

const folder = temporaryFolder();
let files = 0;
const save = async (image: Sharp, extension: string): Promise<string> => {
  const path = join(folder, `${files++}.${extension}`);
  await image.toFile(path);
  return path;
};

/** Pixels that are different everywhere. */
const noise = (width: number, height: number, channels: 1 | 3 | 4): Sharp => {
  const bytes = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * i * 31 + i * 7) >> 3);
  return sharp(bytes, { raw: { width, height, channels } });
};
const plain = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: { r: 90, g: 120, b: 33 } } });

/** What libvips gives for red, green and blue without any resizing. */
const reference = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(
    await sharp(path)
      .rotate()
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer(),
  );

async function fails(path: string, pattern: RegExp): Promise<void> {
  try {
    await decode(path);
  } catch (error) {
    const { name, message } = error as Error;
    assert.is(name, 'FlintError', String(error));
    assert.ok(message.startsWith(path + ': '), message);
    assert.match(message, pattern);
    return;
  }
  assert.unreachable(`${path} was decoded`);
}

test('colour images of every kind are decoded to the byte as libvips does, never resized', async () => {
  const kinds: [Sharp, string][] = [
    [noise(33, 17, 3).png(), 'png'],
    [noise(33, 17, 3).png({ palette: true }), 'png'],
    [noise(33, 17, 3).png({ progressive: true }), 'png'],
    [noise(33, 17, 3).toColourspace('rgb16').png(), 'png'],
    [noise(33, 17, 4).png(), 'png'],
    [noise(33, 17, 3).jpeg({ quality: 75 }), 'jpg'],
    [noise(33, 17, 3).jpeg({ quality: 75, progressive: true }), 'jpeg'],
    [noise(33, 17, 3).toColourspace('cmyk').jpeg(), 'jpg'],
    [noise(LONGEST_SIDE, 3, 3).jpeg(), 'jpg'],
    [noise(3, LONGEST_SIDE, 3).png(), 'PNG'],
  ];
  for (const [image, extension] of kinds) {
    const path = await save(image, extension);
    const { pixels, format } = await decode(path);
    assert.is(format, PixelFormat.rgb888);
    assert.equal(pixels, await reference(path), path);
  }
});

test('an image lies upright as its EXIF orientation says', async () => {
  const path = await save(noise(30, 20, 3).withMetadata({ orientation: 6 }).png(), 'png');
  const { pixels, width, height } = await decode(path);
  assert.equal([width, height], [20, 30]);
  assert.equal(pixels, await reference(path));
});

test('an image that is gray everywhere has one byte a pixel, however it is stored', async () => {
  const gray = Uint8Array.from({ length: 6 }, (_, i) => 40 * i);
  const image = (): Sharp => sharp(gray, { raw: { width: 3, height: 2, channels: 1 } });
  for (const path of [
    await save(image().png(), 'png'),
    await save(image().toColourspace('srgb').png({ palette: true }), 'png'),
  ])
    assert.equal(await decode(path), { pixels: gray, width: 3, height: 2, format: PixelFormat.gray });
});

test('one coloured pixel makes an image one of colours', async () => {
  const rgb = new Uint8Array(5 * 4 * 3).fill(77);
  rgb[rgb.length - 1] = 78;
  const path = await save(sharp(rgb, { raw: { width: 5, height: 4, channels: 3 } }).png(), 'png');
  assert.equal(await decode(path), { pixels: rgb, width: 5, height: 4, format: PixelFormat.rgb888 });
});

test('transparency lies on black', async () => {
  const rgba = Uint8Array.of(200, 100, 50, 255, 200, 100, 50, 0);
  const path = await save(sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } }).png(), 'png');
  assert.equal([...(await decode(path)).pixels], [200, 100, 50, 0, 0, 0]);
});

test('a larger image is shrunk while it is loaded, and keeps its proportions and colours', async () => {
  for (const [width, height, wanted] of [
    [LONGEST_SIDE + 1, 10, [LONGEST_SIDE, 10]],
    [4000, 3000, [2048, 1536]],
    [1000, 8192, [250, 2048]],
  ] as const) {
    for (const path of [
      await save(plain(width, height).png(), 'png'),
      await save(plain(width, height).jpeg(), 'jpg'),
    ]) {
      const image = await decode(path);
      assert.equal([image.width, image.height], wanted);
      assert.is(image.pixels.length, wanted[0] * wanted[1] * 3);
      for (const [channel, value] of [90, 120, 33].entries())
        assert.ok(
          Math.abs(image.pixels[channel + 3 * 999] - value) <= 1,
          `${path}: ${image.pixels.subarray(0, 3)}`,
        );
    }
  }
});

test('each pixel of a shrunk image is the average of those it replaces', async () => {
  const stripes = Uint8Array.from({ length: 4096 * 8 }, (_, i) => (i % 2 ? 255 : 0));
  const path = await save(sharp(stripes, { raw: { width: 4096, height: 8, channels: 1 } }).png(), 'png');
  const { pixels } = await decode(path);
  for (const pixel of pixels.subarray(100, 1900)) assert.ok(Math.abs(pixel - 128) <= 2, String(pixel));
});

test('a gray image of 12000 x 12000 pixels takes little memory', async () => {
  const path = await save(plain(12000, 12000).threshold(100).toColourspace('b-w').png(), 'png');
  const before = process.resourceUsage().maxRSS;
  const { width, height, format, pixels } = await decode(path);
  assert.equal([width, height, format, pixels.length], [2048, 2048, PixelFormat.gray, 2048 * 2048]);
  const taken = (process.resourceUsage().maxRSS - before) / 1024;
  assert.ok(taken < 200, `${taken.toFixed()} MiB`);
});

test('what cannot be decoded is told with its path', async () => {
  const text = join(folder, 'text.png');
  writeFileSync(text, 'no image');
  await fails(text, /cannot be decoded: Input buffer contains unsupported image format/);
  await fails(join(folder, 'nowhere.png'), /no such image/);
  await fails(folder, /cannot be read: this is a folder/);
  const cut = await save(noise(100, 100, 3).png(), 'png');
  const whole = readFileSync(cut);
  writeFileSync(cut, whole.subarray(0, whole.length >> 1));
  await fails(cut, /cannot be decoded: /);
  const empty = join(folder, 'empty.jpg');
  writeFileSync(empty, '');
  await fails(empty, /cannot be decoded: /);
});

test('an image of too many pixels is refused by its header', async () => {
  const path = await save(plain(16, 16).jpeg(), 'jpg');
  const bytes = readFileSync(path);
  const frame = bytes.indexOf(Uint8Array.of(0xff, 0xc0));
  bytes.writeUInt16BE(60000, frame + 5);
  bytes.writeUInt16BE(60000, frame + 7);
  writeFileSync(path, bytes);
  await fails(path, /it has more than 268 million pixels; make it smaller/);
});

test('a file that has changed is decoded again', async () => {
  const path = await save(plain(4, 4).png(), 'png');
  assert.is((await decode(path)).width, 4);
  await plain(9, 4).png().toFile(path);
  assert.is((await decode(path)).width, 9);
});

test.run();
