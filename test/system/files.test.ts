/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkOutput, makeFolder, writeFile, writeFiles } from '../../host/system/files';
import { temporaryFolder } from './folder';
import { runScript } from './script';

const work = temporaryFolder();
let folders = 0;
/** A folder of this name for each test alone. */
const fresh = (): string => {
  const folder = join(work, String(folders++));
  mkdirSync(folder);
  return folder;
};

const isRoot = process.getuid?.() === 0;

/** Does something in a file system of its own that has room for 64 KB; false where none can be mounted. */
function onSmallDisk(options: string, act: (folder: string) => void): boolean {
  const folder = fresh();
  if (!isRoot || spawnSync('mount', ['-t', 'tmpfs', '-o', `size=64k${options}`, 'none', folder]).status !== 0)
    return false;
  try {
    act(folder);
  } finally {
    spawnSync('umount', [folder]);
  }
  return true;
}
const canMount = onSmallDisk('', () => {});
const testOnSmallDisk = canMount ? test : test.skip;
const testOnLinux = existsSync('/proc/self') && existsSync('/dev/full') ? test : test.skip;

/** The error is a FlintError of one line that begins with the path. */
function fails(act: () => void, path: string, pattern: RegExp): void {
  assert.throws(act, (error: Error) => {
    assert.is(error.name, 'FlintError', error.stack);
    assert.ok(error.message.startsWith(path + ': '), error.message);
    assert.match(error.message, pattern);
    assert.not.match(error.message, /\n/);
    return true;
  });
}

test('a file is written into folders that are made for it, and nothing else is left', () => {
  const folder = fresh();
  writeFile(join(folder, 'a', 'b', 'file.bin'), Uint8Array.of(1, 2, 3));
  assert.equal([...readFileSync(join(folder, 'a', 'b', 'file.bin'))], [1, 2, 3]);
  assert.equal(readdirSync(join(folder, 'a', 'b')), ['file.bin']);
});

test('an existing file is replaced as a whole; a reader of the old one is not disturbed', () => {
  const file = join(fresh(), 'file');
  writeFile(file, 'long text');
  const before = statSync(file).ino;
  writeFile(file, 'short');
  assert.is(readFileSync(file, 'utf8'), 'short');
  assert.is.not(statSync(file).ino, before);
});

test('a symbolic link stays one', () => {
  const folder = fresh();
  const link = join(folder, 'link');
  writeFileSync(join(folder, 'file'), 'old');
  symlinkSync('file', link);
  writeFile(link, 'new');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.is(readFileSync(join(folder, 'file'), 'utf8'), 'new');
});

test('of several files, none is written when one cannot be', () => {
  const folder = fresh();
  writeFileSync(join(folder, 'first'), 'old');
  mkdirSync(join(folder, 'taken'));
  const files = ['first', 'second', 'taken'].map((name) => ({ path: join(folder, name), data: 'new' }));
  fails(() => writeFiles(files), join(folder, 'taken'), /this is a folder; give the name of a file/);
  assert.equal(readdirSync(folder), ['first', 'taken']);
  assert.is(readFileSync(join(folder, 'first'), 'utf8'), 'old');
});

testOnSmallDisk('a full disk is told, the old file stays, and no half of the new one', () => {
  onSmallDisk('', (folder) => {
    const file = join(folder, 'file');
    writeFile(file, 'old');
    fails(
      () => writeFile(file, new Uint8Array(1 << 20)),
      file,
      /cannot be written: the disk is full; free some space/,
    );
    assert.is(readFileSync(file, 'utf8'), 'old');
    assert.equal(readdirSync(folder), ['file']);
  });
});

testOnSmallDisk('a read-only disk is told, before work and when writing', () => {
  onSmallDisk(',ro', (folder) => {
    const file = join(folder, 'file');
    fails(() => checkOutput(file), file, /the disk is read-only/);
    fails(() => writeFile(file, ''), file, /the disk is read-only/);
  });
});

testOnLinux('a device is written to, not replaced by a file', () => {
  fails(() => writeFile('/dev/full', 'x'), '/dev/full', /the disk is full/);
  writeFile('/dev/null', 'x');
  checkOutput('/dev/null');
  assert.ok(statSync('/dev/null').isCharacterDevice() && statSync('/dev/full').isCharacterDevice());
});

test('what a killed process left behind is swept with the next writing, what a running one writes is not', () => {
  const folder = fresh();
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  for (const name of [`.file.${dead}.tmp`, `.file.${process.ppid}.tmp`, `.other.${dead}.tmp`, `.file.x.tmp`])
    writeFileSync(join(folder, name), 'half');
  writeFile(join(folder, 'file'), 'whole');
  assert.equal(
    readdirSync(folder).sort(),
    [`.file.${process.ppid}.tmp`, `.file.x.tmp`, `.other.${dead}.tmp`, 'file'].sort(),
  );
});

test('a leftover of an earlier process with this number is no obstacle', () => {
  const folder = fresh();
  writeFileSync(join(folder, `.file.${process.pid}.tmp`), 'half');
  checkOutput(join(folder, 'file'));
  writeFile(join(folder, 'file'), 'whole');
  assert.equal(readdirSync(folder), ['file']);
});

test('a folder is made level by level; one that is there is fine, a file in its place is not', () => {
  const folder = fresh();
  makeFolder(join(folder, 'a', 'b', 'c'));
  makeFolder(join(folder, 'a', 'b', 'c'));
  assert.ok(statSync(join(folder, 'a', 'b', 'c')).isDirectory());
  writeFileSync(join(folder, 'file'), '');
  fails(
    () => makeFolder(join(folder, 'file')),
    join(folder, 'file'),
    /cannot be made: a part of this path is a file/,
  );
  fails(
    () => makeFolder(join(folder, 'file', 'below')),
    join(folder, 'file', 'below'),
    /is a file where a folder is needed/,
  );
});

testOnLinux('a folder below /proc is refused at once', () => {
  const files = new URL('../../host/system/files.js', import.meta.url);
  const script = `const { makeFolder } = await import(${JSON.stringify(files)});
    try { makeFolder('/proc/nope/below'); } catch (error) { console.log(error.message); }`;
  assert.match(
    runScript(script),
    /^\/proc\/nope\/below: cannot be made: there is no such place; use another path\n$/,
  );
});

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
  fails(
    () => checkOutput(model, ['package.json', model]),
    model,
    /this is an input, which would be overwritten/,
  );
  for (const name of [join(folder, 'symbolic'), join(folder, 'hard'), relative('.', model)])
    fails(() => checkOutput(name, [model]), name, /the same file as .*model\.onnx, an input/);
  assert.is(readFileSync(model, 'utf8'), 'weights');
});

test('an output that is a folder, or lies below a file, is refused', () => {
  const folder = fresh();
  writeFileSync(join(folder, 'file'), '');
  fails(() => checkOutput(folder), folder, /this is a folder; give the name of a file/);
  fails(() => checkOutput(join(folder, 'new/')), join(folder, 'new/'), /this is a folder/);
  fails(() => checkOutput(''), '', /this is a folder/);
  fails(
    () => checkOutput(join(folder, 'file', 'x')),
    join(folder, 'file', 'x'),
    /is a file where a folder is needed/,
  );
  const long = join(folder, 'x'.repeat(300));
  fails(() => checkOutput(long), long, /the name is too long; use a shorter one/);
  if (existsSync('/proc/self'))
    fails(() => checkOutput('/proc/nope/x'), '/proc/nope/x', /there is no such place/);
});

test('an output without permission is refused', () => {
  const folder = fresh();
  const file = join(folder, 'file');
  mkdirSync(join(folder, 'closed'), { mode: 0o555 });
  // Nothing is closed to root.
  if (isRoot) process.seteuid!(65534);
  try {
    fails(
      () => checkOutput(join(folder, 'closed', 'x')),
      join(folder, 'closed', 'x'),
      /there is no permission for it; change/,
    );
  } finally {
    if (isRoot) process.seteuid!(0);
  }
  if (isRoot) return;
  writeFileSync(file, 'old', { mode: 0o444 });
  fails(() => checkOutput(file), file, /there is no permission/);
});

test.run();
