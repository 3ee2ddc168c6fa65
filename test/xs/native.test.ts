import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FlintError } from '../../src/error';
import { PixelFormat } from '../../src/image';
import { load, type Model } from '../../src/model';
import { native, type Native } from '../../src/native/native';
import { smallModel } from '../support/small-model';

/** Calls the binding as no JavaScript of ours does. */
function refused(call: (native: Native, model: Model) => void, message: RegExp): void {
  if (!native) return;
  const model = load(smallModel().buffer);
  assert.throws(
    () => call(native!, model),
    (error: Error) => error instanceof RangeError && message.test(error.message),
  );
}

test('a model says who runs its kernels', () => {
  assert.is(load(smallModel().buffer).engine, native ? 'compiled' : 'interpreted');
});

test('compiled kernels of other sources than the JavaScript are refused', () => {
  if (!native) return;
  const { version } = native;
  native.version = () => version() + 1;
  try {
    assert.throws(
      () => load(smallModel().buffer),
      (error: Error) => error instanceof FlintError && /are of other sources/.test(error.message),
    );
  } finally {
    native.version = version;
  }
});

test('a model works in one block outside the heaps of XS, and where none is free that is so large it is refused', () => {
  if (!native) return;
  const { allocate, largestBlock } = native,
    asked: number[] = [];
  native.allocate = (bytes) => void asked.push(bytes);
  native.largestBlock = () => 100;
  try {
    assert.throws(
      () => load(smallModel().buffer),
      (error: Error) =>
        error instanceof FlintError &&
        error.message.includes(
          `needs ${asked[0]} bytes of RAM in one block, the largest that is free has 100`,
        ),
    );
  } finally {
    Object.assign(native, { allocate, largestBlock });
  }
  const { arena, scratch } = load(smallModel().buffer);
  assert.is(arena.length + scratch!.length, asked[0]);
  assert.is(arena.buffer, scratch!.buffer);
});

test('blocks are of zeros, stay where they are, and are free again when nothing holds them', () => {
  if (!native) return;
  assert.is(native.allocate(2 ** 31 - 1), undefined); // after a collection
  assert.throws(() => native!.allocate(-1), /less than nothing/);
  assert.throws(() => native!.allocate(2 ** 31), /less than nothing/);
  const most = native.largestBlock() - 4096;
  for (let round = 0; round < 3; round++) {
    const block = new Int8Array(native.allocate(most)!);
    assert.equal([block.length, block[0], block[most - 1]], [most, 0, 0]);
    block[0] = block[most - 1] = 7;
    for (let i = 0; i < 100; i++) new ArrayBuffer(1024); // garbage, for a collection
    assert.equal([block[0], block[most - 1]], [7, 7]);
  }
});

test('the binding takes no buffer that is too small, and no operator that is not there', () => {
  refused((n, { arena, scratch }) => n.run(new ArrayBuffer(8), arena, scratch!, 0), /not a model file/);
  refused(
    (n, { file, arena, scratch }) => n.run((file as ArrayBuffer).slice(0, 100), arena, scratch!, 0),
    /not a model file/,
  );
  refused(
    (n, { file, arena, scratch }) => n.run(file, arena.subarray(1), scratch!, 0),
    /the arena is too small/,
  );
  refused((n, { file, arena }) => n.run(file, arena, new Int8Array(64), 0), /the scratch is too small/);
  for (const index of [-1, 1000, 2 ** 31])
    refused((n, { file, arena, scratch }) => n.run(file, arena, scratch!, index), /no such operator/);
  refused((n, { file, arena }) => n.writeGolden(file, arena.subarray(1)), /the arena is too small/);
  refused((n, { arena }) => void n.crc32(arena, 0, arena.length + 1), /outside the buffer/);
  refused((n, { arena }) => void n.crc32(arena, -1, 1), /outside the buffer/);
});

test('an image is read and written within its buffers', () => {
  const pixels = new Uint8Array(4),
    input = new Int8Array(1 << 16);
  const image = (n: Native, m: Model, offset: number, width: number, format = 0, orientation = 0): void =>
    n.resample(m.file, offset, pixels, width, 2, format, orientation, input);
  refused((n, m) => image(n, m, m.file.byteLength - 8, 2), /recipe lies outside/);
  refused((n, m) => image(n, m, 2, 2), /recipe lies outside/);
  refused((n, m) => image(n, m, 0, 3), /no such image/);
  for (const format of [-1, PixelFormat.rgb565be, PixelFormat.yuv422 + 1])
    refused((n, m) => image(n, m, 0, 2, format), /no such image/);
  refused((n, m) => image(n, m, 0, 1, PixelFormat.yuv422), /no such image/); // of the right size, but odd
  for (const orientation of [-1, 8]) refused((n, m) => image(n, m, 0, 2, 0, orientation), /no such image/);
  refused((n, m) => image(n, m, 0, 2), /the input is too small/); // the header is no recipe
});

test.run();
