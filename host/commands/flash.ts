/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { FlintError } from '../../src/error';
import { PARTITION } from '../../src/store/names';
import { describe, modelFile, openModel } from '../file/describe';
import type { Flags } from '../recipe/flags';
import { besideModel } from '../swap/beside';
import { partitionImage } from '../swap/image';
import { partitionOf } from '../swap/partitions';
import { numberNow } from '../swap/upload';
import { checkOutput, writeFile } from '../system/files';
import { readBytes } from '../system/read';
import { packageRoot } from '../system/version';
import { bytes, keyLine, print, shellWord } from '../system/terminal';

/** The table that apps may take, and that holds where nothing else is said. */
const TABLE = join(packageRoot(), 'dist/device/store/partitions.csv');

/** flint flash: an image of the partition with the model in it, and the line that writes it over a cable. */
export function flashCommand(path: string, flags: Flags['flash']): void {
  const { name } = describe(openModel(path)),
    file = modelFile(path),
    output = flags.output ?? besideModel(file, '.bin'),
    number = flags.number ?? numberNow(),
    table = flags.partitions ?? TABLE;
  if (flags.port && /^-/.test(flags.port)) throw new FlintError(`--port ${flags.port}: this is no port`);
  checkOutput(output, [file, table]);
  const { offset, bytes: size } = partitionOf(table, PARTITION),
    image = partitionImage(readBytes(file), number, size);
  writeFile(output, image);
  const port = flags.port ? ['--port', flags.port] : [],
    line = [...port, 'write-flash', `0x${offset.toString(16)}`, output];
  print(keyLine('image', `${output}: ${name}, model ${number}, in the first of two slots`));
  print(keyLine('partition', `${PARTITION} at 0x${offset.toString(16)}, ${bytes(size)}, by ${table}`));
  print(keyLine('flash', `esptool ${line.map(shellWord).join(' ')}`));
  if (!flags.run) return;
  const { error, status } = spawnSync('esptool', line, { stdio: 'inherit' });
  if (error)
    throw new FlintError(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'esptool is not there: ESP-IDF 6 has it, and pip install esptool'
        : `esptool cannot be run: ${error.message}`,
    );
  if (status) throw new FlintError(`esptool has failed with exit code ${status}; the image is ${output}`);
}
