/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkOutput, makeFolder, writeFile, writeFiles } from '../../host/system/files';
import { failsAt, newFolder, temporaryFolder } from './folder';
import { runScript } from './script';

const work = temporaryFolder();
const fresh = (): string => newFolder(work);
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
const testOnLinux = existsSync('/proc/self') ? test : test.skip;

/** A device that is always full. Root, who could replace the system's own by a file, gets another one. */
const fullDevice = isRoot ? join(work, 'full') : '/dev/full';
if (isRoot) spawnSync('mknod', [fullDevice, 'c', '1', '7']);
const testOnDevice = existsSync(fullDevice) ? test : test.skip;

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
  failsAt(() => writeFiles(files), join(folder, 'taken'), /this is a folder; give the name of a file/);
  assert.equal(readdirSync(folder), ['first', 'taken']);
  assert.is(readFileSync(join(folder, 'first'), 'utf8'), 'old');
});

testOnSmallDisk('a full disk is told, the old file stays, and no half of the new one', () => {
  onSmallDisk('', (folder) => {
    const file = join(folder, 'file');
    writeFile(file, 'old');
    failsAt(
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
    failsAt(() => checkOutput(file), file, /the disk is read-only/);
    failsAt(() => writeFile(file, ''), file, /the disk is read-only/);
  });
});

testOnDevice('a device is written to, not replaced by a file', () => {
  checkOutput(fullDevice);
  failsAt(() => writeFile(fullDevice, 'x'), fullDevice, /cannot be written: the disk is full/);
  assert.ok(statSync(fullDevice).isCharacterDevice());
});

test('what a killed process left behind is swept; what a running one writes is not', () => {
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
  failsAt(
    () => makeFolder(join(folder, 'file')),
    join(folder, 'file'),
    /cannot be made: a part of this path is a file/,
  );
  failsAt(
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

test.run();
