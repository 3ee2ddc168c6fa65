/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { fails, flint, misused } from './command';

const work = temporaryFolder();
const model = join(work, 'net.onnx');
copyFileSync('models/fashion/fashion.onnx', model);
const image = ['--input-size', '28x28', '--color', 'gray', '--calibration', 'models/fashion/samples'];
const data = 'models/fashion/samples';

const testOnFull = testIf(existsSync('/dev/full'), 'this system has no /dev/full');

/** Each command that writes a file, as it is used; the option that names the file comes last. */
const commands = {
  pack: ['pack', model, ...image, '-o'],
  search: ['search', 'models/fashion', data, '-o'],
  report: ['report', 'models/fashion', data, '-o'],
  run: ['run', 'models/fashion', join(data, '1-trouser.png'), '--output-raw'],
};

for (const [name, line] of Object.entries(commands))
  test(`${name} needs the name of a file`, () => {
    mkdirSync(join(work, 'folder'), { recursive: true });
    fails(
      [...line, join(work, 'folder')],
      /folder: cannot be written: this is a folder; give the name of a file/,
    );
    misused(line, /^flint: (-o|--output-raw) needs a value/);
    misused([...line, ''], /^flint: (-o|--output-raw) needs a value/);
  });

test('a place where nothing can be written is told before any work', () => {
  const refused = (path: string, pattern: RegExp): void => {
    fails([...commands.pack, path], pattern);
    assert.is(flint([...commands.pack, path]).stdout, '');
  };
  refused(join(work, 'new/'), /new\/: cannot be written: this is a folder/);
  refused(
    join(model, 'x'),
    /net\.onnx\/x: cannot be written: a part of this path is a file where a folder is needed/,
  );
  refused('/proc/nope/x', /\/proc\/nope\/x: cannot be written: /);
  refused(join(work, 'x'.repeat(300)), /x: cannot be written: the name is too long/);
  assert.equal(readdirSync(work).sort(), ['folder', 'net.onnx']);
});

testOnFull('a full disk is told', () => {
  fails([...commands.pack, '/dev/full'], /\/dev\/full: cannot be written: the disk is full; free some space/);
  fails([...commands.run, '/dev/full'], /\/dev\/full: cannot be written: the disk is full; free some space/);
});

/** Refused as an output because it is an input, and as it was afterwards. */
function untouched(line: string[], path: string): void {
  const before = readFileSync(path);
  fails([...line, path], /an input, which would be overwritten; give another name to the output/);
  assert.ok(readFileSync(path).equals(before), `${path} has changed`);
}

test('no command overwrites what it reads, under whatever name', () => {
  const fashion = join(work, 'fashion');
  const at = (name: string): string => join(fashion, name);
  cpSync('models/fashion', fashion, { recursive: true });
  symlinkSync(at('fashion.onnx'), at('link.flint'));
  const [source, ...named] = ['fashion.onnx', 'model.json', 'labels.txt', 'calibration/images.idx3-ubyte'];
  for (const name of [source, 'link.flint', ...named]) untouched(['pack', fashion, '-o'], at(name));
  for (const command of ['search', 'report']) untouched([command, fashion, data, '-o'], at('model.json'));
  untouched(['report', fashion, data, '--bench', at('labels.txt'), '-o'], at('labels.txt'));
  untouched(commands.pack, model);
  untouched(['run', fashion, at('samples/3-dress.png'), '--output-raw'], at('samples/3-dress.png'));
  untouched(['run', fashion, at('samples/3-dress.png'), '--output-raw'], at('device/model.flint'));
});

const shell = (script: string) =>
  spawnSync('bash', ['-c', `set -o pipefail; ${script}`], { encoding: 'utf8' });
const inspect = `"${process.execPath}" host/flint.cjs inspect models/fashion`;

test('a pipe that takes no more is no failure', () => {
  const { status, stdout, stderr } = shell(`${inspect} | head -1`);
  assert.is(status, 0, stderr);
  assert.match(stdout, /^fashion: format/);
});

testOnFull('what cannot be printed is told', () => {
  const { status, stderr } = shell(`${inspect} >/dev/full`);
  assert.is(status, 1);
  assert.match(stderr, /^flint: standard output: cannot be written: the disk is full; .*\n$/);
});

test.run();
