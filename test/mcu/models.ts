/// <reference types="node" />
/** What the bench measures: packed files, by name. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from '../../host/pack';
import { readRecipe } from '../../host/recipe/read';
import { writeFile } from '../../host/system/files';
import { packageRoot } from '../../host/system/version';

export interface Packed {
  name: string;
  /** The .flint file. */
  file: string;
}

const root = packageRoot();

/** The shipped models, and the .tflite files that are at hand. */
export function modelsAtHand(): string[] {
  const shipped = ['fashion', 'seed'].map((name) => join(root, 'models', name)),
    shared = ['pretrainedResnet_quant', 'kws_ref_model', 'person_detect'].map((name) =>
      join(root, '../shared/models/tflite', name, 'model.tflite'),
    );
  return [...shipped, ...shared].filter((path) => existsSync(path));
}

/** The packed file of a model: a folder's as it is shipped, a .tflite file's made here. */
export async function packed(path: string): Promise<Packed> {
  const name = path
    .replace(/(\/(device\/)?model)?\.(flint|tflite)$/, '')
    .replace(/\/$/, '')
    .split('/')
    .pop()!;
  if (existsSync(path) && statSync(path).isDirectory())
    return { name, file: join(path, 'device/model.flint') };
  if (!path.endsWith('.tflite')) return { name, file: path };
  const file = join(root, 'node_modules/.cache/flint', `${name}.flint`);
  writeFile(file, (await pack(readRecipe(path))).file);
  return { name, file };
}
