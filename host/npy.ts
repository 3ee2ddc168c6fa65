/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { FlintError } from '../src/error';

/**
 * A NumPy .npy file of unsigned bytes in C order (format versions 1 to 3).
 * @throws FlintError when it is anything else
 */
export function readNpy(path: string): { shape: number[]; data: Uint8Array } {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file`);
  const bytes = new Uint8Array(readFileSync(path)), view = new DataView(bytes.buffer);
  if (bytes.length < 12 || bytes[0] !== 0x93 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY') throw new FlintError(`${path}: not a .npy file`);
  const long = bytes[6] > 1, begin = long ? 12 : 10, end = begin + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(begin, end));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1], shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (type !== '|u1' || shape === undefined || !/'fortran_order':\s*False/.test(header))
    throw new FlintError(`${path}: an array of unsigned bytes (dtype uint8) in C order is needed, this is ${type ?? 'something else'}`);
  const sizes = shape.split(',').filter((s) => s.trim()).map(Number), data = bytes.subarray(end);
  if (sizes.reduce((a, b) => a * b, 1) !== data.length) throw new FlintError(`${path}: ${data.length} bytes of data for the shape (${shape})`);
  return { shape: sizes, data };
}
