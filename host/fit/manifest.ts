/// <reference types="node" />
/** The manifest that is written beside a packed model, for an app to include. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { FlintError } from '../../src/error';
import type { FileToWrite } from '../system/files';
import { json } from '../system/terminal';
import type { Creation } from './split';

/** Tells such a manifest from one that somebody else wrote. mcconfig looks at no key of this name. */
const mark = (model: string): string =>
  `Written by flint pack for ${model}, and again whenever it is packed.`;

/** Whether a manifest has such a mark. */
export function isMarked(path: string, mark: string): boolean {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown> | null)?.['//'] === mark;
  } catch {
    return false;
  }
}

/**
 * Where the manifest of a model goes: manifest.json beside it, or NAME.manifest.json where that is of an app
 * or of another model.
 * @throws FlintError where both are
 */
export function manifestPath(model: string): string {
  const name = basename(model),
    names = ['manifest.json', `${basename(name, extname(name))}.manifest.json`],
    // A model may be called manifest.json itself.
    paths = names.filter((file) => file !== name).map((file) => join(dirname(model), file)),
    own = paths.find((path) => isMarked(path, mark(name))) ?? paths.find((path) => !existsSync(path));
  if (!own)
    throw new FlintError(
      `${paths.at(-1)}: this is not a manifest of ${name}, which would take its place; move it`,
    );
  return own;
}

/**
 * The model and its samples as resources, and what XS should be given. It includes manifest_base.json, so that
 * the platform's own `creation`, which that brings, comes before this one and yields to it.
 */
export function manifestFile(model: string, samples: string[], creation: Creation): FileToWrite {
  const local = (path: string): string => `./${basename(path)}`;
  const manifest = {
    '//': mark(basename(model)),
    include: '$(MODDABLE)/examples/manifest_base.json',
    data: { '*': [model, ...samples].map(local) },
    creation,
  };
  return { path: manifestPath(model), data: json(manifest, 2) + '\n' };
}
