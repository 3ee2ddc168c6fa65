/// <reference types="node" />
import { existsSync, readFileSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { FlintError } from '../../src/error';
import { fileError, systemError } from './file-error';

/**
 * A whole file.
 * @param what it should be, for the message when there is none
 * @throws FlintError when it does not exist or cannot be read
 */
export function readBytes(path: string, what = 'file'): Uint8Array<ArrayBuffer> {
  if (!existsSync(path)) throw new FlintError(`${path}: no such ${what}`);
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw systemError('EISDIR');
    // What has no end would be read until memory is full.
    if (!stat.isFile()) throw new FlintError(`${path}: this is a device or a pipe; give the name of a file`);
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw fileError(path, 'read', error);
  }
}

/** What is in a folder, in no order. @throws FlintError when it cannot be read */
export function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw fileError(path, 'read', error);
  }
}
