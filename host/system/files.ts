/// <reference types="node" />
/**
 * Files that are written. They are there whole or not at all, and every failure is a FlintError that names
 * the file, what is wrong and what to do.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { FlintError } from '../../src/error';
import { fileError, systemError } from './file-error';

/** A file that is to be written whole. */
export interface FileToWrite {
  path: string;
  data: Uint8Array | string;
}

const statOf = (path: string) => statSync(path, { bigint: true, throwIfNoEntry: false });

/**
 * Makes a folder and those above it that are missing.
 *
 * It does so level by level, because mkdirSync with `recursive` never returns where the system pretends that
 * a folder's parent is missing, as it does below /proc.
 * @throws FlintError when that is not possible
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at);
  try {
    for (const folder of missing.reverse()) makeOne(folder);
    if (!statOf(path)?.isDirectory()) throw systemError('ENOTDIR');
  } catch (error) {
    throw fileError(path, 'made', error);
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!statOf(folder)?.isDirectory()) throw error;
  }
}

const temporaryOf = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);

/** Removes temporary files of this target that a killed process has left behind. */
function sweep(path: string): void {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  try {
    for (const name of readdirSync(folder)) {
      const pid = name.startsWith(prefix) && /^(\d+)\.tmp$/.exec(name.slice(prefix.length))?.[1];
      if (pid && !runs(Number(pid))) rmSync(join(folder, name), { force: true });
    }
  } catch {
    // Another user's, perhaps. It only takes space.
  }
}

function runs(pid: number): boolean {
  if (pid === process.pid) return false; // this one writes nothing else meanwhile
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it runs, for another user
  }
}

/** Writes a new file and waits until the disk has it. */
function writeThrough(path: string, data: Uint8Array | string): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, data);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A renamed file is there for good only when its folder is on the disk, too. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Not every system can do it. The files are written; only a power failure at this moment could lose them.
  }
}

/**
 * Writes all of these files or none: first under temporary names, then, when all of them are on the disk,
 * renamed. Missing folders are made. A symbolic link stays one: what it leads to is written. A device or pipe
 * is written to directly, not replaced by a file.
 * @throws FlintError naming the file that cannot be written
 */
export function writeFiles(files: FileToWrite[]): void {
  const written: { temporary: string; target: string }[] = [];
  let current = '';
  try {
    for (const { path, data } of files) {
      current = path;
      const there = statOf(path);
      if (there?.isDirectory()) throw systemError('EISDIR');
      if (there && !there.isFile()) {
        writeFileSync(path, data);
        continue;
      }
      const target = there ? realpathSync(path) : path;
      const temporary = temporaryOf(target);
      makeFolder(dirname(target));
      sweep(target);
      written.push({ temporary, target });
      writeThrough(temporary, data);
    }
    for (const { temporary, target } of written) {
      current = target;
      renameSync(temporary, target);
    }
  } catch (error) {
    for (const { temporary } of written) rmSync(temporary, { force: true });
    throw fileError(current, 'written', error);
  }
  for (const folder of new Set(written.map(({ target }) => dirname(target)))) syncFolder(folder);
}

/** Writes one file as writeFiles does. */
export function writeFile(path: string, data: Uint8Array | string): void {
  writeFiles([{ path, data }]);
}

/**
 * Makes sure, before any work is done for it, that a file can be written and is none of those it is made
 * from. Leaves no trace on the disk.
 * @param inputs files that must not be overwritten
 * @throws FlintError that says what is wrong with the path
 */
export function checkOutput(path: string, inputs: (string | undefined)[] = []): void {
  try {
    const there = statOf(path);
    if (!path || path.endsWith('/') || path.endsWith(sep) || there?.isDirectory())
      throw systemError('EISDIR');
    const same = inputs.find((input) => input !== undefined && isSamePath(path, input));
    if (same !== undefined) {
      const which = same === path ? 'this is' : `this is the same file as ${same},`;
      throw new FlintError(
        `${path}: ${which} an input, which would be overwritten; give another name to the output`,
      );
    }
    if (there) accessSync(path, constants.W_OK);
    if (!there) probe(path);
    else if (there.isFile()) probe(realpathSync(path));
  } catch (error) {
    throw fileError(path, 'written', error);
  }
}

/** The number of a file on its device tells it under any name, path or link. One may be about to be written, too. */
function isSamePath(path: string, other: string): boolean {
  const [a, b] = [statOf(path), statOf(other)];
  return a ? a.dev === b?.dev && a.ino === b.ino : resolve(path) === resolve(other);
}

/**
 * Permissions do not tell everything, so a file is really made, in the file's folder or the nearest one above
 * that exists.
 */
function probe(path: string): void {
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  const temporary = temporaryOf(join(folder, basename(path)));
  rmSync(temporary, { force: true });
  closeSync(openSync(temporary, 'wx'));
  rmSync(temporary);
}
