/// <reference types="node" />
import { FlintError } from '../../src/error';
import { elements } from '../graph';
import { readBytes } from '../system/read';
import { checkedArray, type ByteArray } from './array';

const MAGIC = '\x93NUMPY';

/** An array of any type, not yet read. */
interface Npy {
  /** NumPy's name for the type: |u1, <f4. */
  type: string;
  shape: number[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** Reads the header of a NumPy .npy file in C order (format versions 1 to 3). @throws FlintError when it is none */
function open(path: string): Npy {
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
  if (type === undefined || shape === undefined)
    throw new FlintError(`${path}: an array of plain numbers is needed, this is something else`);
  if (!/'fortran_order':\s*False/.test(header))
    throw new FlintError(`${path}: its order is Fortran's; save np.ascontiguousarray(x)`);
  const sizes = shape.split(',').filter((size) => size.trim());
  return { type, shape: sizes.map(Number), bytes: bytes.subarray(end) };
}

/**
 * Reads a NumPy .npy file of unsigned bytes in C order.
 * @throws FlintError when it is anything else
 */
export function readNpy(path: string): ByteArray {
  const { type, shape, bytes } = open(path);
  if (type !== '|u1')
    throw new FlintError(
      `${path}: an array of unsigned bytes (dtype uint8) in C order is needed, this is ${type}`,
    );
  return checkedArray(path, shape, bytes);
}

type Reader = (view: DataView, at: number) => number;

/** How a number of each type is read, and its bytes. */
const readers: Record<string, [size: number, Reader]> = {
  '<f4': [4, (view, at) => view.getFloat32(at, true)],
  '<f8': [8, (view, at) => view.getFloat64(at, true)],
  '|u1': [1, (view, at) => view.getUint8(at)],
  '|i1': [1, (view, at) => view.getInt8(at)],
  '<u2': [2, (view, at) => view.getUint16(at, true)],
  '<i2': [2, (view, at) => view.getInt16(at, true)],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
};

/** Reads a NumPy .npy file of numbers in C order. @throws FlintError when it is anything else */
export function readNumbers(path: string): { shape: number[]; data: Float32Array } {
  const { type, shape, bytes } = open(path);
  if (!Object.hasOwn(readers, type))
    throw new FlintError(`${path}: its numbers are of the type ${type}; save x.astype(np.float32)`);
  const [size, read] = readers[type],
    count = elements(shape),
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (count * size !== bytes.length)
    throw new FlintError(
      `${path}: the file is damaged: ${bytes.length} bytes of data for the shape [${shape}]`,
    );
  const data = Float32Array.from({ length: count }, (_, i) => read(view, i * size));
  if (!data.every(Number.isFinite)) throw new FlintError(`${path}: it holds values that are not finite`);
  return { shape, data };
}
