/// <reference types="node" />
/**
 * npm run bench [-- MODEL...] [--layers] [--json] [--all] [--ram BYTES]: exact instructions of each model on
 * emulated cores: RV32IMC through XS, compiled and interpreted, and Xtensa LX106, compiled. MODEL is a .flint
 * or .tflite file or a packed folder; without any, the shipped models and those at hand. Fails when a result
 * differs from the host's, or a model does not run in just the RAM that it states.
 */
import { inTemporaryFolder } from '../../host/xs/run';
import type { Engine } from '../../src/model';
import { assertInstalled, lx106, NoEmulatorError, opts, rv32, type Opt } from './cores';
import { measureImages } from './image';
import { assertRefused, measure } from './measure';
import { modelsAtHand, packed, type Packed } from './models';
import { codeSize } from './objects';
import { report, type Results } from './report';
import { buildXtensa, measureXtensa } from './xtensa';

const flags = process.argv.slice(2),
  has = (flag: string): boolean => flags.includes(flag),
  at = flags.indexOf('--ram'),
  ram = at >= 0 ? Number(flags[at + 1]) : 0,
  given = flags.filter((flag, i) => !flag.startsWith('--') && (at < 0 || i !== at + 1));

/** Interpreted at -Os takes as long as all others together, and tells little more. */
const configurations: { engine: Engine; opt: Opt }[] = [
  { engine: 'compiled', opt: '-O2' },
  { engine: 'compiled', opt: '-Os' },
  { engine: 'interpreted', opt: '-O2' },
];
if (has('--all')) configurations.push({ engine: 'interpreted', opt: '-Os' });

/** Each model in just the RAM that it states; with a kilobyte less it must be refused. */
async function throughXS(models: Packed[], results: Results): Promise<void> {
  for (const model of models)
    for (const { engine, opt } of configurations) {
      results.rv32.push(await measure(model, opt, ram, { engine, layers: has('--layers') }));
      await assertRefused(model, opt, engine);
    }
  for (const { engine, opt } of configurations) results.images.push(...(await measureImages(opt, engine)));
  await inTemporaryFolder(async (folder) => {
    for (const opt of opts) results.code.push(codeSize(rv32, opt, folder));
  });
}

/** Without Xtensa's tools the bench says so and goes on. */
async function onXtensa(models: Packed[], results: Results): Promise<void> {
  try {
    assertInstalled(lx106);
  } catch (error) {
    if (!(error instanceof NoEmulatorError)) throw error;
    results.notes.push(`Xtensa LX106 was left out: ${error.message}`);
    return;
  }
  await inTemporaryFolder(async (folder) => {
    for (const opt of opts) {
      const program = buildXtensa(opt, folder);
      for (const model of models) results.xtensa.push(await measureXtensa(model, opt, program));
      results.code.push(codeSize(lx106, opt, folder));
    }
  });
  results.xtensa.sort((a, b) => order(models, a.model) - order(models, b.model));
}

const order = (models: Packed[], name: string): number => models.findIndex((model) => model.name === name);

try {
  const results: Results = { rv32: [], xtensa: [], images: [], code: [], notes: [] },
    models: Packed[] = [];
  for (const path of given.length ? given : modelsAtHand()) models.push(await packed(path));
  await throughXS(models, results);
  await onXtensa(models, results);
  if (has('--json')) {
    console.log(JSON.stringify(results, null, 1));
    results.notes.forEach((note) => console.error(`bench: ${note}`));
  } else console.log(report(results, has('--layers')));
  const { rv32: onRV32, xtensa, images } = results;
  if ([...onRV32, ...xtensa, ...images].some((r) => !r.correct))
    throw new Error("a result differs from the host's");
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
