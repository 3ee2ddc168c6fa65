/// <reference types="node" />
/**
 * npm run bench [-- MODEL...] [--json] [--ram BYTES] [--layers]: exact RV32 instructions of each model on XS, bare-metal on an emulated core.
 * MODEL is a .flint or .tflite file or a packed folder; without any, the shipped models and those at hand. Fails when a result differs
 * from the host's.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Header } from '../../src/format';
import { load } from '../../src/model';
import { pack, type PackOptions } from '../../host/pack';
import { silent } from '../../host/progress';
import { readRecipe } from '../../host/recipe';
import { table } from '../../host/table';
import { writeWhole } from '../../host/write';
import { repositoryRoot } from '../../host/xs/compile';
import { NoEmulatorError } from './build';
import { measure, refusal, type Measurement, type Packed } from './measure';

/** M instructions per inference of C++ on the same core, -O2, as measured for the bench's notes. */
const peers: Record<string, [string, number][]> = {
  pretrainedResnet_quant: [['TFLM reference', 125.5], ['TFLM + ESP-NN C', 112.4], ['TFLM + ESP-NN optimized', 96.4]],
  kws_ref_model: [['TFLM reference', 44.3], ['TFLM + ESP-NN C', 32.8], ['TFLM + ESP-NN optimized', 25.8]],
  person_detect: [['TFLM reference', 105.2], ['TFLM + ESP-NN C', 84.5], ['TFLM + ESP-NN optimized', 58.7]],
};

const root = repositoryRoot();

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

/** In the RAM it was packed for; in exactly what the file states, on the engine that the figures are for; and with a kilobyte less, which it must refuse. */
async function measureAll(model: Packed): Promise<Measurement[]> {
  const stated = load(new Uint8Array(readFileSync(model.file)).buffer).words[Header.ramBytes], results: Measurement[] = [];
  const given = ram || model.budget || AMPLE;
  results.push(await measure(model, '-O2', given), await measure(model, '-Os', given), await measure(model, '-O2', stated));
  const accepted = await refusal(model.file, stated);
  if (accepted !== undefined) throw new Error(`${model.name} states ${stated} bytes of RAM but is not refused with a kilobyte less: ${accepted}`);
  return results;
}

const flags = process.argv.slice(2), json = flags.includes('--json'), layers = flags.includes('--layers'), at = flags.indexOf('--ram');
const AMPLE = 512 * 1024, ram = at >= 0 ? Number(flags[at + 1]) : 0,
  given = flags.filter((flag, i) => !flag.startsWith('--') && (at < 0 || i !== at + 1));
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
    if (layers)
      for (const r of results)
        console.log(`\n${r.model} ${r.kernels} ${r.engine} in ${r.ram} bytes\n` + table(['operator', 'instructions'], r.operators.map((o) => [o.name, o.instructions])));
  }
  if (results.some((r) => !r.correct)) throw new Error('a result differs from the host\'s');
} catch (error) {
  console.error(error instanceof NoEmulatorError ? `bench: ${error.message}` : `bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
