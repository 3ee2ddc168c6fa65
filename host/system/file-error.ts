/// <reference types="node" />
import { FlintError } from '../../src/error';

/** What the system's errors mean for people. */
const meanings: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space or use another path',
  EDQUOT: 'the disk quota is used up; free some space or use another path',
  EACCES: 'there is no permission for it; change the permissions or use another path',
  EPERM: 'there is no permission for it; change the permissions or use another path',
  EROFS: 'the disk is read-only; use another path',
  ENOENT: 'there is no such place; use another path',
  ENOTDIR: 'a part of this path is a file where a folder is needed; use another path',
  EEXIST: 'a part of this path is a file where a folder is needed; use another path',
  EISDIR: 'this is a folder; give the name of a file',
  ENAMETOOLONG: 'the name is too long; use a shorter one',
  ELOOP: 'its symbolic links lead in a circle; use another path',
  ERR_FS_FILE_TOO_LARGE: 'the file is larger than 2 GiB; use a smaller one',
};

/**
 * @param what could not be done with the file: "written", "read"
 * @param error what the system threw; a FlintError stays as it is
 */
export function fileError(path: string, what: string, error: unknown): FlintError {
  if (error instanceof FlintError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new FlintError(`${path}: cannot be ${what}: ${meanings[code] ?? message}`);
}

/** An error as the system would throw it. */
export const systemError = (code: string): Error => Object.assign(new Error(code), { code });
