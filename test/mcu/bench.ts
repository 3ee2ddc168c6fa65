/// <reference types="node" />
/**
 * npm run bench [-- MODEL...] [--json] [--ram BYTES] [--layers]: exact RV32 instructions of each model on XS, bare-metal on an emulated core.
 * MODEL is a .flint or .tflite file or a packed folder; without any, the shipped models and those at hand. Fails when a result differs
 * from the host's.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '../../src/checksum';
import { load, run, writeGoldenInput } from '../../src/model';
import { Header, Operator } from '../../src/format';
import { pack, type PackOptions } from '../../host/pack';
import { readRecipe } from '../../host/recipe';
import { table } from '../../host/table';
import { writeWhole } from '../../host/write';
import { repositoryRoot } from '../../host/xs/compile';
import { NoEmulatorError } from './build';
import { runMcu } from './run';

export interface Measurement {
  model: string;
  kernels: string;
  engine: '-O2' | '-Os';
  instructions: number;
  loadInstructions: number;
  arenaBytes: number;
  /** Given to XS; most that it used; and what the model says it needs. */
  ram: number;
  heapHighWater: number;
  ramBytes: number;
  collections: number;
  gcShare: number;
  correct: boolean;
  operators: { name: string; instructions: number }[];
}

/** M instructions per inference of C++ on the same core, -O2, as measured for the bench's notes. */
const peers: Record<string, [string, number][]> = {
  pretrainedResnet_quant: [['TFLM reference', 125.5], ['TFLM + ESP-NN C', 112.4], ['TFLM + ESP-NN optimized', 96.4]],
  kws_ref_model: [['TFLM reference', 44.3], ['TFLM + ESP-NN C', 32.8], ['TFLM + ESP-NN optimized', 25.8]],
  person_detect: [['TFLM reference', 105.2], ['TFLM + ESP-NN C', 84.5], ['TFLM + ESP-NN optimized', 58.7]],
};

const root = repositoryRoot(), silent = { start() {}, update() {}, stop() {} };

interface Packed {
  name: string;
  file: string;
  /** Bytes of RAM that it was packed for. */
  budget?: number;
}

/** KB of RAM that the .tflite models at hand are packed for besides ample RAM. */
const budgets: Record<string, number> = { pretrainedResnet_quant: 256, kws_ref_model: 128, person_detect: 256 };

/** The packed files of a model: as it is shipped, or packed here on scalar kernels, on lanes for ample RAM, and for its budget. */
async function packed(path: string): Promise<Packed[]> {
  const name = path.replace(/\/(device\/)?model\.(flint|tflite)$/, '').replace(/\/$/, '').split('/').pop()!;
  if (existsSync(path) && statSync(path).isDirectory()) return [{ name, file: join(path, 'device/model.flint'), budget: readRecipe(path).ram }];
  if (!path.endsWith('.tflite')) return [{ name, file: path }];
  const variants: PackOptions[] = [{ kernels: 'scalar' }, { ram: AMPLE }, ...(budgets[name] ? [{ ram: budgets[name] * 1024 }] : [])];
  return Promise.all(variants.map(async (options, i) => {
    const file = join(root, 'node_modules/.cache/flint', `${name}-${i}.flint`);
    writeWhole(file, (await pack(readRecipe(path), options, silent)).file);
    return { name, file, budget: options.ram };
  }));
}

/** As a device's manifest divides its RAM: a stack, slots, and all the rest for chunks, in one piece from the start. */
const STACK = 640, SLOTS = 500, SLOT_BYTES = 16, OWN = 8 * 1024;
const split = (bytes: number): { ram: number; stack: number; slots: number; chunks: number } =>
  ({ ram: bytes, stack: STACK, slots: SLOTS, chunks: bytes - (STACK + SLOTS) * SLOT_BYTES - OWN });

const script = readFileSync(join(root, 'dist/xs/bench.js'), 'utf8'), preload = join(root, 'dist/xs/library.js');

async function measure({ name, file }: Packed, engine: '-O2' | '-Os', ram: number): Promise<Measurement> {
  const bytes = new Uint8Array(readFileSync(file)), model = load(bytes.buffer), { words } = model;
  writeGoldenInput(model);
  run(model);
  const { code, stdout } = await runMcu(script, { ...split(ram), preload, resources: { 'model.flint': file }, opt: engine });
  if (code !== 0) throw new Error(`${name} in ${ram} bytes of RAM: ${stdout.trim()}`);
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line)), operators = lines.slice(0, -1), result = lines[lines.length - 1], list = words[Header.operators] >> 2;
  const onLanes = Array.from({ length: words[Header.operatorCount] }, (_, i) => words[(words[list + i] >> 2) + Operator.kernels]).some((kernels) => kernels !== 0);
  return { model: name, kernels: onLanes ? 'lanes' : 'scalar', engine, ram, ...result, operators, correct: result.crc === crc32(model.outputs[0]) };
}

/** In the RAM it was packed for; in exactly what the file states, on the engine that the figures are for; and with a kilobyte less, which it must refuse. */
async function measureAll(model: Packed): Promise<Measurement[]> {
  const stated = load(new Uint8Array(readFileSync(model.file)).buffer).words[Header.ramBytes], results: Measurement[] = [];
  const given = ram || model.budget || AMPLE;
  results.push(await measure(model, '-O2', given), await measure(model, '-Os', given), await measure(model, '-O2', stated));
  const { code, stdout } = await runMcu(script, { ...split(stated - 1024), preload, resources: { 'model.flint': model.file } });
  if (code === 0 || !stdout.includes(`needs ${stated} bytes of RAM`)) throw new Error(`${model.name} states ${stated} bytes of RAM but is not refused with a kilobyte less: ${stdout.trim()}`);
  return results;
}

const flags = process.argv.slice(2), json = flags.includes('--json'), layers = flags.includes('--layers'), at = flags.indexOf('--ram');
const AMPLE = 512 * 1024, ram = at >= 0 ? Number(flags[at + 1]) : 0, given = flags.filter((flag, i) => !flag.startsWith('--') && (at < 0 || i !== at + 1));
const shared = ['pretrainedResnet_quant', 'kws_ref_model', 'person_detect'].map((name) => join(root, '../shared/models/tflite', name, 'model.tflite'));
const models = given.length ? given : [join(root, 'models/fashion'), join(root, 'models/seed'), ...shared].filter((path) => existsSync(path));

try {
  const results: Measurement[] = [];
  for (const model of models) for (const file of await packed(model)) results.push(...(await measureAll(file)));
  if (json) console.log(JSON.stringify(results, null, 1));
  else {
    const million = (n: number): string => (n / 1e6).toFixed(1);
    console.log('RV32IMC instructions per inference, in millions, batch 1. Instructions on an emulated core are not cycles on a board: flash caches and wait states are not modelled.\n');
    console.log(table(['model', 'kernels', 'engine', 'inference', 'load', 'arena', 'RAM given', 'RAM stated', 'collections', 'their share', 'correct', 'C++ on the same core, -O2'], results.map((r) => [
      r.model, r.kernels, r.engine, million(r.instructions), million(r.loadInstructions), r.arenaBytes, r.ram, r.ramBytes, r.collections, `${(100 * r.gcShare).toFixed(1)} %`, r.correct ? 'yes' : 'NO',
      (r.engine === '-O2' && peers[r.model]?.map(([name, m]) => `${name} ${m}`).join(', ')) || '',
    ])));
    if (layers) for (const r of results) console.log(`\n${r.model} ${r.kernels} ${r.engine} in ${r.ram} bytes\n` + table(['operator', 'instructions'], r.operators.map((o) => [o.name, o.instructions])));
  }
  if (results.some((r) => !r.correct)) throw new Error('a result differs from the host\'s');
} catch (error) {
  console.error(error instanceof NoEmulatorError ? `bench: ${error.message}` : `bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
