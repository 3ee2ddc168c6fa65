/// <reference types="node" />
/** npm start: packs the fashion model and runs the device app on the real XS engine. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packCommand } from './commands/pack';
import { runOnNode } from './node-device';
import { NoCompilerError, buildXS } from './xs/build';
import { repositoryRoot } from './xs/compile';
import { runXS } from './xs/run';

const { creation } = JSON.parse(readFileSync(join(repositoryRoot(), 'manifest.json'), 'utf8')) as { creation: { stack: number } };
const folder = join(repositoryRoot(), 'models/fashion'), device = join(folder, 'device');
await packCommand(folder, { eval: false });
const resources = Object.fromEntries(readdirSync(device).map((name) => [name, join(device, name)]));
const app = join(repositoryRoot(), 'dist/xs/app.js'), preload = join(repositoryRoot(), 'dist/xs/library.js');
if (!existsSync(app)) throw new Error(`${app} is missing: npm run build makes it`);
console.log();
try {
  await buildXS((line) => console.log(line));
  const { code, stderr } = await runXS(readFileSync(app, 'utf8'), { resources, preload, ram: 1 << 20, stack: creation.stack, onLine: (line) => console.log(line) });
  if (stderr) console.error(stderr);
  process.exitCode = code;
} catch (error) {
  if (!(error instanceof NoCompilerError)) throw error;
  console.log(`${error.message}; running in Node instead`);
  runOnNode(preload, app, resources);
}
