/// <reference types="node" />
/** npm start: packs the fashion model and runs the device app on the real XS engine. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packCommand } from '../commands/pack';
import { readFlags } from '../recipe/flags';
import { packageRoot } from '../system/version';
import { NoCompilerError, buildXS } from './build';
import { runOnNode } from './node-device';
import { runXS } from './run';

interface Manifest {
  data: { '*': string[] };
  creation: { stack: number };
}

const root = packageRoot(),
  folder = join(root, 'models/fashion'),
  device = join(folder, 'device'),
  scripts = join(root, 'dist/xs');

await packCommand(folder, readFlags('pack', { eval: false }));
const { data, creation } = JSON.parse(readFileSync(join(device, 'manifest.json'), 'utf8')) as Manifest;
console.log();
const resources = Object.fromEntries(data['*'].map((path) => [basename(path), join(device, path)])),
  app = join(scripts, 'app.js'),
  preload = join(scripts, 'library.js'),
  onLine = (line: string): void => console.log(line);
try {
  await buildXS(onLine);
  const options = { resources, preload, ram: 1 << 20, stack: creation.stack, onLine };
  const { code, stderr } = await runXS(readFileSync(app, 'utf8'), options);
  if (stderr) console.error(stderr);
  process.exitCode = code;
} catch (error) {
  if (!(error instanceof NoCompilerError)) throw error;
  console.log(`${error.message}; running in Node instead`);
  runOnNode(preload, app, resources);
}
