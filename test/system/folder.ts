/// <reference types="node" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

/** A new folder for files of a test, which is gone when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flint-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A new folder in this one. */
export const newFolder = (folder: string): string => mkdtempSync(join(folder, 'new-'));

/** The error is a FlintError of one line that begins with the path. */
export function failsAt(act: () => void, path: string, pattern: RegExp): void {
  assert.throws(act, (error: Error) => {
    assert.is(error.name, 'FlintError', error.stack);
    assert.ok(error.message.startsWith(path + ': '), error.message);
    assert.match(error.message, pattern);
    assert.not.match(error.message, /\n/);
    return true;
  });
}
