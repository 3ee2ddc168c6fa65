/// <reference types="node" />
/**
 * npm run bench [-- MODEL...] [--json] [--ram BYTES] [--layers]: exact RV32 instructions of each model on XS,
 * bare-metal on an emulated core. MODEL is a .flint or .tflite file or a packed folder; without any, the
 * shipped models and those at hand. Fails when a result differs from the host's.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { load, ramNeeded } from '../../src/model';
import { pack } from '../../host/pack';
import { readRecipe } from '../../host/recipe/read';
import { table } from '../../host/system/terminal';
import { writeFile } from '../../host/system/files';
import { packageRoot } from '../../host/system/version';
import { NoEmulatorError } from './build';
import { measure, refusal, type Measurement, type Packed } from './measure';

/** M instructions per inference of C++ on the same core, -O2, as measured for the bench's notes. */
const peers: Record<string, [string, number][]> = {
  pretrainedResnet_quant: [
    ['TFLM reference', 125.5],
    ['TFLM + ESP-NN C', 112.4],
    ['TFLM + ESP-NN optimized', 96.4],
  ],
  kws_ref_model: [
    ['TFLM reference', 44.3],
    ['TFLM + ESP-NN C', 32.8],
    ['TFLM + ESP-NN optimized', 25.8],
  ],
  person_detect: [
    ['TFLM reference', 105.2],
    ['TFLM + ESP-NN C', 84.5],
    ['TFLM + ESP-NN optimized', 58.7],
  ],
};

const root = packageRoot();

/** The packed file of a model: as it is shipped, or packed here. */
async function packed(path: string): Promise<Packed> {
  const name = path
    .replace(/\/(device\/)?model\.(flint|tflite)$/, '')
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

/** In exactly the RAM that it states, on both engines; with a kilobyte less it must be refused. */
async function measureAll(model: Packed): Promise<Measurement[]> {
  const stated = ramNeeded(load(new Uint8Array(readFileSync(model.file)).buffer).words),
    given = ram || stated;
  const results = [await measure(model, '-O2', given), await measure(model, '-Os', given)];
  const accepted = await refusal(model.file, stated);
  if (accepted !== undefined)
    throw new Error(
      `${model.name} states ${stated} bytes of RAM but is not refused with a kilobyte less: ${accepted}`,
    );
  return results;
}

const flags = process.argv.slice(2),
  json = flags.includes('--json'),
  layers = flags.includes('--layers'),
  at = flags.indexOf('--ram');
const ram = at >= 0 ? Number(flags[at + 1]) : 0,
  given = flags.filter((flag, i) => !flag.startsWith('--') && (at < 0 || i !== at + 1));
const shared = ['pretrainedResnet_quant', 'kws_ref_model', 'person_detect'].map((name) =>
  join(root, '../shared/models/tflite', name, 'model.tflite'),
);
const models = given.length
  ? given
  : [join(root, 'models/fashion'), join(root, 'models/seed'), ...shared].filter((path) => existsSync(path));

try {
  const results: Measurement[] = [];
  for (const model of models) results.push(...(await measureAll(await packed(model))));
  if (json) console.log(JSON.stringify(results, null, 1));
  else {
    const million = (n: number): string => (n / 1e6).toFixed(1);
    console.log(
      'RV32IMC instructions per inference, in millions, batch 1. Instructions on an emulated core are not cycles on a board: flash caches and wait states are not modelled.\n',
    );
    console.log(
      table(
        ['model', 'engine', 'inference', 'load', 'arena', 'RAM', 'correct', 'C++ on the same core, -O2'],
        results.map((r) => [
          r.model,
          r.engine,
          million(r.instructions),
          million(r.loadInstructions),
          r.arenaBytes,
          r.ram,
          r.correct ? 'yes' : 'NO',
          (r.engine === '-O2' && peers[r.model]?.map(([name, m]) => `${name} ${m}`).join(', ')) || '',
        ]),
      ),
    );
    if (layers)
      for (const r of results)
        console.log(
          `\n${r.model} ${r.engine} in ${r.ram} bytes\n` +
            table(
              ['operator', 'instructions'],
              r.operators.map((o) => [o.name, o.instructions]),
            ),
        );
  }
  if (results.some((r) => !r.correct)) throw new Error("a result differs from the host's");
} catch (error) {
  console.error(
    error instanceof NoEmulatorError ? `bench: ${error.message}` : `bench: ${(error as Error).message}`,
  );
  process.exitCode = 1;
}
