/// <reference types="node" />
/**
 * Sets of images: a folder by class, a flat folder, IDX or .npy files, or single files. They are decoded (by sharp, which
 * is libjpeg and libpng) but never resized here: the device's own code does that, so that the PC sees what the device sees.
 */
import { readFileSync, readdirSync, existsSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { FlintError } from '../src/error';
import { PixelFormat } from '../src/image';
import { readNpy } from './npy';
import type { DataSource } from './recipe';

export interface Image {
  pixels: Uint8Array;
  width: number;
  height: number;
  format: PixelFormat;
}

export interface ImageSet {
  length: number;
  /** The true class, where it is known. */
  label(i: number): number | undefined;
  name(i: number): string;
  image(i: number): Promise<Image>;
  /** Its file or pixels, undecoded. */
  bytes(i: number): Uint8Array;
}

const imageFile = /\.(png|jpe?g)$/i;

sharp.concurrency(1); // images are small: several at a time are faster than several threads on one

/** Decodes a PNG or JPEG file at its own size, gray where all of it is gray; transparency lies on black. */
export async function decode(path: string): Promise<Image> {
  if (!existsSync(path)) throw new FlintError(`${path}: no such image`);
  try {
    const { data, info } = await sharp(path).rotate().flatten({ background: '#000' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const { width, height } = info, pixels = new Uint8Array(data);
    for (let p = 0; p < pixels.length; p += 3) {
      if (pixels[p] !== pixels[p + 1] || pixels[p] !== pixels[p + 2]) return { pixels, width, height, format: PixelFormat.rgb888 };
    }
    return { pixels: pixels.filter((_, i) => i % 3 === 0), width, height, format: PixelFormat.gray };
  } catch (error) {
    throw new FlintError(`${path}: ${(error as Error).message}`);
  }
}

const list = (folder: string): string[] => readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

function files(paths: { path: string; label?: number }[]): ImageSet {
  return {
    length: paths.length,
    label: (i) => paths[i].label,
    name: (i) => paths[i].path,
    image: (i) => decode(paths[i].path),
    bytes: (i) => readFileSync(paths[i].path),
  };
}

/** Images given one by one, or as a folder: by class in sub-folders, or flat with the class number leading the file's name. */
function folderImages(folder: string, classes: string[]): ImageSet {
  const folders = list(folder).filter((name) => statSync(join(folder, name)).isDirectory());
  if (!folders.length) {
    const names = list(folder).filter((name) => imageFile.test(name));
    return files(names.map((name) => ({ path: join(folder, name), label: /^\d+(?=-)/.test(name) ? parseInt(name) : undefined })));
  }
  const unknown = classes.length ? folders.filter((name) => !classes.includes(name)) : [];
  if (unknown.length)
    throw new FlintError(`${folder}: ${unknown.join(', ')} ${unknown.length > 1 ? 'are' : 'is'} no label of the model (${classes.join(', ')})`);
  const byClass = folders.map((name) => list(join(folder, name)).filter((file) => imageFile.test(file)).map((file) => ({
    path: join(folder, name, file), label: classes.length ? classes.indexOf(name) : folders.indexOf(name),
  })));
  // One of each class in turn, so that the first so many are balanced.
  const longest = Math.max(...byClass.map((paths) => paths.length)), paths: { path: string; label?: number }[] = [];
  for (let i = 0; i < longest; i++) for (const of of byClass) if (i < of.length) paths.push(of[i]);
  return files(paths);
}

/** An IDX file (the format of MNIST): its dimensions and unsigned bytes. */
function readIdx(path: string): { shape: number[]; data: Uint8Array } {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file`);
  let bytes: Uint8Array = readFileSync(path);
  if (path.endsWith('.gz')) {
    try {
      bytes = gunzipSync(bytes);
    } catch (error) {
      throw new FlintError(`${path}: ${(error as Error).message}`);
    }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), rank = bytes[3];
  if (bytes.length < 4 || bytes[0] || bytes[1] || bytes[2] !== 8 || rank < 1 || bytes.length < 4 + rank * 4)
    throw new FlintError(`${path}: not an IDX file of unsigned bytes`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + i * 4)), data = bytes.subarray(4 + rank * 4);
  if (shape.reduce((a, b) => a * b, 1) !== data.length) throw new FlintError(`${path}: ${data.length} bytes of data for the shape [${shape}]`);
  return { shape, data };
}

/** Images in one array: [n, height, width] gray or [n, height, width, 1 or 3]. */
function arrayImages(path: string, { shape, data }: { shape: number[]; data: Uint8Array }, labels?: Uint8Array): ImageSet {
  const [length, height, width, channels = 1] = shape;
  if (shape.length < 3 || shape.length > 4 || (channels !== 1 && channels !== 3)) throw new FlintError(`${path}: the shape [${shape}] is no set of images`);
  if (labels && labels.length !== length) throw new FlintError(`${path}: ${length} images but ${labels.length} labels`);
  const size = height * width * channels, format = channels === 1 ? PixelFormat.gray : PixelFormat.rgb888,
    bytes = (i: number): Uint8Array => data.subarray(i * size, (i + 1) * size);
  return {
    length,
    label: (i) => labels?.[i],
    name: (i) => `${basename(path)}[${i}]`,
    image: async (i) => ({ pixels: bytes(i), width, height, format }),
    bytes,
  };
}

const isIdx = (path: string): boolean => /idx\d(-ubyte)?(\.gz)?$/.test(path);

/**
 * Opens a set of images.
 * @param classes labels of the model, which give the order of sub-folders; sorted names without
 * @throws FlintError when there are none, or the labels do not belong to them
 */
export function openImages(source: DataSource, classes: string[] = []): ImageSet {
  const { images: path, count } = source;
  if (!existsSync(path)) throw new FlintError(`${path}: no such images`);
  const labels = (): Uint8Array | undefined =>
    source.labels === undefined ? undefined : extname(source.labels) === '.npy' ? readNpy(source.labels).data : readIdx(source.labels).data;
  let set: ImageSet;
  if (statSync(path).isDirectory()) set = folderImages(path, classes);
  else if (isIdx(path)) set = arrayImages(path, readIdx(path), labels());
  else if (extname(path) === '.npy') set = arrayImages(path, readNpy(path), labels());
  else if (imageFile.test(path)) set = files([{ path }]);
  else throw new FlintError(`${path}: neither a folder of PNG or JPEG images, an IDX file nor a .npy file`);
  if (!set.length) throw new FlintError(`${path}: no PNG or JPEG images in it`);
  return { ...set, length: Math.min(set.length, count ?? Infinity) };
}
