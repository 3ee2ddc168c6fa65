/// <reference types="node" />
import { gunzipSync } from 'node:zlib';
import { FlintError } from '../../src/error';
import { readBytes } from '../system/read';
import { checkedArray, type ByteArray } from './array';

/** Bytes that a compressed file may become: 20 times the largest set of MNIST's kind. */
const LIMIT = 2 ** 30;

/** The file's name tells: as in `train-images-idx3-ubyte.gz`. */
export const isIdx = (path: string): boolean => /idx\d(-ubyte)?(\.gz)?$/.test(path);

/**
 * Reads an IDX file of unsigned bytes (the format of MNIST), compressed by gzip where its name ends in .gz.
 * @throws FlintError when it is anything else
 */
export function readIdx(path: string): ByteArray {
  const bytes = path.endsWith('.gz') ? unzipped(path) : readBytes(path);
  const rank = bytes[3] ?? 0;
  const headerBytes = 4 + rank * 4;
  const isBytes = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8;
  if (!isBytes || rank < 1 || bytes.length < headerBytes)
    throw new FlintError(`${path}: not an IDX file of unsigned bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + i * 4));
  return checkedArray(path, shape, bytes.subarray(headerBytes));
}

function unzipped(path: string): Uint8Array {
  const bytes = readBytes(path);
  try {
    const data = gunzipSync(bytes, { maxOutputLength: LIMIT });
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ERR_BUFFER_TOO_LARGE' ? `it becomes more than ${LIMIT / 2 ** 20} MiB` : message;
    throw new FlintError(`${path}: cannot be unzipped: ${why}`);
  }
}
