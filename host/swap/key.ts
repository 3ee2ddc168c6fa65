/// <reference types="node" />
/**
 * The key that uploads are signed with. Its file is a manifest, which the app includes: so the app is built
 * with it, and the receiver with it. { "include": the receiver, "config": { "flintKey": the key } }
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { FlintError } from '../../src/error';
import { keyProblem } from '../../src/store/hmac';
import { readBytes } from '../system/read';
import { packageRoot } from '../system/version';

interface KeyFile {
  include?: string[];
  config?: { flintKey?: unknown };
}

/** A new key of 256 bits, as the text of its file. @param path where it will lie */
export function newKeyFile(path: string): string {
  const receiver = join(packageRoot(), 'dist/device/receive/manifest.json'),
    include = relative(dirname(resolve(path)), receiver).replaceAll('\\', '/');
  const file: KeyFile = {
    include: [include.startsWith('.') ? include : `./${include}`],
    config: { flintKey: randomBytes(32).toString('hex') },
  };
  return JSON.stringify(file, null, 2) + '\n';
}

/** @throws FlintError when there is no such file, or no key in it */
export function readKey(path: string): string {
  if (!existsSync(path)) throw new FlintError(`${path}: there is no such key; --new-key makes one`);
  let file: KeyFile;
  try {
    file = JSON.parse(new TextDecoder().decode(readBytes(path))) as KeyFile;
  } catch (error) {
    if (error instanceof FlintError) throw error;
    throw new FlintError(`${path}: this is no key: it is not JSON; --new-key makes one`);
  }
  const key = file?.config?.flintKey,
    problem = keyProblem(key);
  if (problem) throw new FlintError(`${path}: ${problem}; "config": { "flintKey": "..." } holds it`);
  return key as string;
}
