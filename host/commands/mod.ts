/// <reference types="node" />
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FlintError } from '../../src/error';
import { OF_MOD } from '../../src/store/names';
import { isMarked } from '../fit/manifest';
import { describe, modelFile, openModel } from '../file/describe';
import type { Flags } from '../recipe/flags';
import { samplePath } from '../images/sample';
import { besideModel } from '../swap/beside';
import { SECTOR } from '../swap/image';
import { checkOutput, writeFiles, type FileToWrite } from '../system/files';
import { readBytes } from '../system/read';
import { bytes, json, keyLine, print, shellWord } from '../system/terminal';

/** What mcrun puts around a model: atoms with their names, symbols, and a module that checks the pixel format. */
const AROUND = 2048;
/** Bytes of a partition that mcconfig makes for mods where the table has none. */
const USUAL = 0x40000;

/** Tells the manifest of a mod from one that somebody else wrote. mcrun looks at no key of this name. */
const MARK = 'Written by flint mod.';

/** Names without their endings, as a manifest has them. */
const manifestOf = (names: string[]): string =>
  json({ '//': MARK, data: { '*': names.map((name) => `./${name.replace(/\.\w+$/, '')}`) } }, 2) + '\n';

/** The samples beside a model, which the app shows. */
function samplesBeside(file: string): FileToWrite[] {
  const samples: FileToWrite[] = [];
  for (;;) {
    const path = samplePath(dirname(file), samples.length);
    if (!existsSync(path)) return samples;
    samples.push({ path, data: readBytes(path) });
  }
}

/** flint mod: makes of a model what mcrun installs beside an app that is on the device already. */
export function modCommand(path: string, flags: Flags['mod']): void {
  const { name } = describe(openModel(path)),
    file = modelFile(path),
    folder = flags.output ?? join(dirname(besideModel(file, '')), 'mod'),
    files: FileToWrite[] = [{ path: OF_MOD, data: readBytes(file) }, ...samplesBeside(file)].map(
      ({ path, data }) => ({ path: join(folder, basename(path)), data }),
    ),
    manifest = {
      path: join(folder, 'manifest.json'),
      data: manifestOf(files.map(({ path }) => basename(path))),
    };
  for (const { path: output } of [...files, manifest]) checkOutput(output, [file]);
  if (existsSync(manifest.path) && !isMarked(manifest.path, MARK))
    throw new FlintError(
      `${manifest.path}: this is not of a mod, and would be overwritten; give another folder to the output`,
    );
  writeFiles([...files, manifest]);
  const size = files.reduce((sum, { data }) => sum + data.length, 0),
    needed = Math.ceil((size + AROUND) / SECTOR) * SECTOR;
  const samples = files.length > 1 ? ` and ${files.length - 1} samples` : '';
  print(keyLine('mod', `${folder}: ${name}${samples}, ${bytes(size)}`));
  print(
    keyLine(
      'partition',
      `${bytes(needed)}, 0x${needed.toString(16)}, in "xs"; ` +
        (needed > USUAL
          ? `mcconfig alone gives 0x${USUAL.toString(16)}: the app needs a table of partitions with more`
          : 'mcconfig gives enough'),
    ),
  );
  print(keyLine('install', `mcrun -m -p esp32 ${shellWord(manifest.path)}`));
}
