/// <reference types="node" />
import { FlintError } from '../../src/error';
import { readBytes } from '../system/read';
import { checkedArray, type ByteArray } from './array';

const MAGIC = '\x93NUMPY';

/**
 * Reads a NumPy .npy file of unsigned bytes in C order (format versions 1 to 3).
 * @throws FlintError when it is anything else
 */
export function readNpy(path: string): ByteArray {
  const bytes = readBytes(path);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== MAGIC)
    throw new FlintError(`${path}: not a .npy file`);
  const view = new DataView(bytes.buffer);
  const isLong = bytes[6] > 1;
  const begin = isLong ? 12 : 10;
  const end = begin + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(begin, end));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (type !== '|u1' || shape === undefined || !/'fortran_order':\s*False/.test(header)) {
    const found = type ?? 'something else';
    throw new FlintError(
      `${path}: an array of unsigned bytes (dtype uint8) in C order is needed, this is ${found}`,
    );
  }
  const sizes = shape.split(',').filter((size) => size.trim());
  return checkedArray(path, sizes.map(Number), bytes.subarray(end));
}
