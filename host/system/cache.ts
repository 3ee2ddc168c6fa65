/// <reference types="node" />
/**
 * Results of long work, kept by the content of what they come from: arguments and the compiled packer itself,
 * so that nothing stale is ever read. In FLINT_CACHE, or ~/.cache/flint (XDG_CACHE_HOME); an empty
 * FLINT_CACHE keeps nothing. What was not used longest goes first.
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { makeFolder } from './files';
import { packageRoot } from './version';

/** Bytes that all results together may take. */
const LIMIT = 512 * 2 ** 20;

/** Bytes of the SHA-256 at the beginning of an entry, of its name and all that follows. */
const CHECK_BYTES = 32;

const isEntry = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

const cacheFolder = (): string =>
  process.env.FLINT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flint');

/** All .js files below a folder. */
function scriptsBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => join(folder, name));
}

let code: string | undefined;

/** What identifies the compiled packer; empty when its scripts are not where the build puts them. */
function codeHash(): string {
  if (code !== undefined) return code;
  const scripts = ['host', 'src'].flatMap((tree) => scriptsBelow(join(packageRoot(), 'dist', tree)));
  return (code = scripts.length ? contentHash(scripts.map((script) => readFileSync(script))) : '');
}

/**
 * Feeds plain data, typed arrays, maps and sets to a hash. Equal values give equal bytes, which v8's
 * serialization does not promise.
 */
function feed(hash: Hash, value: unknown): void {
  if (value instanceof ArrayBuffer) value = new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    hash.update(`${value.constructor.name} ${value.byteLength};`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (Array.isArray(value)) feedAll(hash, 'Array', value);
  else if (value instanceof Map || value instanceof Set) feedAll(hash, value.constructor.name, [...value]);
  else if (value && typeof value === 'object') feedAll(hash, 'Object', Object.entries(value));
  else hash.update(`${typeof value} ${String(value).length} ${String(value)};`);
}

function feedAll(hash: Hash, kind: string, items: unknown[]): void {
  hash.update(`${kind} ${items.length};`);
  for (const item of items) feed(hash, item);
}

/** What identifies some values: a SHA-256, as 64 hexadecimal digits. */
export function contentHash(...values: unknown[]): string {
  const hash = createHash('sha256');
  feed(hash, values);
  return hash.digest('hex');
}

const checkOf = (name: string, payload: Uint8Array): Buffer =>
  createHash('sha256').update(name).update(payload).digest();

/** What an entry holds, in an object since that may be undefined; nothing when it is missing or damaged. */
function readEntry(folder: string, name: string): { value: unknown } | undefined {
  const file = join(folder, name);
  try {
    const bytes = readFileSync(file);
    const payload = bytes.subarray(CHECK_BYTES);
    if (!checkOf(name, payload).equals(bytes.subarray(0, CHECK_BYTES))) return undefined;
    const value: unknown = deserialize(payload);
    utimesSync(file, new Date(), new Date());
    return { value };
  } catch {
    return undefined;
  }
}

/**
 * An entry is written in place: one that a kill or a full disk has cut short fails its check and is made
 * anew.
 */
function writeEntry(folder: string, name: string, payload: Uint8Array): void {
  try {
    makeFolder(folder);
    writeFileSync(join(folder, name), Buffer.concat([checkOf(name, payload), payload]));
    makeRoom(folder);
  } catch {
    // A full or read-only disk is no reason to fail: the result is there, only not kept.
  }
}

/**
 * Removes the entries that were not used longest, and nothing else: the folder may be one with other files.
 */
function makeRoom(folder: string): void {
  const entries = readdirSync(folder)
    .filter(isEntry)
    .map((name) => {
      const file = join(folder, name);
      return { file, ...statSync(file) };
    });
  let sum = 0;
  for (const { file, size } of entries.sort((a, b) => b.mtimeMs - a.mtimeMs))
    if ((sum += size) > LIMIT) rmSync(file, { force: true });
}

/**
 * Does work once for all times that it is asked for.
 * @param from everything that the result depends on: plain data, typed arrays, maps and sets
 * @returns what `work` gave when it was last called with the same; it is to be plain data, too
 */
export async function cached<T>(from: unknown[], work: () => T | Promise<T>): Promise<T> {
  const folder = cacheFolder();
  if (!folder || !codeHash()) return work();
  const name = contentHash(codeHash(), ...from);
  const kept = readEntry(folder, name);
  if (kept) return kept.value as T;
  const value = await work();
  writeEntry(folder, name, serialize(value));
  return value;
}
