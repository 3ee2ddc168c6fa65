/// <reference types="node" />
/**
 * What a model file is: told by its bytes, for tools name int8 models .lite, .bin or .TFLITE as they like.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { extname } from 'node:path';

export type ModelFormat = 'onnx' | 'tflite';

/** The first byte of each field of ONNX's ModelProto that may follow the version in front. */
const ONNX_FIELDS = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42];

/**
 * A flatbuffer with TFLite's identifier, or a protobuf that begins with ONNX's version and another field of
 * it.
 */
export function formatOfBytes(head: Uint8Array): ModelFormat | undefined {
  if (String.fromCharCode(...head.subarray(4, 8)) === 'TFL3') return 'tflite';
  if (head[0] === 0x08 && head[1] >= 1 && head[1] < 0x80 && ONNX_FIELDS.includes(head[2])) return 'onnx';
  return undefined;
}

/**
 * What a file is by its first bytes; where these tell nothing (it is damaged, or not there), by its name, so
 * that whoever reads it says what is wrong.
 * @returns undefined when neither tells
 */
export function modelFormat(path: string): ModelFormat | undefined {
  const named = extname(path).toLowerCase();
  return (
    formatOfBytes(firstBytes(path)) ??
    (named === '.onnx' || named === '.tflite' ? (named.slice(1) as ModelFormat) : undefined)
  );
}

function firstBytes(path: string): Uint8Array {
  const head = new Uint8Array(8);
  if (!existsSync(path) || !statSync(path).isFile()) return head;
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return head; // reading all of it will say why it cannot be read
  }
  try {
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
