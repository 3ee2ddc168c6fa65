/// <reference types="node" />
import { chmodSync, existsSync } from 'node:fs';
import { FlintError } from '../../src/error';
import { describe, modelFile, openModel } from '../file/describe';
import type { Flags } from '../recipe/flags';
import { besideModel } from '../swap/beside';
import { newKeyFile, readKey } from '../swap/key';
import { nodeDigest } from '../swap/digest';
import { numberNow, signed } from '../swap/upload';
import { checkOutput, writeFile } from '../system/files';
import { readBytes } from '../system/read';
import { bytes, keyLine, print, shellWord } from '../system/terminal';

/** flint sign: makes of a model what a device with the same key takes over a network. */
export function signCommand(path: string, flags: Flags['sign']): void {
  const { name, fileBytes, selfTest } = describe(openModel(path)),
    file = modelFile(path),
    key = flags.key!,
    output = flags.output ?? besideModel(file, '.upload'),
    number = flags.number ?? numberNow();
  if (!selfTest)
    throw new FlintError(`${file}: the model has no self-test, without which no device takes it`);
  checkOutput(output, [file, flags.key]);
  if (flags['new-key']) {
    if (existsSync(key))
      throw new FlintError(`${key}: this is there already; apps that were built with it need it`);
    writeFile(key, newKeyFile(key));
    chmodSync(key, 0o600);
  }
  writeFile(output, signed(readBytes(file), readKey(key), number, nodeDigest()));
  print(
    keyLine('upload', `${output}: ${name}, model ${number}, ${bytes(fileBytes)} and a header that is signed`),
  );
  if (flags['new-key'])
    print(keyLine('key', `${key}, a manifest for the app to include; keep it to yourself, and out of git`));
  print(keyLine('send', `curl --data-binary @${shellWord(output)} http://ADDRESS/model`));
}
