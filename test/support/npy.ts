/// <reference types="node" />
/** NumPy's .npy files, as np.save writes them. */

/** @param values parts that follow one another */
export function npy(shape: number[], values: Float32Array[]): Uint8Array {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', '),
    text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${list}), }`,
    header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n',
    bytes = new Uint8Array(10 + header.length + 4 * values.reduce((sum, v) => sum + v.length, 0));
  bytes.set([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(Buffer.from(header), 10);
  let at = 10 + header.length;
  for (const part of values) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}
