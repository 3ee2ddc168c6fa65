/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import type { IntGraph } from '../../host/graph';
import { importTflite } from '../../host/import/tflite/import';
import { fileChecksum } from '../../src/checksum';
import { FlintError } from '../../src/error';
import { Header } from '../../src/format';
import { load, run } from '../../src/model';
import { runWatched } from '../support/guard';
import { withWeights } from '../support/network';
import { Random } from '../support/random';
import { testIf } from '../support/skip';
import { smallModel } from '../support/small-model';
import { build, models } from '../support/tflite-models';

// Damaged ONNX files: see import/onnx-damaged.test.ts.

/** A copy with a few bytes or words changed, sometimes cut. */
function damaged(random: Random, original: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = random.below(8) === 0 ? random.below(original.length) : original.length,
    copy = new Uint8Array(original.slice(0, length)),
    view = new DataView(copy.buffer);
  for (let n = random.between(1, 4); n > 0 && length; n--) {
    const at = random.below(length),
      word = at & ~3;
    if (random.below(2) || word + 4 > length) copy[at] = random.pick([0, 1, 2, 127, 128, 255]);
    else
      view.setInt32(
        word,
        random.pick([random.below(2 ** 31), -1, 2 ** 31 - 1, random.below(100), -(2 ** 31)]),
        true,
      );
  }
  return copy;
}

/**
 * @returns how many of `count` damaged files were taken; every other must have been refused with a FlintError
 */
function survivors(
  count: number,
  seed: number,
  files: Uint8Array[],
  use: (bytes: Uint8Array<ArrayBuffer>) => void,
): number {
  const random = new Random(seed);
  let taken = 0;
  for (let n = 0; n < count; n++) {
    const bytes = damaged(random, random.pick(files));
    try {
      use(bytes);
      taken++;
    } catch (error) {
      assert.instance(error, FlintError, `file ${n}: ${(error as Error).stack}`);
    }
  }
  return taken;
}

/** Steps of models of which every access to memory is watched, which takes long. */
const SMALL = 3000;

/** The same with most weights 0, or of 4 bits with zero points. */
const thinned = (graph: IntGraph): IntGraph => withWeights(graph, (w, i) => (i % 7 ? 0 : w));
const narrowed = (graph: IntGraph): IntGraph => withWeights(graph, (w) => (w >> 4) + 4);

test('4,000 damaged .tflite files: a graph that packs, or an error that says what is wrong', () => {
  const files = Object.keys(models).map((title) => build(title).bytes),
    before = process.memoryUsage().rss;
  const taken = survivors(4000, 5, files, (bytes) => void packGraph(importTflite(bytes, 'damaged')));
  assert.ok(taken > 200 && taken < 3900, `${taken} were taken`);
  assert.ok(process.memoryUsage().rss - before < 1e9, 'no wild allocation');
});

const real = ['kws_ref_model', 'pretrainedResnet_quant'].map(
  (name) => `../shared/models/tflite/${name}/model.tflite`,
);
testIf(real.every(existsSync), `${real.join(', ')} are not there`)('damaged real .tflite files', () => {
  const files = real.map((path) => new Uint8Array(readFileSync(path)));
  survivors(150, 6, files, (bytes) => void importTflite(bytes, 'damaged'));
});

test('4,000 files that are not models at all', () => {
  const random = new Random(7),
    noise = Array.from({ length: 50 }, () => new Uint8Array(random.bytes(random.between(0, 600)).buffer));
  for (const bytes of noise) if (bytes.length > 8) bytes.set([84, 70, 76, 51], 4); // the identifier TFL3
  const fromTflite = survivors(2000, 8, noise, (bytes) => void importTflite(bytes, 'noise')),
    loaded = survivors(2000, 9, noise, (bytes) => void load(bytes.buffer));
  assert.equal([fromTflite, loaded], [0, 0]);
});

test('9,000 damaged .flint files, sealed again: a model that runs, or an error', () => {
  const graphs = Object.keys(models).map((title) => importTflite(build(title).bytes, title));
  const variants = (graph: IntGraph): IntGraph[] => [graph, thinned(graph), narrowed(graph)];
  const files = [
    smallModel(),
    ...graphs.flatMap(variants).map((graph) => packGraph(graph, { aim: 'size', labels: ['a'] }).file),
  ];
  const taken = survivors(9000, 10, files, (bytes) => {
    const words = new Int32Array(bytes.buffer, 0, bytes.length >> 2);
    if (words.length > Header.words) {
      words[Header.fileBytes] = bytes.length;
      words[Header.checksum] = fileChecksum(words, Header.checksum + 1, words.length);
    }
    const model = load(bytes.buffer);
    if (model.words[Header.work] < SMALL) runWatched(model);
    else run(model);
  });
  assert.ok(taken > 1000 && taken < 8900, `${taken} were taken`);
});

test('a flatbuffer whose tables all point at one long vector is not read over and over', () => {
  const { bytes } = build('LOGISTIC'),
    big = new Uint8Array(400_000);
  big.set(bytes);
  // Every offset vector of the file becomes as long as the file allows: the reader's budget ends it.
  const view = new DataView(big.buffer);
  for (let at = 8; at + 4 < bytes.length; at += 4)
    if (view.getInt32(at, true) === 10) view.setInt32(at, 90_000, true);
  assert.throws(
    () => importTflite(big, 'greedy'),
    (error: Error) => error instanceof FlintError,
  );
});

test.run();
