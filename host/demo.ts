/// <reference types="node" />
/** npm start: packs the fashion model and runs the device app on the real XS engine. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packCommand } from './commands/pack';
import { runOnNode } from './node-device';
import { NoCompilerError, buildXS, repository } from './engine/build';
import { runXS } from './engine/run';

const folder = join(repository(), 'models/fashion'), device = join(folder, 'device');
await packCommand(folder, { eval: false });
const resources = Object.fromEntries(readdirSync(device).map((name) => [name, join(device, name)]));
const app = join(repository(), 'dist/xs/app.js');
if (!existsSync(app)) throw new Error(`${app} is missing: npm run build makes it`);
console.log();
try {
  await buildXS((line) => console.log(line));
  const { code } = await runXS(app, { resources, onLine: (line) => console.log(line) });
  process.exitCode = code;
} catch (error) {
  if (!(error instanceof NoCompilerError)) throw error;
  console.log(`${error.message}; running in Node instead`);
  runOnNode(app, resources);
}
