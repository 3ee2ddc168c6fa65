/// <reference types="node" />
/** Tables of partitions, as ESP-IDF reads them. */
import { FlintError } from '../../src/error';
import { readBytes } from '../system/read';

/** A line of the table. */
export interface TableEntry {
  name: string;
  /** Bytes from the start of flash. */
  offset: number;
  bytes: number;
}

/** Where the partitions begin that follow the table itself, and the multiples at which they lie. */
const FIRST = 0x9000,
  ALIGNED = 0x1000,
  APP_ALIGNED = 0x10000;

/** 4096, 0x1000, 4K or 1M. NaN for anything else. */
function sizeOf(text: string): number {
  const [, digits, unit] = /^(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text) ?? [];
  if (!digits) return NaN;
  return Number(digits) * { '': 1, k: 1024, m: 1024 * 1024 }[unit.toLowerCase() as '' | 'k' | 'm'];
}

/**
 * The table's partitions; one without an offset lies behind the one before.
 * @throws FlintError naming the file and the line that makes no sense
 */
export function readPartitions(path: string): TableEntry[] {
  const text = new TextDecoder().decode(readBytes(path, 'table of partitions')),
    entries: TableEntry[] = [];
  let next = FIRST;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (!line.trim() || line.trim().startsWith('#')) continue;
    const [name, type, , offsetText, bytesText] = line.split(',').map((field) => field.trim()),
      align = type === 'app' || type === '0' ? APP_ALIGNED : ALIGNED,
      offset = offsetText ? sizeOf(offsetText) : Math.ceil(next / align) * align,
      bytes = sizeOf(bytesText ?? '');
    if (!name || !type || !Number.isInteger(offset) || !Number.isInteger(bytes))
      throw new FlintError(
        `${path}: line ${i + 1} is no partition: name, type, subtype, offset and size are needed`,
      );
    entries.push({ name, offset, bytes });
    next = offset + bytes;
  }
  return entries;
}

/** @throws FlintError when the table has no such partition */
export function partitionOf(path: string, name: string): TableEntry {
  const entries = readPartitions(path),
    found = entries.find((entry) => entry.name === name);
  if (found) return found;
  const names = entries.map((entry) => entry.name).join(', ') || 'none';
  throw new FlintError(`${path}: there is no partition "${name}" for models, but ${names}`);
}
