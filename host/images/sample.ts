/// <reference types="node" />
import { join } from 'node:path';
import { FlintError } from '../../src/error';
import type { Image } from './decode';

/** The class of a sample whose class is not known. */
const UNKNOWN = 255;

/** Where the sample of a number lies, from 0 on: apps look for it under this name. */
export const samplePath = (folder: string, i: number): string => join(folder, `sample${i}.image`);

/** A sample image for the device: what the app reads. @param label its true class, where it is known */
export function sampleFile({ width, height, format, pixels }: Image, label = UNKNOWN): Uint8Array {
  if (width > 65535 || height > 65535)
    throw new FlintError(`a sample of ${width} x ${height} pixels is too large for a device`);
  const header = [width & 255, width >> 8, height & 255, height >> 8, format, Math.min(label, UNKNOWN), 0, 0];
  const file = new Uint8Array(header.length + pixels.length);
  file.set(header);
  file.set(pixels, header.length);
  return file;
}
