/// <reference types="node" />
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkOutput } from '../../host/system/files';
import { failsAt, newFolder, temporaryFolder } from './folder';

const work = temporaryFolder();
const fresh = (): string => newFolder(work);
const isRoot = process.getuid?.() === 0;

test('an output that can be written passes the check, which leaves no trace', () => {
  const folder = fresh();
  writeFileSync(join(folder, 'there'), 'old');
  checkOutput(join(folder, 'there'), [join(folder, 'nowhere')]);
  checkOutput(join(folder, 'new'));
  checkOutput(join(folder, 'a', 'b', 'new'));
  checkOutput(relative('.', join(folder, 'new')));
  assert.equal(readdirSync(folder), ['there']);
  assert.is(readFileSync(join(folder, 'there'), 'utf8'), 'old');
});

test('an output that is an input is refused, under every name it has', () => {
  const folder = fresh();
  const model = join(folder, 'model.onnx');
  writeFileSync(model, 'weights');
  symlinkSync(model, join(folder, 'symbolic'));
  linkSync(model, join(folder, 'hard'));
  failsAt(
    () => checkOutput(model, ['package.json', model]),
    model,
    /this is an input, which would be overwritten/,
  );
  for (const name of [join(folder, 'symbolic'), join(folder, 'hard'), relative('.', model)])
    failsAt(() => checkOutput(name, [model]), name, /the same file as .*model\.onnx, an input/);
  assert.is(readFileSync(model, 'utf8'), 'weights');
});

test('an output that is a folder, or lies below a file, is refused', () => {
  const folder = fresh();
  writeFileSync(join(folder, 'file'), '');
  failsAt(() => checkOutput(folder), folder, /this is a folder; give the name of a file/);
  failsAt(() => checkOutput(join(folder, 'new/')), join(folder, 'new/'), /this is a folder/);
  failsAt(() => checkOutput(''), '', /this is a folder/);
  failsAt(
    () => checkOutput(join(folder, 'file', 'x')),
    join(folder, 'file', 'x'),
    /is a file where a folder is needed/,
  );
  const long = join(folder, 'x'.repeat(300));
  failsAt(() => checkOutput(long), long, /the name is too long; use a shorter one/);
  if (existsSync('/proc/self'))
    failsAt(() => checkOutput('/proc/nope/x'), '/proc/nope/x', /there is no such place/);
});

test('an output without permission is refused', () => {
  const folder = fresh();
  const file = join(folder, 'file');
  mkdirSync(join(folder, 'closed'), { mode: 0o555 });
  // Nothing is closed to root.
  if (isRoot) process.seteuid!(65534);
  try {
    failsAt(
      () => checkOutput(join(folder, 'closed', 'x')),
      join(folder, 'closed', 'x'),
      /there is no permission for it; change/,
    );
  } finally {
    if (isRoot) process.seteuid!(0);
  }
  if (isRoot) return;
  writeFileSync(file, 'old', { mode: 0o444 });
  failsAt(() => checkOutput(file), file, /there is no permission/);
});

test.run();
