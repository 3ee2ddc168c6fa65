/// <reference types="node" />
import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OnnxBuilder } from '../support/onnx-builder';
import { npy } from '../support/npy';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { fails, succeeds } from './command';
import { atTerminal, CTRL_C, CTRL_D, hasTerminal } from './typed';

const cases = '../shared/cases/recipe-wrong-scale-no-warning';
const testOnCases = testIf(existsSync(cases), `${cases} is not there`);
const testAtTerminal = testIf(hasTerminal, 'there is no script command');

type Json = { input?: object; calibration: { images: string } };
const readJson = (folder: string): Json =>
  JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as Json;

/** The mean of each channel of an image, of an open size unless that is given. */
function means(channels: number, size?: number): Uint8Array {
  const b = new OnnxBuilder([1, channels, size ?? 8, size ?? 8]),
    bytes = b.finish(b.node('Flatten', [b.node('GlobalAveragePool', ['x'])], { axis: 1 })),
    model = fromBinary(ModelProtoSchema, bytes),
    { value } = model.graph!.input[0].type!;
  if (size === undefined && value.case === 'tensorType')
    for (const dim of value.value.shape!.dim.slice(2)) dim.value = { case: 'dimParam', value: 'side' };
  return toBinary(ModelProtoSchema, model);
}

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

testAtTerminal('on a terminal it asks, again where an answer is none', async () => {
  const folder = folderWithModel();
  const net = join(folder, 'net.onnx');
  const answers = ['a half', '127.5', '0', '127.5', 'nowhere', 'models/fashion/samples'];
  const { screen, status } = await atTerminal(['init', net], answers);
  assert.is(status, 0, screen);
  assert.match(screen, /--mean a half: a number or a list with one for each channel is needed/);
  assert.match(screen, /--std 0: a positive number is needed/);
  assert.match(screen, /--calibration nowhere: no such file or folder/);
  const { input, calibration } = readJson(folder);
  assert.equal(input, { width: 28, height: 28, color: 'gray', mean: 127.5, std: 127.5 });
  assert.ok(existsSync(join(folder, calibration.images, '1-trouser.png')));
  succeeds(['pack', folder]);
});

testAtTerminal('a question that is not answered ends it without a trace', async () => {
  for (const key of [CTRL_C, CTRL_D]) {
    const folder = folderWithModel();
    const { screen, status } = await atTerminal(['init', join(folder, 'net.onnx')], [key]);
    assert.is(status, 1, screen);
    assert.match(screen, /no answer was given, and nothing is written/);
    assert.not.match(screen, /AbortError| at /);
    assert.not(existsSync(join(folder, 'model.json')));
  }
});

testAtTerminal('the size of an image that the model leaves open is asked for', async () => {
  const folder = temporaryFolder();
  const net = join(folder, 'net.onnx');
  writeFileSync(net, means(3));
  const image = ['--mean', '0', '--std', '255', '--calibration', 'models/fashion/samples'];
  fails(['init', net, ...image], /How large are the images .*\? --input-size tells/);
  const { screen, status } = await atTerminal(['init', net, ...image], ['16', '16x12']);
  assert.is(status, 0, screen);
  assert.match(screen, /--input-size 16: WIDTHxHEIGHT as in 96x96 is needed/);
  assert.equal(readJson(folder).input, { width: 16, height: 12, color: 'rgb', mean: 0, std: 255 });
  assert.match(succeeds(['pack', folder]), /image +16 x 12 rgb/);
  writeFileSync(net, means(1));
  succeeds(['init', net, ...image, '--input-size', '10x10', '--force']);
  assert.match(succeeds(['pack', folder]), /image +10 x 10 gray/);
});

test('a model whose input is no image needs a .npy file instead', () => {
  const folder = temporaryFolder();
  const net = join(folder, 'net.onnx');
  writeFileSync(net, means(4, 6));
  fails(['init', net], /Which \.npy file has samples of the input.*\? --calibration tells/);
  fails(
    ['init', net, '--mean', '0', '--std', '1'],
    /--mean, --std have no effect: the model's input \[1, 6, 6, 4\] is no image/,
  );
  const values = Float32Array.from({ length: 20 * 144 }, (_, i) => Math.sin(i));
  writeFileSync(join(folder, 'calibration.npy'), npy([20, 4, 6, 6], [values]));
  succeeds(['init', net]);
  assert.equal(readJson(folder), { ...readJson(folder), calibration: { images: 'calibration.npy' } });
  assert.match(succeeds(['pack', folder]), /calibration +20 samples/);
});

test('what would not go together is told by init, not only by pack', () => {
  const net = join(folderWithModel(), 'net.onnx');
  const line = ['init', net, '--std', '1', '--calibration', 'models/fashion/samples'];
  fails([...line, '--mean', '1,2,3'], /"input\.mean" should be one number or a list of 1/);
  assert.not(existsSync(join(net, '../model.json')));
});

test('what is no model is told', () => {
  fails(['init', 'models'], /models: this is a folder; name the \.onnx or \.tflite file/);
  const broken = join(temporaryFolder(), 'x.onnx');
  writeFileSync(broken, 'no');
  fails(['init', broken], /x\.onnx: /);
});

test.run();
