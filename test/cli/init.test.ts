/// <reference types="node" />
import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { fails, succeeds } from './command';

const cases = '../shared/cases/recipe-wrong-scale-no-warning';
const testOnCases = testIf(existsSync(cases), `${cases} is not there`);

/** A folder with the float model of fashion. */
function folderWithModel(): string {
  const folder = temporaryFolder();
  copyFileSync('models/fashion/fashion.onnx', join(folder, 'net.onnx'));
  return folder;
}

test('what cannot be known is refused where nobody can be asked', () => {
  const net = join(folderWithModel(), 'net.onnx');
  fails(
    ['init', net],
    /What is taken from pixels of 0 to 255\? --mean tells; on a terminal it would be asked/,
  );
  fails(['init', net, '--mean', '0', '--std', '255'], /Which folder has images .*\? --calibration tells/);
  fails(
    ['init', net, '--mean', '0', '--std', '255', '--color', 'rgb'],
    /--color rgb: the model takes 1 channels/,
  );
  assert.not(existsSync(join(net, '../model.json')));
});

test('a model.json is written that packs, with what lies beside the model', () => {
  const folder = folderWithModel();
  cpSync('models/fashion/samples', join(folder, 'calibration'), { recursive: true });
  copyFileSync('models/fashion/labels.txt', join(folder, 'labels.txt'));
  const line = ['init', join(folder, 'net.onnx'), '--mean', '0', '--std', '255'];
  assert.match(succeeds(line), /written to +.*model\.json\n +next +flint pack/);
  const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(json.input, { width: 28, height: 28, color: 'gray', mean: 0, std: 255 });
  assert.equal([json.source, json.labels], ['net.onnx', 'labels.txt']);
  assert.ok((json['//'] as string[]).some((comment) => comment.includes('10 classes')));
  assert.ok(existsSync(join(folder, json.$schema as string)));
  succeeds(['pack', folder]);
  assert.match(succeeds(['run', folder, 'models/fashion/samples/1-trouser.png']), /Trouser/);
  fails(line, /model\.json: it is there already; --force writes over it/);
  succeeds([...line, '--force']);
});

testOnCases('of an int8 model mean and std are read off its input', () => {
  const folder = temporaryFolder();
  copyFileSync(join(cases, 'model.tflite'), join(folder, 'net.tflite'));
  assert.match(succeeds(['init', join(folder, 'net.tflite')]), /guessed +mean 0, std 1: /);
  succeeds(['pack', folder]);
});

test('what is no model is told', () => {
  fails(['init', 'models'], /models: this is a folder; name the \.onnx or \.tflite file/);
  const broken = join(temporaryFolder(), 'x.onnx');
  writeFileSync(broken, 'no');
  fails(['init', broken], /x\.onnx: /);
});

test.run();
