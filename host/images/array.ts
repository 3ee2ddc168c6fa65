import { FlintError } from '../../src/error';

/** An array of unsigned bytes from a file: images, or their labels. */
export interface ByteArray {
  shape: number[];
  /** The last dimension runs fastest. */
  data: Uint8Array;
}

/** @throws FlintError when the file does not hold as many bytes as its shape says */
export function checkedArray(path: string, shape: number[], data: Uint8Array): ByteArray {
  const size = shape.reduce((a, b) => a * b, 1);
  if (size !== data.length)
    throw new FlintError(
      `${path}: the file is damaged: ${data.length} bytes of data for the shape [${shape}]`,
    );
  return { shape, data };
}
