import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Color } from '../../src/format';
import { PixelFormat, writeImage } from '../../src/image';
import { imageModel, pixelsOf } from './image-model';

/** Of one pixel's colour. */
type Triple = [number, number, number];

/** Two pixels of one colour. */
function rgbOf([y, u, v]: Triple): number[] {
  const model = imageModel(2, 1, Color.rgb);
  writeImage(model, Uint8Array.of(y, u, y, v), 2, 1, PixelFormat.yuv422);
  const pixels = pixelsOf(model);
  assert.equal(pixels.slice(0, 3), pixels.slice(3));
  return pixels.slice(0, 3);
}

test('the colour bars of ITU-R BT.601, in 8 bits', () => {
  const bars: [Triple, Triple][] = [
    [
      [235, 128, 128],
      [255, 255, 255],
    ],
    [
      [210, 16, 146],
      [255, 255, 0],
    ],
    [
      [170, 166, 16],
      [0, 255, 255],
    ],
    [
      [145, 54, 34],
      [0, 255, 0],
    ],
    [
      [106, 202, 222],
      [255, 0, 255],
    ],
    [
      [81, 90, 240],
      [255, 0, 0],
    ],
    [
      [41, 240, 110],
      [0, 0, 255],
    ],
    [
      [16, 128, 128],
      [0, 0, 0],
    ],
  ];
  for (const [yuv, rgb] of bars) {
    const got = rgbOf(yuv);
    assert.ok(
      got.every((value, i) => Math.abs(value - rgb[i]) <= 1),
      `${yuv.join()} is ${got.join()}, not ${rgb.join()}`,
    );
  }
});

test('all of its colours are within two steps of the real formula, and those beyond are clamped', () => {
  for (let y = 0; y < 256; y += 15)
    for (let u = 0; u < 256; u += 15)
      for (let v = 0; v < 256; v += 15) {
        const luma = (255 / 219) * (y - 16),
          blue = (255 / 224) * (u - 128),
          red = (255 / 224) * (v - 128);
        const exact = [
          luma + 1.402 * red,
          luma - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587,
          luma + 1.772 * blue,
        ];
        rgbOf([y, u, v]).forEach((value, i) =>
          assert.ok(
            Math.abs(value - Math.max(0, Math.min(255, exact[i]))) < 2,
            `channel ${i} of ${y}, ${u}, ${v} is ${value}, not ${exact[i]}`,
          ),
        );
      }
});

test('two neighbours share their colour, and have a brightness of their own', () => {
  const model = imageModel(4, 2, Color.gray),
    gray = [16, 60, 90, 120, 150, 180, 210, 235];
  writeImage(model, Uint8Array.from(gray.flatMap((y) => [y, 128])), 4, 2, PixelFormat.yuv422);
  pixelsOf(model).forEach((value, i) =>
    assert.ok(Math.abs(value - ((gray[i] - 16) * 255) / 219) < 2, `pixel ${i} is ${value}`),
  );
});

test.run();
