/// <reference types="node" />
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { importTflite } from '../../host/import/tflite/import';
import { NoCompilerError } from '../../host/xs/build';
import { runXS } from '../../host/xs/run';
import { hex } from '../../src/checksum';
import { load, runTraced } from '../../src/model';

const folder = '../shared/models/tflite/';
/** Arena bytes that TensorFlow Lite Micro itself needs. */
const microArena: Record<string, number> = { kws_ref_model: 22892, person_detect: 82396, pretrainedResnet_quant: 54460 };

/** For each input, the CRCs of all operators' outputs but those of reshapes, which are no operators here. */
function goldenCrcs(path: string): string[][] {
  const result: string[][] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [input, , name, , , crc] = line.split(' ');
    if (crc && name !== 'RESHAPE') (result[Number(input)] ??= []).push(crc);
  }
  return result;
}

const packed = (bytes: Uint8Array, name: string) => packGraph(importTflite(bytes, name));

for (const [name, arena] of Object.entries(microArena)) {
  const path = `${folder}${name}/model.tflite`;
  if (!existsSync(path)) {
    console.log(`SKIPPED: ${path} is not there`);
    continue;
  }
  const bytes = new Uint8Array(readFileSync(path));

  test(`${name}: smaller than the .tflite, with no more arena than TensorFlow Lite Micro needs`, () => {
    const { file, arena: { arenaBytes } } = packed(bytes, name);
    assert.ok(file.length <= bytes.length, `${file.length} bytes against ${bytes.length}`);
    assert.ok(arenaBytes <= arena, `${arenaBytes} bytes of arena against ${arena}`);
  });

  test(`${name}: the same on the real XS engine`, async () => {
    const { file } = packed(bytes, name), path = join(tmpdir(), `${name}-${process.pid}.flint`);
    writeFileSync(path, file);
    try {
      // The golden input is random input 0, and the device app traces what it gives.
      const { stdout } = await runXS(readFileSync('dist/xs/app.js', 'utf8'), { resources: { 'model.flint': path }, preload: 'dist/xs/library.js', ram: 1 << 22 });
      assert.equal([...stdout.matchAll(/^ {2}([0-9a-f]{8}) {2}\d+ /gm)].map((m) => m[1]), goldenCrcs(`${folder}${name}/tensor_crc.txt`)[0]);
      assert.match(stdout, /self-test passed/);
    } catch (error) {
      if (!(error instanceof NoCompilerError)) throw error;
      console.log(`SKIPPED: ${name} on XS: ${error.message}`);
    } finally {
      rmSync(path);
    }
  });

  for (const part of ['', 'real/']) {
    if (!existsSync(`${folder}${name}/${part}tensor_crc.txt`)) continue;
    test(`${name}: every operator's output is TensorFlow Lite Micro's, for all ${part || 'random '}inputs`, () => {
      const { file } = packed(bytes, name);
      const model = load(file.buffer), inputs = new Int8Array(readFileSync(`${folder}${name}/${part}inputs.bin`));
      const golden = goldenCrcs(`${folder}${name}/${part}tensor_crc.txt`), size = model.inputs[0].length;
      assert.is(golden.length, inputs.length / size);
      golden.forEach((expected, i) => {
        model.inputs[0].set(inputs.subarray(i * size, (i + 1) * size));
        const crcs: string[] = [];
        runTraced(model, (_, crc) => crcs.push(hex(crc)));
        assert.equal(crcs, expected, `input ${i}`);
      });
    });
  }
}

test.run();
