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
  /** Where it stands in the file. */
  line: number;
  encrypted: boolean;
}

/** Where the partitions begin that follow the table itself, and the multiples at which they lie. */
const FIRST = 0x9000,
  ALIGNED = 0x1000,
  APP_ALIGNED = 0x10000,
  /** Bytes of the largest flash that ESP-IDF knows. */
  LARGEST_FLASH = 128 * 1024 * 1024;

/** 4096, 0x1000, 4K or 1M. NaN for anything else. */
function sizeOf(text: string): number {
  const [, digits, unit] = /^(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text) ?? [];
  if (!digits) return NaN;
  return Number(digits) * { '': 1, k: 1024, m: 1024 * 1024 }[unit.toLowerCase() as '' | 'k' | 'm'];
}

/**
 * The table's partitions; one without an offset lies behind the one before.
 * @throws FlintError naming the file and the line that makes no sense, as ESP-IDF would refuse it
 */
export function readPartitions(path: string): TableEntry[] {
  const lines = new TextDecoder().decode(readBytes(path, 'table of partitions')).split(/\r?\n/),
    entries: TableEntry[] = [];
  let next = FIRST;
  for (const [i, text] of lines.entries()) {
    if (!text.trim() || text.trim().startsWith('#')) continue;
    const [name, type, , offsetText, bytesText, flags = ''] = text.split(',').map((field) => field.trim()),
      align = type === 'app' || type === '0' ? APP_ALIGNED : ALIGNED,
      offset = offsetText ? sizeOf(offsetText) : Math.ceil(next / align) * align,
      bytes = sizeOf(bytesText ?? '');
    if (!name || !type || !Number.isInteger(offset) || !Number.isInteger(bytes))
      throw new FlintError(
        `${path}: line ${i + 1} is no partition: name, type, subtype, offset and size are needed`,
      );
    if (offset % align)
      throw new FlintError(
        `${path}: line ${i + 1}: partition "${name}" should lie at a multiple of 0x${align.toString(16)}`,
      );
    next = offset + bytes;
    if (next > LARGEST_FLASH)
      throw new FlintError(
        `${path}: line ${i + 1}: partition "${name}" ends beyond 128 MB, as no flash does`,
      );
    entries.push({ name, offset, bytes, line: i + 1, encrypted: /\bencrypted\b/.test(flags) });
  }
  checkOverlap(path, entries);
  return entries;
}

/** @throws FlintError naming a partition that lies where another one does, or the bootloader and the table */
function checkOverlap(path: string, entries: TableEntry[]): void {
  let end = FIRST,
    before = 'the table itself';
  for (const { name, offset, bytes, line } of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (offset < end)
      throw new FlintError(
        `${path}: line ${line}: partition "${name}" overlaps ${before}, which ends at 0x${end.toString(16)}`,
      );
    end = offset + bytes;
    before = `"${name}" of line ${line}`;
  }
}

/** @throws FlintError when the table has no such partition, two of them, or an encrypted one */
export function partitionOf(path: string, name: string): TableEntry {
  const entries = readPartitions(path),
    [found, another] = entries.filter((entry) => entry.name === name);
  if (another) throw new FlintError(`${path}: line ${another.line}: there is a partition "${name}" already`);
  if (found?.encrypted)
    throw new FlintError(
      `${path}: line ${found.line}: partition "${name}" must not be encrypted: flags are written in place there`,
    );
  if (found) return found;
  const names = entries.map((entry) => entry.name).join(', ') || 'none';
  throw new FlintError(`${path}: there is no partition "${name}" for models, but ${names}`);
}
