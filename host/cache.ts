/// <reference types="node" />
/**
 * Results of long work, kept by the content of what they come from: arguments and the compiled packer itself, so that nothing stale is ever
 * read. In FLINT_CACHE, or ~/.cache/flint (XDG_CACHE_HOME); an empty FLINT_CACHE keeps nothing. What was not used longest goes first.
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { writeWhole } from './write';

/** Bytes that all results together may take. */
const LIMIT = 512 * 2 ** 20;

const folder = (): string => process.env.FLINT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flint');

let compiled: Buffer | undefined;
function codeHash(): Buffer {
  if (compiled) return compiled;
  const hash = createHash('sha256'), here = fileURLToPath(new URL('.', import.meta.url));
  for (const name of readdirSync(here).filter((name) => name.endsWith('.js')).sort()) hash.update(readFileSync(here + name));
  return (compiled = hash.digest());
}

/** Feeds plain data, typed arrays and maps to a hash. Equal values give equal bytes, which v8's serialization does not promise. */
function feed(hash: Hash, value: unknown): void {
  if (value instanceof ArrayBuffer) value = new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    hash.update(`${value.constructor.name} ${value.byteLength};`).update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (value instanceof Map || Array.isArray(value)) {
    hash.update(`${value.constructor.name} ${value instanceof Map ? value.size : value.length};`);
    for (const item of value) feed(hash, item);
  } else if (value && typeof value === 'object') feed(hash, Object.entries(value));
  else hash.update(`${typeof value} ${String(value).length} ${String(value)};`);
}

/** What identifies some values. */
export function contentHash(...values: unknown[]): string {
  const hash = createHash('sha256');
  feed(hash, values);
  return hash.digest('hex');
}

function makeRoom(path: string): void {
  const entries = readdirSync(path).map((name) => ({ file: join(path, name), ...statSync(join(path, name)) })).sort((a, b) => b.mtimeMs - a.mtimeMs);
  let sum = 0;
  for (const { file, size } of entries) if ((sum += size) > LIMIT) rmSync(file, { force: true });
}

/**
 * @param from everything that the result depends on
 * @returns what `work` gave when it was last called with the same
 */
export async function cached<T>(from: unknown[], work: () => T | Promise<T>): Promise<T> {
  const path = folder();
  if (!path) return work();
  const file = join(path, contentHash(codeHash(), ...from));
  if (existsSync(file)) {
    try {
      const value = deserialize(readFileSync(file)) as T;
      utimesSync(file, new Date(), new Date());
      return value;
    } catch {
      // Damaged, or gone meanwhile: it is made again.
    }
  }
  const value = await work();
  try {
    writeWhole(file, serialize(value));
    makeRoom(path);
  } catch {
    // A full or read-only disk is no reason to fail.
  }
  return value;
}
