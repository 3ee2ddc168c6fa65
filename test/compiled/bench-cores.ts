/// <reference types="node" />
/**
 * npm run bench:cores [-- MODEL...]: how much sooner two threads of this machine are done with a model than one, the
 * shortest of many runs of either; it takes a machine with two idle cores. MODEL is as for npm run bench.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Header } from '../../src/format';
import type { Native } from '../../src/native/native';
import { modelsAtHand, packed } from '../mcu/models';
import { buildAddon, buildAddonForTwo } from './build-addon';

const open = (path: string): Native => createRequire(import.meta.url)(path);

/** Milliseconds that runs of a model are repeated. */
const TIME = 3000;

/** Bytes of memory, and the shortest run in milliseconds. */
function measure(native: Native, file: ArrayBuffer): { bytes: number; time: number } {
  const words = new Int32Array(file),
    arenaBytes = words[Header.arenaBytes],
    block = new ArrayBuffer(arenaBytes + native.check(file) * 4),
    arena = new Int8Array(block, 0, arenaBytes),
    scratch = new Int8Array(block, arenaBytes),
    start = performance.now();
  let time = Infinity;
  while (performance.now() < start + TIME) {
    const begin = performance.now();
    for (let i = 0; i < words[Header.operatorCount]; i++) native.run(file, arena, scratch, i);
    time = Math.min(time, performance.now() - begin);
  }
  return { bytes: block.byteLength, time };
}

const paths = process.argv.slice(2),
  addons = [buildAddon(), buildAddonForTwo([])].map(open);
for (const path of paths.length ? paths : modelsAtHand()) {
  const { name, file } = await packed(path),
    bytes = new Uint8Array(readFileSync(file)).buffer,
    [one, two] = addons.map((addon) => measure(addon, bytes));
  console.log(
    `${name}: ${one.time.toFixed(2)} ms on one core, ${two.time.toFixed(2)} ms on two, ` +
      `${(one.time / two.time).toFixed(2)} times as fast; a block of ${one.bytes} and of ${two.bytes} bytes`,
  );
}
