/// <reference types="node" />
import { basename, dirname, join } from 'node:path';

/**
 * Where something that is made of a model file lies, unless it is said: beside the file, and not in the folder
 * `device` that pack writes, for apps take all of it as their resources.
 * @param ending in place of .flint
 */
export function besideModel(file: string, ending: string): string {
  const folder = dirname(file),
    name = basename(file).replace(/\.flint$/, '') + ending;
  return join(basename(folder) === 'device' ? dirname(folder) : folder, name);
}
