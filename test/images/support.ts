/// <reference types="node" />
/** Files that image sets are made of, and what tests ask of a set. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as assert from 'uvu/assert';
import { openImages, type DataSource, type ImageSet } from '../../host/images/set';
import { temporaryFolder } from '../system/folder';

export const work = temporaryFolder();

/** Writes a file and gives its path. */
export function save(name: string, ...parts: (Uint8Array | string)[]): string {
  const path = join(work, name);
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))));
  return path;
}

/** An IDX file's bytes. */
export function idx(shape: number[], data: ArrayLike<number>): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]);
  return Uint8Array.of(0, 0, 8, shape.length, ...sizes, ...Array.from(data));
}

/** A .npy file's bytes, of format version 1 or 2. */
export function npy(shape: string, data: ArrayLike<number>, type = '|u1', version = 1): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }\n`;
  const length = [header.length & 255, header.length >> 8, ...(version > 1 ? [0, 0] : [])];
  const text = [...`\x93NUMPY${String.fromCharCode(version, 0, ...length)}${header}`].map((c) =>
    c.charCodeAt(0),
  );
  return Uint8Array.of(...text, ...Array.from(data));
}

export const numbers = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);
const indices = (set: ImageSet): number[] => Array.from({ length: set.length }, (_, i) => i);
export const names = (set: ImageSet): string[] => indices(set).map((i) => basename(set.name(i)));
export const labels = (set: ImageSet): (number | undefined)[] => indices(set).map((i) => set.label(i));

/** It is refused in a FlintError that begins with the path. */
export function fails(source: DataSource, pattern: RegExp, classes?: string[], path = source.images): void {
  assert.throws(
    () => openImages(source, classes),
    (error: Error) =>
      error.name === 'FlintError' && error.message.startsWith(path) && pattern.test(error.message),
    `${path} is not refused as ${pattern} says`,
  );
}
