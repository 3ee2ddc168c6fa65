/// <reference types="node" />
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { importTflite } from '../../host/import/tflite/import';
import { inTemporaryFolder, runXS } from '../../host/xs/run';
import { hex } from '../../src/checksum';
import { load, runTraced } from '../../src/model';
import { testIf } from '../support/skip';
import { xsMissing } from '../support/xs';

/** Real models, and the bytes of arena that TensorFlow Lite Micro itself needs for them. */
const models: [name: string, arena: number][] = [
  ['kws_ref_model', 22892],
  ['person_detect', 82396],
  ['pretrainedResnet_quant', 54460],
];

const fileOf = (name: string, file: string): string => `../shared/models/tflite/${name}/${file}`;

function packed(name: string) {
  const bytes = new Uint8Array(readFileSync(fileOf(name, 'model.tflite')));
  return { ...packGraph(importTflite(bytes, name)), tfliteBytes: bytes.length };
}

/**
 * For each input the CRCs of what TensorFlow Lite Micro's operators give, but for reshapes, which are no
 * operators here.
 */
function goldenCrcs(path: string): string[][] {
  const result: string[][] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [input, , operator, , , crc] = line.split(' ');
    if (crc && operator !== 'RESHAPE') (result[Number(input)] ??= []).push(crc);
  }
  return result;
}

for (const [name, arena] of models) {
  const path = fileOf(name, 'model.tflite'),
    missing = existsSync(path) ? '' : `${path} is not there`,
    testShared = testIf(!missing, missing);

  testShared(`${name}: smaller than the .tflite, and no more arena than TensorFlow Lite Micro needs`, () => {
    const { file, arena: own, tfliteBytes } = packed(name);
    assert.ok(file.length <= tfliteBytes, `${file.length} bytes against ${tfliteBytes}`);
    assert.ok(own.arenaBytes <= arena, `${own.arenaBytes} bytes of arena against ${arena}`);
  });

  // The golden input is the first random one, and the device app traces what it gives.
  testIf(!missing && !xsMissing, missing || xsMissing)(`${name}: the device app on the XS engine`, () =>
    inTemporaryFolder(async (folder) => {
      const resource = join(folder, 'model.flint');
      writeFileSync(resource, packed(name).file);
      const { stdout } = await runXS(readFileSync('dist/xs/app.js', 'utf8'), {
        resources: { 'model.flint': resource },
        preload: 'dist/xs/library.js',
        ram: 1 << 22,
      });
      const traced = [...stdout.matchAll(/^ {2}([0-9a-f]{8}) {2}\d+ /gm)].map(([, crc]) => crc);
      assert.equal(traced, goldenCrcs(fileOf(name, 'tensor_crc.txt'))[0]);
      assert.match(stdout, /self-test passed/);
    }),
  );

  for (const inputs of ['random', 'real']) {
    const part = inputs === 'real' ? 'real/' : '',
      crcs = fileOf(name, `${part}tensor_crc.txt`);
    if (inputs === 'real' && !missing && !existsSync(crcs)) continue; // not every model has real images
    testShared(
      `${name}: every operator's output is TensorFlow Lite Micro's, for all ${inputs} inputs`,
      () => {
        const model = load(packed(name).file.buffer),
          values = new Int8Array(readFileSync(fileOf(name, `${part}inputs.bin`))),
          size = model.inputs[0].length,
          golden = goldenCrcs(crcs);
        assert.is(golden.length, values.length / size);
        golden.forEach((expected, i) => {
          model.inputs[0].set(values.subarray(i * size, (i + 1) * size));
          const own: string[] = [];
          runTraced(model, (_, crc) => own.push(hex(crc)));
          assert.equal(own, expected, `input ${i}`);
        });
      },
    );
  }
}

test.run();
