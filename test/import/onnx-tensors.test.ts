/// <reference types="node" />
/** Models that take no images, calibrated on arrays of their inputs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elements } from '../../host/graph';
import { quantizeConstant } from '../../host/quantize/constants';
import { viewed } from '../../host/view';
import { FlintError } from '../../src/error';
import { agreement, packed } from '../support/agreement';
import { npy } from '../support/npy';
import { conv, flat, gemm } from '../support/onnx';
import { OnnxBuilder } from '../support/onnx-builder';
import { Random } from '../support/random';
import { temporaryFolder } from '../system/folder';

const SAMPLES = 24;

/** A model in a folder, and arrays of samples for its inputs. */
interface Written {
  path: string;
  /** What --calibration names. */
  calibration: string;
  samples: Float32Array[][];
}

/** Writes a model, and for each input random samples [n, ...] in ONNX's order. */
function written(bytes: Uint8Array, inputs: Record<string, number[]>): Written {
  const folder = temporaryFolder(),
    path = join(folder, 'model.onnx'),
    random = new Random(11),
    names = Object.keys(inputs),
    calibration = names.length > 1 ? join(folder, 'samples') : join(folder, 'x.npy');
  writeFileSync(path, bytes);
  if (names.length > 1) mkdirSync(calibration);
  const lists = names.map((name) => {
    const list = Array.from({ length: SAMPLES }, () => random.reals(elements(inputs[name]), 2)),
      file = names.length > 1 ? join(calibration, `${name}.npy`) : calibration;
    writeFileSync(file, npy([SAMPLES, ...inputs[name].slice(1)], list));
    return list;
  });
  return { path, calibration, samples: lists[0].map((_, k) => lists.map((list) => list[k])) };
}

/** Packs it, and compares what it gives for the samples with ONNX Runtime. */
async function agrees({ path, calibration, samples }: Written): Promise<void> {
  const model = await packed(path, { calibration }),
    { inputs, tensors } = model.lowered.graph;
  const int8 = samples.map((sample) =>
      sample.map((values, i) => {
        const { view, quantization } = tensors.get(inputs[i])!;
        return quantizeConstant(viewed(values, view), quantization!);
      }),
    ),
    { decibels } = await agreement(path, model, int8);
  assert.ok(decibels > 30, `${decibels} dB`);
}

for (const channels of [2, 4, 7])
  test(`an image of ${channels} channels`, () => {
    const shape = [1, channels, 6, 5],
      b = new OnnxBuilder(shape);
    return agrees(written(b.finish(b.node('Relu', [conv(b, 'x', channels, 8, {}, [3, 3])])), { x: shape }));
  });

test('a vector', () => {
  const b = new OnnxBuilder([1, 20]);
  return agrees(written(b.finish(b.node('Tanh', [gemm(b, 'x', 20)])), { x: [1, 20] }));
});

test('an image and a vector, two outputs', () => {
  const b = new OnnxBuilder([1, 2, 4, 4]),
    side = b.input('side', [1, 6]),
    seen = gemm(b, flat(b, b.node('Relu', [conv(b, 'x', 2, 8)])), 128),
    scores = b.node('Add', [seen, gemm(b, side, 6)]);
  return agrees(written(b.finish(scores, b.node('Sigmoid', [seen])), { x: [1, 2, 4, 4], side: [1, 6] }));
});

test('what does not fit is refused, and the message says what is needed', async () => {
  const b = new OnnxBuilder([1, 20]),
    side = b.input('side', [1, 6]),
    { path, calibration } = written(b.finish(b.node('Add', [gemm(b, 'x', 20), gemm(b, side, 6)])), {
      x: [1, 20],
      side: [1, 6],
    });
  const refused = async (why: RegExp, flags: Record<string, string>): Promise<void> => {
    const error: unknown = await packed(path, flags).catch((e: unknown) => e);
    assert.instance(error, FlintError);
    assert.match((error as FlintError).message, why);
  };
  await refused(
    /needs calibration: .* a folder with such a file for each input: x \[n, .*\], side \[n, 6\]/,
    {},
  );
  await refused(/the model has 2 inputs; give a folder with a .npy file for each: x.npy, side.npy/, {
    calibration: join(calibration, 'x.npy'),
  });
  await refused(/the model has 2 inputs \(x, side\), the recipe one image/, {
    calibration,
    'input-size': '4x5',
  });
  writeFileSync(join(calibration, 'side.npy'), npy([SAMPLES, 5], [new Float32Array(SAMPLES * 5)]));
  await refused(/side.npy: its shape is \[24, 5\]; \[n, 6\] is needed/, { calibration });
  writeFileSync(join(calibration, 'side.npy'), npy([3, 6], [new Float32Array(18)]));
  await refused(/24 samples of x, but 3 of side/, { calibration });
});

test.run();
