import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Color, Fit, Resize } from '../../src/format';
import { PixelFormat, writeImage, type Rotation } from '../../src/image';
import { Random } from '../support/random';
import { imageModel, pixelsOf } from './image-model';

const rotations: Rotation[] = [0, 90, 180, 270];

/** An image of three bytes a pixel. */
interface Rgb {
  width: number;
  height: number;
  pixels: Uint8Array;
}

const noise = (random: Random, width: number, height: number): Rgb => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, () => random.below(256)),
});

/** The image whose pixel (x, y) is the given one of this. */
function moved(
  { width, pixels }: Rgb,
  size: [number, number],
  from: (x: number, y: number) => [number, number],
): Rgb {
  const made = new Uint8Array(size[0] * size[1] * 3);
  for (let y = 0; y < size[1]; y++)
    for (let x = 0; x < size[0]; x++) {
      const [column, row] = from(x, y),
        at = (row * width + column) * 3;
      made.set(pixels.subarray(at, at + 3), (y * size[0] + x) * 3);
    }
  return { width: size[0], height: size[1], pixels: made };
}

/** By 90 degrees clockwise: the left column, from its bottom, becomes the upper row. */
const turned = (image: Rgb): Rgb =>
  moved(image, [image.height, image.width], (x, y) => [y, image.height - 1 - x]);

const mirrored = (image: Rgb): Rgb =>
  moved(image, [image.width, image.height], (x, y) => [image.width - 1 - x, y]);

function upright(image: Rgb, rotation: Rotation, mirror: boolean): Rgb {
  for (let angle = 0; angle < rotation; angle += 90) image = turned(image);
  return mirror ? mirrored(image) : image;
}

/** The format's bytes of the image. */
const bytesOf = {
  [PixelFormat.gray]: (pixels: number[][]) => pixels.map(([r]) => r),
  [PixelFormat.rgb888]: (pixels: number[][]) => pixels.flat(),
  [PixelFormat.rgb565le]: (pixels: number[][]) => pixels.flatMap(([r, g]) => [r, g]),
  [PixelFormat.rgb565be]: (pixels: number[][]) => pixels.flatMap(([r, g]) => [g, r]),
};

test('every format, however it is turned and mirrored, gives what the upright image gives', () => {
  const random = new Random(5);
  for (const format of [PixelFormat.gray, PixelFormat.rgb888, PixelFormat.rgb565le, PixelFormat.rgb565be])
    for (const rotation of rotations)
      for (const mirror of [false, true])
        for (const resize of [Resize.nearest, Resize.bilinear])
          for (const fit of [Fit.cover, Fit.stretch]) {
            const model = imageModel(random.between(1, 9), random.between(1, 9), Color.rgb, resize, fit),
              image = noise(random, random.between(1, 12), random.between(1, 12)),
              wanted = upright(image, rotation, mirror);
            const write = (
              { width, height, pixels }: Rgb,
              rotation?: Rotation,
              mirror?: boolean,
            ): number[] => {
              const triples = Array.from({ length: width * height }, (_, i) => [
                ...pixels.subarray(i * 3, i * 3 + 3),
              ]);
              writeImage(
                model,
                Uint8Array.from(bytesOf[format](triples)),
                width,
                height,
                format,
                rotation,
                mirror,
              );
              return pixelsOf(model);
            };
            const got = write(image, rotation, mirror);
            assert.equal(got, write(wanted), `format ${format}, ${rotation} degrees, mirror ${mirror}`);
          }
});

test('yuv422: a pixel keeps its colour, however it is turned', () => {
  const random = new Random(6);
  for (const rotation of rotations)
    for (const mirror of [false, true]) {
      const width = random.between(1, 6) * 2,
        height = random.between(1, 9),
        yuv = Uint8Array.from({ length: width * height * 2 }, () => random.below(256));
      // As it lies, it is an image in RGB, which then is turned.
      const flat = imageModel(width, height, Color.rgb);
      writeImage(flat, yuv, width, height, PixelFormat.yuv422);
      const pixels = Uint8Array.from(pixelsOf(flat)),
        model = imageModel(7, 5, Color.rgb);
      writeImage(model, pixels, width, height, PixelFormat.rgb888, rotation, mirror);
      const wanted = pixelsOf(model);
      writeImage(model, yuv, width, height, PixelFormat.yuv422, rotation, mirror);
      assert.equal(pixelsOf(model), wanted, `${width} x ${height}, ${rotation} degrees, mirror ${mirror}`);
    }
});

test.run();
