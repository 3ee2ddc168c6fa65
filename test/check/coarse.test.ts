/// <reference types="node" />
/** Outputs that join values of unlike size are told: their scale is that of the large ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packed } from '../support/agreement';
import { npy } from '../support/npy';
import { gemm } from '../support/onnx';
import { OnnxBuilder } from '../support/onnx-builder';
import { Random } from '../support/random';
import { temporaryFolder } from '../system/folder';

const SAMPLES = 24,
  VALUES = 20;

/** What pack says of a model of one vector. */
async function remarksOf(bytes: Uint8Array): Promise<string[]> {
  const folder = temporaryFolder(),
    path = join(folder, 'model.onnx'),
    calibration = join(folder, 'x.npy'),
    random = new Random(11);
  writeFileSync(path, bytes);
  const samples = Array.from({ length: SAMPLES }, () => random.reals(VALUES, 2));
  writeFileSync(calibration, npy([SAMPLES, VALUES], samples));
  return (await packed(path, { calibration })).remarks;
}

/** Boxes in pixels and scores from 0 to 1, as YOLO's heads give them for three anchors. */
function boxesAndScores(b: OnnxBuilder): { boxes: string; scores: string } {
  const part = (): string => b.node('Reshape', [gemm(b, 'x', VALUES), [1, 3, 1]]);
  return { boxes: b.node('Mul', [part(), b.float(200)]), scores: b.node('Sigmoid', [part()]) };
}

test('scores beside boxes in one output are told, and the operator that joins them', async () => {
  const b = new OnnxBuilder([1, VALUES]),
    { boxes, scores } = boxesAndScores(b),
    once = b.node('Concat', [boxes, scores], { axis: 2 }),
    all = b.node('Concat', [once, once], { axis: 1 }),
    remarks = await remarksOf(b.finish(b.node('Reshape', [all, [1, 6, 2]])));
  assert.is(remarks.length, 1);
  assert.match(remarks[0], new RegExp(`joins values of unlike size .*hardly tell those of ${scores} `));
});

test('the same as two outputs, or of like size, are not', async () => {
  const apart = new OnnxBuilder([1, VALUES]),
    { boxes, scores } = boxesAndScores(apart);
  assert.equal(await remarksOf(apart.finish(boxes, scores)), []);
  const alike = new OnnxBuilder([1, VALUES]),
    parts = [boxesAndScores(alike).scores, boxesAndScores(alike).scores];
  assert.equal(await remarksOf(alike.finish(alike.node('Concat', parts, { axis: 2 }))), []);
});

test.run();
