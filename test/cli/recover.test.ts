/// <reference types="node" />
/** A float model that plain int8 does not stand for: that is told, and cured where it can be. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decode } from '../../host/images/decode';
import { load, run, writeImage } from '../../host/index';
import { OnnxBuilder } from '../support/onnx-builder';
import { Random } from '../support/random';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { flint, misused, succeeds } from './command';

type Activation = (b: OnnxBuilder, x: string) => string;

const work = temporaryFolder();
const cases = '../shared/cases';
const testOnCases = testIf(existsSync(cases), `${cases} is not there`);

/** Images of a few large random squares. */
async function randomImages(folder: string, count: number, seed: number): Promise<string> {
  const random = new Random(seed);
  mkdirSync(folder);
  for (let i = 0; i < count; i++) {
    const raw = { width: 4, height: 4, channels: 3 } as const;
    const small = sharp(Buffer.from(Uint8Array.from(random.bytes(48), (v) => v + 128)), { raw });
    await small
      .resize(16, 16, { kernel: 'nearest' })
      .png()
      .toFile(join(folder, `${i}.png`));
  }
  return folder;
}

const relu: Activation = (b, x) => b.node('Relu', [x]),
  relu6: Activation = (b, x) => b.node('Clip', [x, b.float(0), b.float(6)]);

/** A convolution of an image with channels of its own reach each; a depthwise one where it has no inputs. */
function layer(
  b: OnnxBuilder,
  x: string,
  outputs: number,
  inputs: number,
  reach: (c: number) => number,
  activation = relu,
) {
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: inputs ? 1 : outputs },
    taps = 9 * (inputs || 1);
  const weights = Array.from({ length: outputs * taps }, (_, i) => {
    const noise = Math.sin(i * 12.9898) * 43758.5453;
    return (noise - Math.floor(noise) - 0.5) * reach(Math.floor(i / taps));
  });
  const names = [
    x,
    b.floats([outputs, inputs || 1, 3, 3], weights),
    b.floats(
      [outputs],
      Array.from({ length: outputs }, (_, c) => 0.01 * Math.min(1, reach(c))),
    ),
  ];
  return activation(b, b.node('Conv', names, attributes));
}

/** Ten classes, from channels whose reaches the weights behind them make up for. */
function head(b: OnnxBuilder, x: string, channels: number, reach: (c: number) => number): Uint8Array {
  const pooled = b.node('Flatten', [b.node('GlobalAveragePool', [x])], { axis: 1 });
  const weights = Array.from({ length: 10 * channels }, (_, i) => Math.sin(i * 7.13) / reach(i % channels));
  return b.finish(b.node('Gemm', [pooled, b.floats([10, channels], weights), b.floats([10])], { transB: 1 }));
}

/** Two branches, the one a thousand times larger, joined. */
function joinedBranches(): Uint8Array {
  const b = new OnnxBuilder([1, 3, 16, 16]);
  const x = layer(b, 'x', 8, 3, () => 1);
  const parts = [layer(b, x, 6, 8, () => 1), layer(b, x, 6, 8, () => 1000)];
  return head(b, b.node('Concat', parts, { axis: 1 }), 12, (c) => (c < 6 ? 1 : 1000));
}

/** Channels of one tensor, each several times larger than the one before. */
function unevenChannels(): Uint8Array {
  const b = new OnnxBuilder([1, 3, 16, 16]);
  return head(
    b,
    layer(b, 'x', 12, 3, (c) => 3 ** c),
    12,
    (c) => 3 ** c,
  );
}

/**
 * The same with ReLU6 and a depthwise layer, as MobileNets have it: all channels but the last, which is clipped,
 * stay below 6.
 */
function belowSix(): Uint8Array {
  const b = new OnnxBuilder([1, 3, 16, 16]),
    reach = (c: number): number => (c === 11 ? 12 : 3 ** (c - 10)),
    x = layer(b, 'x', 12, 3, reach, relu6);
  return head(
    b,
    layer(b, x, 12, 0, () => 1, relu6),
    12,
    reach,
  );
}

/** On how many images a packed file decides as ONNX Runtime does on the float model. */
async function alike(onnx: string, file: string, folder: string): Promise<number> {
  const session = await InferenceSession.create(readFileSync(onnx));
  const model = load(new Uint8Array(readFileSync(file)).buffer);
  const best = (values: ArrayLike<number>): number => {
    const list = Array.from(values);
    return list.indexOf(Math.max(...list));
  };
  let count = 0;
  for (const name of readdirSync(folder)) {
    const { pixels, width, height, format } = await decode(join(folder, name));
    writeImage(model, pixels, width, height, format);
    const planes = new Float32Array(768);
    model.inputs[0].forEach((q, i) => (planes[(i % 3) * 256 + Math.floor(i / 3)] = (q + 128) / 255));
    run(model);
    const result = await session.run({
      [session.inputNames[0]]: new Tensor('float32', planes, [1, 3, 16, 16]),
    });
    count += Number(best(result[session.outputNames[0]].data as Float32Array) === best(model.outputs[0]));
  }
  return count;
}

/** Packs a model for images of 16 x 16. */
const pack = (onnx: string, images: string, ...more: string[]) =>
  flint([
    'pack',
    onnx,
    '-o',
    join(work, 'net.flint'),
    '--input-size',
    '16x16',
    '--calibration',
    images,
    ...more,
  ]);

/** Without recovery a model is bad and that is told; with it most decisions are those of the float model. */
async function isCured(
  onnx: string,
  images: string,
  tests: string,
  fault: RegExp,
  remedy = /equalize/,
): Promise<void> {
  const file = join(work, 'net.flint');
  const before = pack(onnx, images, '--recover', 'none');
  assert.is(before.status, 0, before.stderr);
  assert.match(before.stdout, /^ {2}agreement +[\d.]+ % of decisions, -?[\d.]+ dB, \d+ distinct outputs/m);
  assert.not.match(before.stdout, /recovered/);
  assert.match(before.stderr, /warning: int8 does not stand for the float model\. First at fault: /);
  assert.match(before.stderr, fault);
  const total = readdirSync(tests).length;
  const plain = await alike(onnx, file, tests);
  assert.ok(plain < 0.6 * total, `${plain} of ${total}`);
  const after = pack(onnx, images);
  assert.is(after.status, 0, after.stderr);
  const used = /^ {2}recovered +with (--recover .*): on images set aside/m.exec(after.stdout)?.[1];
  assert.match(used ?? after.stdout, remedy);
  const cured = await alike(onnx, file, tests);
  assert.ok(cured >= 0.85 * total, `${cured} of ${total}, ${plain} without\n${after.stdout}`);
}

const models: Record<string, [bytes: Uint8Array, fault: RegExp, remedy?: RegExp]> = {
  'joined branches of different reach': [joinedBranches(), /conv2d .* shares one scale with a tensor/],
  'channels of different reach': [unevenChannels(), /conv2d .* its channels' ranges differ/],
  'channels of different reach below 6': [
    belowSix(),
    /conv2d .* its channels' ranges differ/,
    /^--recover equalize$/,
  ],
};

for (const [name, [bytes, fault, remedy]] of Object.entries(models))
  test(`${name} do not collapse, and without recovery the layer at fault is named`, async () => {
    const folder = temporaryFolder();
    const onnx = join(folder, 'net.onnx');
    writeFileSync(onnx, bytes);
    const images = await randomImages(join(folder, 'images'), 24, 1);
    await isCured(onnx, images, await randomImages(join(folder, 'tests'), 40, 2), fault, remedy);
  });

testOnCases('models that collapsed without a word are cured', async () => {
  const at = (name: string): string => join(cases, name);
  for (const [name, fault] of [
    ['silent-collapse-depthwise', /depthwiseConv2d/],
    ['silent-constant-output-concat', /shares one scale/],
  ] as const)
    await isCured(join(at(name), 'model.onnx'), at('images-rgb'), at('test-images-rgb'), fault);
});

test('outputs that are mostly noise are mended though decisions are the same', () => {
  const line = ['pack', 'models/fashion', '--no-eval', '-o', join(work, 'four.flint'), '--bits', '4'];
  const dB = (text: string): number => Number(/agreement .* (-?[\d.]+) dB/.exec(text)![1]);
  const plain = succeeds([...line, '--recover', 'none']);
  const mended = succeeds(line);
  assert.match(mended, /recovered +with --recover equalize/);
  assert.match(mended, /without it, first at fault: /);
  assert.ok(dB(mended) >= dB(plain) + 3, `${dB(plain)} dB, then ${dB(mended)}`);
});

test('a model that agrees is not touched, and named ways are taken as they are', () => {
  const line = ['pack', 'models/fashion', '--no-eval', '-o', join(work, 'fashion.flint')];
  const text = succeeds(line);
  assert.match(text, /agreement +100\.00 % of decisions, 3\d\.\d dB/);
  assert.not.match(text, /recovered/);
  assert.not.match(succeeds([...line, '--bits', '2', '--recover', 'mse']), /recovered/);
  misused([...line, '--recover', 'none,gptq'], /--recover takes auto or none alone/);
});

test.run();
