/// <reference types="node" />
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PixelFormat } from '../../src/image';
import { openImages } from '../../host/images/set';
import { fails, idx, labels, npy, numbers, save, work } from './support';

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

test.run();
