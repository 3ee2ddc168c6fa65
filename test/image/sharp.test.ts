/// <reference types="node" />
import { Buffer } from 'node:buffer';
import sharp, { type Sharp } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Color, Fit } from '../../src/format';
import { PixelFormat, writeImage, type Rotation } from '../../src/image';
import { Random } from '../support/random';
import { imageModel, pixelsOf } from './image-model';

const width = 13,
  height = 7,
  random = new Random(9),
  pixels = Uint8Array.from({ length: width * height * 3 }, () => random.below(256));

/** What sharp makes of it; it would mirror first, were it told both at once. */
const edited = (image: Buffer, size: [number, number], edit: (image: Sharp) => Sharp): Promise<Buffer> =>
  edit(sharp(image, { raw: { width: size[0], height: size[1], channels: 3 } }))
    .raw()
    .toBuffer();

for (const rotation of [0, 90, 180, 270] as Rotation[])
  for (const mirror of [false, true])
    test(`${rotation} degrees${mirror ? ', mirrored' : ''}: as sharp turns images`, async () => {
      const size: [number, number] = rotation % 180 ? [height, width] : [width, height],
        turned = await edited(Buffer.from(pixels), [width, height], (image) => image.rotate(rotation)),
        expected = mirror ? await edited(turned, size, (image) => image.flop()) : turned;
      const whole = imageModel(...size, Color.rgb, undefined, Fit.stretch),
        small = imageModel(5, 4, Color.gray);
      writeImage(whole, pixels, width, height, PixelFormat.rgb888, rotation, mirror);
      assert.equal(pixelsOf(whole), [...expected]);
      writeImage(small, pixels, width, height, PixelFormat.rgb888, rotation, mirror);
      const got = pixelsOf(small);
      writeImage(small, expected, ...size, PixelFormat.rgb888);
      assert.equal(got, pixelsOf(small));
    });

test.run();
