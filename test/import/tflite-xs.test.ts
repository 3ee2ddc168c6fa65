/// <reference types="node" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { importTflite } from '../../host/import/tflite/import';
import { inTemporaryFolder, runXS } from '../../host/xs/run';
import { test } from 'uvu';
import { golden } from '../support/tflite-golden';
import { build, models } from '../support/tflite-models';
import { testOnXS } from '../support/xs';

/** A model's file with its inputs as the golden test's. */
function packed(title: string): Uint8Array {
  const { bytes, inputs } = build(title);
  return packGraph(importTflite(bytes, title), { golden: Int8Array.from(inputs.flatMap((x) => [...x])) })
    .file;
}

// The library is in ROM, the models in flash, as on a device.
testOnXS("every golden model gives TensorFlow Lite Micro's outputs on the XS engine", () =>
  inTemporaryFolder(async (folder) => {
    const titles = Object.keys(models),
      resources = Object.fromEntries(titles.map((_, i) => [`${i}.flint`, join(folder, `${i}.flint`)]));
    titles.forEach((title, i) => writeFileSync(resources[`${i}.flint`], packed(title)));
    const { code, stdout, stderr } = await runXS(readFileSync('dist/xs/golden.js', 'utf8'), {
      resources,
      preload: 'dist/xs/library.js',
      ram: 1 << 22,
    });
    assert.is(code, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.is(lines.length, titles.length);
    titles.forEach((title, i) => assert.is(lines[i], golden[title].join(' '), title));
  }),
);

test.run();
