/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fails, misused, succeeds } from './command';

const model = 'models/fashion';

test('a model against a board: what it needs, what is there, and what to write into the manifest', () => {
  const text = succeeds(['fit', model, '--board', 'esp32']);
  assert.match(text, /block +11,488 +113,664 +fits/);
  assert.match(text, /about 12 ms an inference, an estimate: 2\.9 million instructions/);
  // What flint pack wrote beside the model.
  const manifest = JSON.parse(readFileSync(join(model, 'device/manifest.json'), 'utf8')) as {
    creation: unknown;
  };
  const creation = /"creation": (\{[^]*?\} \})/.exec(text)![1];
  assert.equal(JSON.parse(creation), manifest.creation);
});

test('without a board there is a line for each', () => {
  const text = succeeds(['fit', model]);
  for (const board of ['esp32', 'esp32s3', 'esp32c3', 'pico', 'pico2'])
    assert.match(text, new RegExp(`^ +${board} +fits `, 'm'));
});

test('as JSON', () => {
  const fit = JSON.parse(succeeds(['fit', model, '--board', 'pico', '--json'])) as Record<string, unknown>;
  assert.equal([fit.board, fit.fits], ['pico', true]);
});

test('a board that is not known, and what has no effect, are told', () => {
  misused(['fit', model, '--board', 'uno'], /--board uno: one of esp32, /);
  fails(['fit', model, '--board', 'pico', '--wifi'], /--wifi has no effect/);
});

test.run();
