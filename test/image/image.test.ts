import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Color, Fit, Resize } from '../../src/format';
import { PixelFormat, writeImage } from '../../src/image';
import { Random } from '../support/random';
import { imageModel, pixelsOf } from './image-model';

test('an image of the right size and colour goes in as it is', () => {
  const random = new Random(1),
    pixels = Uint8Array.from({ length: 5 * 4 * 3 }, () => random.below(256));
  const rgb = imageModel(5, 4, Color.rgb);
  writeImage(rgb, pixels, 5, 4, PixelFormat.rgb888);
  assert.equal(pixelsOf(rgb), [...pixels]);
  const gray = imageModel(4, 5, Color.gray);
  writeImage(gray, pixels.subarray(0, 20), 4, 5, PixelFormat.gray);
  assert.equal(pixelsOf(gray), [...pixels.subarray(0, 20)]);
});

test('colours: bgr swaps, gray spreads to three channels, colour becomes luma', () => {
  const bgr = imageModel(1, 1, Color.bgr);
  writeImage(bgr, Uint8Array.of(10, 20, 30), 1, 1, PixelFormat.rgb888);
  assert.equal(pixelsOf(bgr), [30, 20, 10]);
  const rgb = imageModel(1, 1, Color.rgb);
  writeImage(rgb, Uint8Array.of(99), 1, 1, PixelFormat.gray);
  assert.equal(pixelsOf(rgb), [99, 99, 99]);
  const gray = imageModel(1, 1, Color.gray);
  for (const [r, g, b] of [
    [255, 255, 255],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [12, 200, 77],
  ]) {
    writeImage(gray, Uint8Array.of(r, g, b), 1, 1, PixelFormat.rgb888);
    assert.ok(Math.abs(pixelsOf(gray)[0] - (0.299 * r + 0.587 * g + 0.114 * b)) < 1.5);
  }
});

test('rgb565: all values within their 8-bit meaning, in either order of bytes', () => {
  const model = imageModel(1, 1, Color.rgb);
  for (let v = 0; v < 65536; v += 7) {
    writeImage(model, Uint8Array.of(v & 255, v >> 8), 1, 1, PixelFormat.rgb565le);
    const [r, g, b] = pixelsOf(model);
    writeImage(model, Uint8Array.of(v >> 8, v & 255), 1, 1, PixelFormat.rgb565be);
    assert.equal(pixelsOf(model), [r, g, b]);
    assert.ok(
      Math.abs(r - ((v >> 11) * 255) / 31) < 1 &&
        Math.abs(g - (((v >> 5) & 63) * 255) / 63) < 1 &&
        Math.abs(b - ((v & 31) * 255) / 31) < 1,
      `${v}`,
    );
  }
});

test('bilinear resizing is within one step of exact interpolation, nearest picks the pixel under the centre', () => {
  const random = new Random(2);
  for (let n = 0; n < 60; n++) {
    const w = random.between(1, 40),
      h = random.between(1, 40),
      ow = random.between(1, 20),
      oh = random.between(1, 20);
    const pixels = Uint8Array.from({ length: w * h }, () => random.below(256)),
      at = (x: number, y: number): number => pixels[y * w + x];
    const smooth = imageModel(ow, oh, Color.gray, Resize.bilinear, Fit.stretch),
      near = imageModel(ow, oh, Color.gray, Resize.nearest, Fit.stretch);
    writeImage(smooth, pixels, w, h, PixelFormat.gray);
    writeImage(near, pixels, w, h, PixelFormat.gray);
    const blended = pixelsOf(smooth),
      picked = pixelsOf(near);
    for (let y = 0; y < oh; y++)
      for (let x = 0; x < ow; x++) {
        const sx = Math.max(0, Math.min(w - 1, ((x + 0.5) * w) / ow - 0.5)),
          sy = Math.max(0, Math.min(h - 1, ((y + 0.5) * h) / oh - 0.5));
        const x0 = Math.floor(sx),
          y0 = Math.floor(sy),
          x1 = Math.min(x0 + 1, w - 1),
          y1 = Math.min(y0 + 1, h - 1),
          fx = sx - x0,
          fy = sy - y0;
        const exact =
          (at(x0, y0) * (1 - fx) + at(x1, y0) * fx) * (1 - fy) +
          (at(x0, y1) * (1 - fx) + at(x1, y1) * fx) * fy;
        assert.ok(
          Math.abs(blended[y * ow + x] - exact) <= 2.5,
          `${w}x${h} to ${ow}x${oh}: ${blended[y * ow + x]} for ${exact}`,
        );
        assert.is(
          picked[y * ow + x],
          at(Math.floor(((2 * x + 1) * w) / (2 * ow)), Math.floor(((2 * y + 1) * h) / (2 * oh))),
        );
      }
  }
});

test('cover takes the centred part with the right proportions', () => {
  const model = imageModel(2, 2, Color.gray, Resize.nearest, Fit.cover);
  writeImage(model, Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), 6, 2, PixelFormat.gray);
  assert.equal(pixelsOf(model), [2, 3, 8, 9]);
  writeImage(model, Uint8Array.of(1, 2, 3, 4, 5), 1, 5, PixelFormat.gray);
  assert.equal(pixelsOf(model), [3, 3, 3, 3]);
});

test('values that leave int8 clamp, never wrap', () => {
  const model = imageModel(1, 1, Color.gray, Resize.nearest, Fit.cover, 3 * 65536, -300 * 65536);
  for (const [u, q] of [
    [0, -128],
    [255, 127],
    [100, 0],
    [99, -3],
  ]) {
    writeImage(model, Uint8Array.of(u), 1, 1, PixelFormat.gray);
    assert.is(model.inputs[0][0], q);
  }
});

test('wrong buffers and sizes are refused', () => {
  const model = imageModel(4, 4, Color.gray);
  assert.throws(
    () => writeImage(model, new Uint8Array(15), 4, 4, PixelFormat.gray),
    /15 bytes; 4 x 4 pixels in this format have 16/,
  );
  assert.throws(() => writeImage(model, new Uint8Array(0), 0, 4, PixelFormat.gray), /0 x 4 pixels/);
  assert.throws(() => writeImage(model, new Uint8Array(10), 2.5, 4, PixelFormat.gray), /2.5 x 4/);
  for (const format of [9, 5, -1, 0.5, NaN, '1'])
    assert.throws(
      () => writeImage(model, new Uint8Array(16), 4, 4, format as never),
      new RegExp(`format ${format} is unknown`),
    );
  assert.throws(
    () => writeImage(model, new Uint8Array(16), 4, 4, PixelFormat.gray, 45 as never),
    /turned by 45/,
  );
  assert.throws(
    () => writeImage(model, new Uint8Array(30), 5, 3, PixelFormat.yuv422),
    /yuv422 has an even number of columns, not 5/,
  );
  for (const pixels of [
    undefined,
    new ArrayBuffer(16),
    new Uint16Array(16),
    new Int8Array(16),
    Array(16).fill(7),
  ])
    assert.throws(() => writeImage(model, pixels as never, 4, 4, PixelFormat.gray), /should be a Uint8Array/);
});

test.run();
