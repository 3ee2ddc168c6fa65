/// <reference types="node" />
/**
 * Models that normalize their images themselves, in front of a convolution that pads: packed, they agree with
 * what ONNX Runtime makes of the whole model and of the image's own pixels.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Packed } from '../host/finish';
import { decode } from '../host/images/decode';
import { load, run, writeImage } from '../host/index';
import { packed } from './support/agreement';
import { conv, flat } from './support/onnx';
import { OnnxBuilder } from './support/onnx-builder';
import { Random } from './support/random';
import { succeeds } from './cli/command';
import { newFolder, temporaryFolder } from './system/folder';

const SIZE = 12,
  PIXELS = SIZE * SIZE,
  work = temporaryFolder(),
  folder = newFolder(work),
  images = Array.from({ length: 20 }, (_, i) => join(folder, `0-${i}.png`));

test.before(async () => {
  const random = new Random(6);
  for (const path of images) {
    const few = Uint8Array.from({ length: 27 }, () => random.below(256));
    await sharp(few, { raw: { width: 3, height: 3, channels: 3 } })
      .resize(SIZE, SIZE, { kernel: 'nearest' })
      .png()
      .toFile(path);
  }
});

/** What a model makes of x before its first layer. */
type Normalization = (b: OnnxBuilder, x: string) => string;

/** A network of one convolution. @param last whether its image has its channels last */
function network(normalization: Normalization, pad = 1, last = false): Uint8Array {
  const b = new OnnxBuilder(last ? [1, SIZE, SIZE, 3] : [1, 3, SIZE, SIZE]),
    layer = b.node('Relu', [conv(b, normalization(b, 'x'), 3, 8, { pads: [pad, pad, pad, pad] }, [3, 3])]);
  return b.finish(
    b.node('Gemm', [flat(b, b.node('GlobalAveragePool', [layer])), b.floats([8, 5], undefined, 8)]),
  );
}

/** How an image becomes the model's input: what the options say. */
interface Sight {
  mean: number[];
  std: number[];
  color: 'rgb' | 'bgr';
}

const plain: Sight = { mean: [0, 0, 0], std: [255, 255, 255], color: 'rgb' };

/** Packs a network with a recipe. */
async function pack(bytes: Uint8Array, sight = plain): Promise<{ path: string; model: Packed }> {
  const path = join(newFolder(work), 'net.onnx'),
    [mean, std] = [sight.mean, sight.std].map((values) => values.join());
  writeFileSync(path, bytes);
  const flags = { 'input-size': `${SIZE}x${SIZE}`, color: sight.color, mean, std, calibration: folder };
  return { path, model: await packed(path, flags) };
}

/** Decibels between a file and the whole model in float, each on all images. */
async function decibels({ file, lowered: { graph } }: Packed, bytes: Uint8Array, sight: Sight, last = false) {
  const device = load(file.buffer),
    session = await InferenceSession.create(bytes),
    { scale, zeroPoint } = graph.tensors.get(graph.outputs[0])!.quantization!;
  let signal = 0,
    noise = 0;
  for (const path of images) {
    const { pixels, width, height, format } = await decode(path),
      x = new Float32Array(3 * PIXELS);
    for (let p = 0; p < PIXELS; p++)
      for (let c = 0; c < 3; c++) {
        const pixel = pixels[3 * p + (sight.color === 'bgr' ? 2 - c : c)];
        x[last ? 3 * p + c : c * PIXELS + p] = (pixel - sight.mean[c]) / sight.std[c];
      }
    const dims = last ? [1, SIZE, SIZE, 3] : [1, 3, SIZE, SIZE],
      results = await session.run({ x: new Tensor('float32', x, dims) }),
      exact = results[session.outputNames[0]].data as Float32Array;
    writeImage(device, pixels, width, height, format);
    run(device);
    exact.forEach((v, i) => {
      signal += v * v;
      noise += (v - scale * (device.outputs[0][i] - zeroPoint)) ** 2;
    });
  }
  return 10 * Math.log10(signal / noise);
}

const operatorsOf = ({ lowered }: Packed): string[] => lowered.nodes.map(({ operator }) => operator),
  layers = ['conv2d', 'averagePool2d', 'fullyConnected'];

const means = [0.485, 0.456, 0.406],
  stds = [0.229, 0.224, 0.225];

const perChannel: Normalization = (b, x) =>
    b.node('Div', [b.node('Sub', [x, b.floats([3, 1, 1], means)]), b.floats([3, 1, 1], stds)]),
  lastChannel: Normalization = (b, x) =>
    b.node('Div', [b.node('Sub', [x, b.floats([3], means)]), b.floats([3], stds)]),
  batchNorm: Normalization = (b, x) =>
    b.node('BatchNormalization', [
      x,
      ...[[1, 2, 1.5], [0.1, 0, -0.1], means, [0.05, 0.06, 0.07]].map((values) => b.floats([3], values)),
    ]),
  first: Normalization = (b, x) => b.node('Transpose', [x], { perm: [0, 3, 1, 2] });

/** With the mean and std that pixels have in the end, where they are those of one channel. */
const inRecipe: [title: string, Normalization, mean?: number, sight?: Sight, last?: boolean][] = [
  ['Sub and Div for each channel', perChannel, 123.675],
  [
    'Mul and Add of one number',
    (b, x) => b.node('Add', [b.node('Mul', [x, b.float(4)]), b.float(-1)]),
    63.75,
  ],
  ['Div before Sub', (b, x) => b.node('Sub', [b.node('Div', [x, b.float(0.5)]), b.float(1)]), 127.5],
  ['batch normalization', batchNorm],
  [
    'behind a recipe that normalizes, too, on blue, green and red',
    perChannel,
    undefined,
    { mean: [10, 20, 30], std: [200, 210, 220], color: 'bgr' },
  ],
  ['before a Transpose', (b, x) => first(b, lastChannel(b, x)), 123.675, plain, true],
  ['behind a Transpose', (b, x) => perChannel(b, first(b, x)), 123.675, plain, true],
  [
    'with Identity and Cast',
    (b, x) => b.node('Identity', [perChannel(b, b.node('Cast', [x], { to: 1 }))]),
    123.675,
  ],
];
for (const [title, normalization, mean, sight = plain, last] of inRecipe)
  test(`in the recipe: ${title}`, async () => {
    const bytes = network(normalization, 1, last),
      { model } = await pack(bytes, sight);
    assert.equal(operatorsOf(model), layers);
    if (mean !== undefined) assert.is(model.image!.mean[0], mean);
    const dB = await decibels(model, bytes, sight, last);
    assert.ok(dB > 30, `${dB.toFixed(1)} dB`);
  });

/** What stays in the model, and the operators that it takes. */
const inModel: [title: string, Normalization, operators: string[], pad?: number][] = [
  ['in the convolution, which does not pad', perChannel, layers, 0],
  [
    'in the convolution: a factor alone',
    (b, x) => b.node('Mul', [x, b.floats([3, 1, 1], [1, 2, 3])]),
    layers,
  ],
  ['a factor that turns dark into light', (b, x) => b.node('Sub', [b.float(1), x]), ['lookup', ...layers]],
  [
    'channels that differ so much that one scale does not serve them',
    (b, x) => b.node('Div', [b.node('Sub', [x, b.float(0.5)]), b.floats([3, 1, 1], [1, 1, 5])]),
    ['depthwiseConv2d', ...layers],
  ],
  [
    'the image goes another way, too',
    (b, x) => b.node('Add', [x, perChannel(b, x)]),
    ['depthwiseConv2d', 'add', ...layers],
  ],
  [
    'clipped first',
    (b, x) => b.node('Sub', [b.node('Clip', [x, b.float(0.1), b.float(0.9)]), b.float(0.5)]),
    ['lookup', ...layers],
  ],
  [
    "the image's shape is asked for",
    (b, x) => {
      const y = perChannel(b, x);
      return b.node('Reshape', [y, b.node('Shape', [x])]);
    },
    ['depthwiseConv2d', ...layers],
  ],
];
for (const [title, normalization, operators, pad] of inModel)
  test(`not in the recipe: ${title}`, async () => {
    const bytes = network(normalization, pad),
      { model } = await pack(bytes);
    assert.equal(operatorsOf(model), operators);
    assert.equal([model.image!.mean, model.image!.std], [plain.mean, plain.std]);
    const dB = await decibels(model, bytes, plain);
    assert.ok(dB > 25, `${dB.toFixed(1)} dB`);
  });

test('pack says so, and what is compared with the float model afterwards sees what it sees', async () => {
  const { path } = await pack(network(perChannel)),
    file = join(work, 'net.flint'),
    recipe = ['--input-size', `${SIZE}x${SIZE}`, '--calibration', folder],
    about = succeeds(['pack', path, '-o', file, ...recipe]);
  assert.match(about, /\(pixel - 123\.675\/116\.28\/103\.53\) \/ 58\.395\/57\.12\/57\.375/);
  assert.match(about, /the model's own normalization in it/);
  const { agreement, image } = JSON.parse(succeeds(['pack', path, '-o', file, ...recipe, '--json'])) as {
    agreement: { decibels: number };
    image: { normalizes: boolean };
  };
  assert.ok(image.normalizes && agreement.decibels > 30);
  const { images: count, agree } = JSON.parse(
    succeeds(['eval', file, folder, '--float', path, '--json']),
  ) as {
    images: number;
    agree: number;
  };
  assert.is(agree, count);
  const page = join(work, 'page.html');
  succeeds(['report', file, folder, '--float', path, '-o', page]);
  succeeds(['report', path, folder, ...recipe, '-o', page]);
});

test.run();
