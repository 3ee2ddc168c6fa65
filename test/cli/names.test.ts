/// <reference types="node" />
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Description } from '../../host/file/describe';
import { temporaryFolder } from '../system/folder';
import { flint } from './command';

/** What a terminal obeys, in characters of C0 and of C1, and what turns the direction of reading around. */
const clear = '\x1b[2J',
  title = '\x1b]0;mine\x07',
  red = '\x9b31m',
  backwards = '\u202e';
const obeyed = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

const work = temporaryFolder();
const folder = join(work, `fashion${clear}`);
const image = join(folder, 'samples', `3-${red}dress.png`);
const labels = [`T-shirt${title}`, `Trouser${red}`, `${backwards}Pullover`, 'Dress', 'Coat'];
labels.push('Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot');

/** A model whose names are all made by somebody who means harm. */
function makeModel(): void {
  mkdirSync(folder);
  cpSync('models/fashion', folder, { recursive: true });
  renameSync(join(folder, 'samples/3-dress.png'), image);
  writeFileSync(join(folder, 'labels.txt'), labels.join('\n'));
  const onnx = readFileSync('models/fashion/fashion.onnx', 'latin1');
  const own = onnx.replaceAll('/stem/conv/Conv', `/stem_${clear}/Conv`);
  writeFileSync(join(folder, 'fashion.onnx'), own, 'latin1');
}
makeModel();

/** What a command prints holds nothing that a terminal obeys, and these names in readable form. */
function harmless(args: string[], ...names: string[]): string {
  const { stdout, stderr } = flint(args);
  assert.not.match(stdout + stderr, obeyed);
  for (const name of names)
    assert.ok((stdout + stderr).includes(name), `${name} is not in:\n${stdout}${stderr}`);
  return stdout;
}

test('pack', () => {
  harmless(['pack', folder, '--no-eval'], '/stem_\\x1b[2J/Conv', 'fashion\\x1b[2J/device/model.flint');
});

test('run', () => {
  const images = ['0-t-shirt-top', '1-trouser', '2-pullover'].map((name) =>
    join(folder, `samples/${name}.png`),
  );
  harmless(['run', folder, ...images], 'T-shirt\\x1b]0;mine\\x07', 'Trouser\\x9b31m', '\\u{202e}Pullover');
  harmless(['run', folder, image, '--trace'], '3-\\x9b31mdress.png', '/stem_\\x1b[2J/Conv');
});

test('eval', () => {
  harmless(['eval', folder, join(folder, 'samples'), '--confusion'], 'mine\\x07', 'Trouser\\x9b31m');
});

test('inspect', () => {
  harmless(
    ['inspect', folder],
    '/stem_\\x1b[2J/Conv',
    'T-shirt\\x1b]0;mine\\x07, Trouser\\x9b31m, \\u{202e}Pullover',
  );
});

test('inspect --json, which is still JSON of the same names', () => {
  const about = JSON.parse(harmless(['inspect', folder, '--json'])) as Description;
  assert.equal(about.labels, labels);
  assert.is(about.operators[0].name, `conv2d /stem_${clear}/Conv`);
});

test('report, and its page', () => {
  const page = join(work, 'report.html');
  harmless(['report', folder, join(folder, 'samples'), '-o', page]);
  const html = readFileSync(page, 'utf8');
  assert.not.match(html, obeyed);
  for (const name of [
    '/stem_\\x1b[2J/Conv',
    'T-shirt\\x1b]0;mine\\x07',
    'Trouser\\x9b31m',
    '\\u{202e}Pullover',
  ])
    assert.ok(html.includes(name), `${name} is not in the page`);
});

test('what is wrong with a file', () => {
  const broken = join(work, `${title}broken.flint`);
  writeFileSync(broken, 'nothing');
  for (const line of [['inspect'], ['validate'], ['run', image], ['eval', 'models/fashion/samples']])
    harmless([line[0], broken, ...line.slice(1)], '\\x1b]0;mine\\x07broken.flint: ');
  harmless(['pack', join(work, clear)], '\\x1b[2J: no such file or folder');
  writeFileSync(image, 'no image');
  harmless(['eval', folder, join(folder, 'samples')], '3-\\x9b31mdress.png: ');
  harmless(['run', folder, image], '3-\\x9b31mdress.png: ');
});

test.run();
