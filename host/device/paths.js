import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The paths of all files in a folder and in those below it. */
export const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

/** The path of a module that `parent` imports as `id`; names that are no paths stay. */
export const absolute = (id, parent) => (parent && id.startsWith('.') ? resolve(dirname(parent), id) : id);
