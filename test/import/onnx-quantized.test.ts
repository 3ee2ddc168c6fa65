/// <reference types="node" />
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packed } from '../support/agreement';
import { agrees, model, shared } from '../support/onnx';
import { OnnxBuilder } from '../support/onnx-builder';
import { agreement } from '../support/onnx-quantized';
import { conv, over, qdq, unit } from '../support/qdq-builder';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';

for (const [name, share] of [
  ['seed', 1],
  ['res8', 0.9],
  ['dsf', 0.9],
] as const) {
  const path = shared(`${name}_int8_qdq`);
  testIf(existsSync(path), `${path} is not there`)(
    `${name}: the quantized model gives ONNX Runtime's outputs`,
    async () => {
      const { worst, equal, total } = await agreement(new Uint8Array(readFileSync(path)));
      assert.ok(worst <= 1, `an output differs by ${worst}`);
      assert.ok(equal >= total * share, `${equal} of ${total} outputs are equal`);
    },
  );
}

test('weights alone that are integers, in a float model', async () => {
  for (const zero of [128, 77])
    await agrees(model((b) => conv(b, 'x', 3, 4, { type: 'UINT8', axis: 0, zero })));
});

const images = '../shared/cases/images-rgb';
testIf(existsSync(images), `${images} is not there`)(
  'layers left in float among quantized ones take their ranges from calibration images',
  async () => {
    const b = new OnnxBuilder([1, 3, 16, 16]),
      first = b.node('Relu', [conv(b, qdq(b, 'x', unit('UINT8')), 3, 4)]);
    const path = join(temporaryFolder(), 'partly.onnx');
    writeFileSync(path, b.finish(qdq(b, conv(b, first, 4, 4), over('UINT8', -4, 4))));
    try {
      await packed(path, {});
      assert.unreachable('it was packed without images');
    } catch (error) {
      assert.match((error as Error).message, /Conv_\d+ \(conv2d\)\nquantize them too/);
    }
    const { calibration, lowered } = await packed(path, { 'input-size': '16x16', calibration: images });
    assert.is(calibration!.images, 16);
    const { scale, zeroPoint } = lowered.graph.tensors.get(lowered.graph.nodes[0].output)!.quantization!;
    assert.is(zeroPoint, -128); // of values from zero on
    assert.ok(scale * 255 < 6, `its range ends at ${scale * 255}, far beyond what images give`);
  },
);

test.run();
