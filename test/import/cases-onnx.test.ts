/// <reference types="node" />
/** Float ONNX files as exporters write them, which must pack and agree with ONNX Runtime. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { test } from 'uvu';
import { quantizeConstant } from '../../host/quantize/constants';
import { agreement, agreementOnImages, packed, type Agreement } from '../support/agreement';
import { npy } from '../support/npy';
import { Random } from '../support/random';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';

const cases = '../shared/cases',
  testCase = testIf(existsSync(cases), `${cases} is not there`),
  images = ['images-gray', 'images-rgb', 'test-images-rgb'].map((name) => join(cases, name));

function isNear({ decibels, top1 }: Agreement): void {
  assert.ok(
    decibels >= 30 || top1 >= 0.95,
    `${decibels.toFixed(1)} dB, the same top class on ${(100 * top1).toFixed(1)} %`,
  );
}

const gray = { 'input-size': '16x16', color: 'gray', calibration: images[0] },
  rgb = { 'input-size': '24x24', color: 'rgb', calibration: images[1] };

for (const [name, flags] of [
  ['onnx-dynamic-batch-flatten/gather', gray],
  ['onnx-ir-version-10/ir10', gray],
  ['onnx-ir-version-10/ir9', gray],
  ['onnx-nhwc-input/model', gray],
  ['onnx-normalization-inside/model', gray],
  ['onnx-opset-10/opset10', gray],
  ['onnx-opset-10/opset11', gray],
  ...[
    'hardswish_decomposed',
    'hardswish_op',
    'leakyrelu',
    'mul_const',
    'prelu',
    'sigmoid_head',
    'slice_focus',
    'sub',
    'tanh',
  ].map((file) => [`onnx-operators-the-device-has/${file}`, rgb] as const),
] as const)
  testCase(name, async () => isNear(await agreementOnImages(join(cases, `${name}.onnx`), flags, images)));

testCase('onnx-vector-input/model', async () => {
  const path = join(cases, 'onnx-vector-input/model.onnx'),
    random = new Random(4),
    samples = Array.from({ length: 40 }, () => random.reals(64)),
    calibration = join(temporaryFolder(), 'x.npy');
  writeFileSync(calibration, npy([40, 64], samples));
  const model = await packed(path, { calibration }),
    { graph } = model.lowered,
    { quantization } = graph.tensors.get(graph.inputs[0])!;
  isNear(
    await agreement(
      path,
      model,
      samples.map((x) => [quantizeConstant(x, quantization!)]),
    ),
  );
});

test.run();
