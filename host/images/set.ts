/// <reference types="node" />
/** Sets of images: a folder by class, a flat folder, IDX or .npy files, or a single file. */
import { existsSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { FlintError } from '../../src/error';
import { PixelFormat } from '../../src/image';
import { contentHash } from '../system/cache';
import { readBytes, readFolder } from '../system/read';
import type { ByteArray } from './array';
import { decode, type Image } from './decode';
import { isIdx, readIdx } from './idx';
import { readNpy } from './npy';

/** Where images come from. */
export interface DataSource {
  /** A folder, an IDX or .npy file, or a PNG or JPEG file. */
  images: string;
  /** An IDX or .npy file with the classes of those in such a file. */
  labels?: string;
  /** Use only the first so many. */
  count?: number;
}

/** Images by number, from 0 to length - 1. */
export interface ImageSet {
  length: number;
  /** How many there were before only some of them were taken. */
  of: number;
  /** The true class, where it is known. */
  label(i: number): number | undefined;
  name(i: number): string;
  /**
   * The path of its file, or its pixels where they are at hand: plain data for `imageOf`, also on another
   * thread.
   */
  source(i: number): string | Image;
  image(i: number): Promise<Image>;
  /** The folders' names, where these alone give the order of classes. */
  order?: string[];
  /** What people should know of the set. */
  remarks: string[];
}

/** What an image set's `source` stands for, decoded. @throws FlintError when its file is no image */
export const imageOf = async (source: string | Image): Promise<Image> =>
  typeof source === 'string' ? decode(source) : source;

const isImageFile = (name: string): boolean => /\.(png|jpe?g)$/i.test(name);

function makeSet(length: number, parts: Pick<ImageSet, 'label' | 'name' | 'source'>): ImageSet {
  return { length, of: length, remarks: [], ...parts, image: (i) => imageOf(parts.source(i)) };
}

interface LabelledFile {
  path: string;
  label?: number;
}

function fileImages(files: LabelledFile[]): ImageSet {
  const path = (i: number): string => files[i].path;
  return makeSet(files.length, { label: (i) => files[i].label, name: path, source: path });
}

const { compare } = new Intl.Collator('en', { numeric: true });

/**
 * What is in a folder, sub-folders apart, both in the order in which people count: 2.png before 10.png. Hidden
 * ones are none: macOS puts ._2.png beside 2.png, Jupyter .ipynb_checkpoints beside folders of classes.
 */
function list(folder: string): { folders: string[]; images: string[] } {
  const entries = readFolder(folder).filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX');
  const isFolder = (entry: (typeof entries)[number]): boolean =>
    entry.isSymbolicLink()
      ? !!statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory()
      : entry.isDirectory();
  const inOrder = (some: typeof entries): string[] =>
    some.map(({ name }) => name).sort((a, b) => compare(a, b) || (a < b ? -1 : 1));
  return {
    folders: inOrder(entries.filter(isFolder)),
    images: inOrder(entries.filter((entry) => isImageFile(entry.name) && !isFolder(entry))),
  };
}

/** By class in sub-folders, or flat, with the class's number leading each file's name as in 3-dress.png. */
function folderImages(folder: string, classes: string[]): ImageSet {
  const { folders, images } = list(folder);
  if (!folders.length) {
    const label = (name: string): number | undefined => (/^\d+-/.test(name) ? parseInt(name) : undefined);
    return fileImages(images.map((name) => ({ path: join(folder, name), label: label(name) })));
  }
  // A single label names what a probability stands for: class 1, where there are two folders.
  const isBinary = classes.length === 1 && folders.length === 2 && folders.includes(classes[0]),
    others = folders.filter((name) => name !== classes[0]),
    order = isBinary ? [...others, ...classes] : classes.length ? classes : folders;
  const unknown = folders.filter((name) => !order.includes(name));
  if (unknown.length) {
    const are = unknown.length > 1 ? 'are no labels' : 'is no label';
    throw new FlintError(`${folder}: ${unknown.join(', ')} ${are} of the model (${classes.join(', ')})`);
  }
  const byClass = folders.map((name) => {
    const files = list(join(folder, name)).images;
    return files.map((file) => ({ path: join(folder, name, file), label: order.indexOf(name) }));
  });
  const empty = folders.filter((_, i) => !byClass[i].length),
    remarks: string[] = [];
  if (images.length)
    remarks.push(
      `${folder}: ${images[0]}${images.length > 1 ? ` and ${images.length - 1} more images lie` : ' lies'} ` +
        'beside the folders of the classes, and are left out',
    );
  if (empty.length) remarks.push(`${folder}: there are no images in ${empty.join(', ')}`);
  return { ...fileImages(inTurn(byClass)), ...((isBinary || !classes.length) && { order }), remarks };
}

/** One of each class in turn, so that the first so many are balanced. */
function inTurn(byClass: LabelledFile[][]): LabelledFile[] {
  const longest = Math.max(...byClass.map((files) => files.length));
  const turns = Array.from({ length: longest }, (_, i) => byClass.flatMap((files) => files.slice(i, i + 1)));
  return turns.flat();
}

/** Images in one array: [n, height, width] gray or [n, height, width, 1 or 3]. */
function arrayImages(path: string, { shape, data }: ByteArray, labels?: Uint8Array): ImageSet {
  const [length, height, width, channels = 1] = shape;
  if (shape.length < 3 || shape.length > 4 || (channels !== 1 && channels !== 3))
    throw new FlintError(`${path}: the shape [${shape}] is no set of images`);
  if (labels && labels.length !== length)
    throw new FlintError(`${path}: ${length} images but ${labels.length} labels`);
  const size = height * width * channels;
  const format = channels === 1 ? PixelFormat.gray : PixelFormat.rgb888;
  return makeSet(length, {
    label: (i) => labels?.[i],
    name: (i) => `${basename(path)}[${i}]`,
    // A copy, since a part of an array takes all of the array along to another thread.
    source: (i) => ({ pixels: data.slice(i * size, (i + 1) * size), width, height, format }),
  });
}

const readArray = (path: string): ByteArray => (extname(path) === '.npy' ? readNpy(path) : readIdx(path));

function openAll({ images: path, labels }: DataSource, classes: string[]): ImageSet {
  if (!existsSync(path)) throw new FlintError(`${path}: no such images`);
  if (statSync(path).isDirectory()) return folderImages(path, classes);
  if (isIdx(path) || extname(path) === '.npy') {
    return arrayImages(path, readArray(path), labels === undefined ? undefined : readArray(labels).data);
  }
  if (isImageFile(path)) return fileImages([{ path }]);
  throw new FlintError(`${path}: neither a folder of PNG or JPEG images, an IDX file nor a .npy file`);
}

/**
 * Opens a set of images.
 * @param classes labels of the model, which give the order of sub-folders; sorted names without
 * @throws FlintError when there are none, or the labels do not belong to them
 */
export function openImages(source: DataSource, classes: string[] = []): ImageSet {
  const set = openAll(source, classes);
  if (!set.length) throw new FlintError(`${source.images}: there are no images in it`);
  return { ...set, length: Math.min(set.length, source.count ?? Infinity) };
}

/** What identifies the first images of a set, and their labels. */
export function hashOf(images: ImageSet, count: number): string {
  const one = (i: number): string => {
    const source = images.source(i);
    return contentHash(typeof source === 'string' ? readBytes(source, 'image') : source, images.label(i));
  };
  return contentHash(Array.from({ length: count }, (_, i) => one(i)));
}
