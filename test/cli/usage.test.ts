/// <reference types="node" />
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';
import { fails, flint, misused, succeeds } from './command';

const model = 'models/fashion';
const data = 'models/fashion/samples';

test('help and version are printed and are no failure', () => {
  const help = succeeds(['--help']);
  for (const command of ['pack', 'run', 'eval', 'search', 'report', 'inspect', 'validate'])
    assert.match(help, new RegExp(`^ +${command} `, 'm'));
  assert.match(succeeds(['pack', '--help']), /--calibration /);
  assert.match(succeeds(['--version']), /^flint, \d+\.\d+\.\d+\n$/);
});

test('a wrong command, no command, and a command without its model are told', () => {
  misused(['frobnicate'], /Invalid command: frobnicate/);
  misused([], /No command specified/);
  for (const command of ['pack', 'run', 'eval', 'search', 'report', 'inspect', 'validate'])
    misused([command], /Insufficient arguments/);
});

test('an option that a command does not have is told, with the one that was probably meant', () => {
  misused(['inspect', model, '--jsno'], /--jsno is unknown to flint inspect; is --json meant\?/);
  misused(['pack', model, '--kernels', 'scalar'], /--kernels is unknown to flint pack/);
  misused(['search', model, '--bits', '4'], /--bits is unknown to flint search/);
});

test('words that every object has are as unknown as others', () => {
  misused(['toString'], /toString is unknown; flint --help tells/);
  for (const option of ['--constructor', '--no-valueOf', '--__proto__=1'])
    misused(['run', model, option], /is unknown; flint run --help tells/);
});

test('what is no file of its kind is told', () => {
  fails(['inspect', '/dev/zero'], /\/dev\/zero: this is a device or a pipe/);
  const labels = join(temporaryFolder(), 'labels.txt');
  writeFileSync(labels, Uint8Array.of(0x61, 0xff, 10));
  fails(['pack', model, '--labels', labels], /labels\.txt: it is no text in UTF-8/);
  fails(['pack', model, '--labels', '/dev/zero'], /this is a device or a pipe/);
  fails(['pack', model, '--labels', 'models'], /models: cannot be read: this is a folder/);
});

const wrong: Record<string, string[]> = {
  '--limit': ['abc', '0', '-5', '1.5', ''],
  '--bits': ['1', '9', 'four', '4.5', '-4'],
  '--sparsity': ['1', '-0.1', 'half'],
  '--ram': ['much', '0', '-1', '1.5k'],
  '--mean': ['a', '1,,2'],
  '--std': ['0', '-1', 'x'],
  '--input-size': ['28', '0x28', '28x', '-28x28'],
};
for (const [option, values] of Object.entries(wrong))
  test(`pack takes no wrong number for ${option}`, () => {
    for (const value of values)
      misused(['pack', model, option, value], new RegExp(`^flint: ${option} .*need`));
  });

test('no other command takes a wrong number', () => {
  for (const value of ['abc', '0', '-5']) {
    const pattern = (option: string): RegExp =>
      new RegExp(`^flint: ${option} ${value}: a whole number of at least 1 is needed\n$`);
    for (const command of ['eval', 'search', 'report'])
      misused([command, model, data, '--limit', value], pattern('--limit'));
    misused(['run', model, `${data}/1-trouser.png`, '--top', value], pattern('--top'));
  }
  for (const value of ['much', '-1', '101'])
    misused(
      ['search', model, data, '--max-drop', value],
      /^flint: --max-drop .*: a number of points from 0 to 100/,
    );
});

test('an option that has no effect on this model is named, before any work', () => {
  const nothing = (args: string[], pattern: RegExp): void => {
    fails(args, pattern);
    assert.is(flint(args).stdout, '');
  };
  const tflite = join(temporaryFolder(), 'net.tflite');
  writeFileSync(tflite, '');
  nothing(
    ['pack', tflite, '--bits', '4', '--recover', 'gptq'],
    /--bits, --recover have no effect on .*net\.tflite/,
  );
  nothing(['pack', model, '--prune', 'channels'], /--prune has no effect without --sparsity/);
  nothing(['pack', model, '--no-eval', '--limit', '5'], /--limit has no effect with --no-eval/);
  nothing(
    ['pack', `${model}/fashion.onnx`, '--mean', '1', '--fit', 'cover'],
    /--mean, --fit have no effect without --input-size/,
  );
  nothing(['eval', model, '--labels', 'x'], /--labels has no effect without images/);
});

test('arguments that do not go together are told', () => {
  const image = `${data}/1-trouser.png`;
  misused(['inspect', model, 'another'], /flint inspect does not know what to do with another/);
  misused(['validate', model, '--against', 'x'], /--against needs --input-raw/);
  fails(['run', model], /no images given/);
  fails(['run', model, image, '--input-raw', image], /--input-raw runs raw tensors instead of images/);
  fails(['run', model, '--output-raw', '/tmp/never'], /--output-raw needs --input-raw or images/);
});

test.run();
