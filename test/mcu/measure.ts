/// <reference types="node" />
/** One model on XS on the RV32IMC core: exact instructions, memory, and whether its output is the host's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '../../src/checksum';
import { Header } from '../../src/format';
import { load, ramNeeded, run, writeGoldenInput, type Engine } from '../../src/model';
import { blockNeeded } from '../../src/ram';
import { operatorName } from '../../src/read';
import { packageRoot } from '../../host/system/version';
import type { Opt } from './cores';
import type { Packed } from './models';
import { split } from '../../host/fit/split';
import { runMcu } from './run';

export interface Measurement {
  model: string;
  engine: Engine;
  opt: Opt;
  /** Instructions of one inference, of `load`, and of the self-test. */
  instructions: number;
  load: number;
  selfTest: number;
  arenaBytes: number;
  /** Bytes given to XS, and those that the model states. */
  ram: number;
  ramBytes: number;
  /** The most that XS used: slots, and bytes of the others; `own` is what it keeps outside its heaps. */
  peaks: { stack: number; slots: number; chunks: number; own: number };
  /** Of garbage, during the inference. */
  collections: number;
  correct: boolean;
  /** Instructions of each, when asked for. */
  operators: Operators;
}

export type Operators = { name: string; instructions: number }[];

export interface Settings {
  engine?: Engine;
  /** Count each operator as well. */
  layers?: boolean;
}

const root = packageRoot(),
  script = readFileSync(join(root, 'dist/xs/bench.js'), 'utf8'),
  preload = join(root, 'dist/xs/library.js');

/** The file as the host sees it: its words, its operators' names, and the CRC of its golden output. */
export function expected(file: string): { words: Int32Array; names: string[]; crc: number } {
  const model = load(new Uint8Array(readFileSync(file)).buffer),
    { words } = model;
  writeGoldenInput(model);
  run(model);
  const names = Array.from({ length: words[Header.operatorCount] }, (_, i) => operatorName(words, i));
  return { words, names, crc: crc32(model.outputs[0], 0, model.outputs[0].length) };
}

/** The guest's lines: a word and a number each. */
const readLines = (text: string): [string, number][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([key, n]) => [key, Number(n)]);

/** @param ram bytes for XS: those that the model states where it is 0 */
export async function measure(
  { name, file }: Packed,
  opt: Opt,
  ram = 0,
  { engine = 'compiled', layers = false }: Settings = {},
): Promise<Measurement> {
  const { words, names, crc } = expected(file),
    ramBytes = ramNeeded(words, engine),
    given = ram || ramBytes;
  const { code, stdout } = await runMcu(script, {
    ...split(given, engine),
    preload,
    resources: { 'model.flint': file },
    args: layers ? ['layers'] : [],
    interpreted: engine === 'interpreted',
    opt,
  });
  if (code !== 0) throw new Error(`${name} in ${given} bytes of RAM, ${engine}, ${opt}: ${stdout.trim()}`);
  const lines = readLines(stdout),
    told = Object.fromEntries(lines);
  return {
    model: name,
    engine: told.compiled ? 'compiled' : 'interpreted',
    opt,
    instructions: told.inference,
    load: told.load,
    selfTest: told.selfTest,
    arenaBytes: words[Header.arenaBytes],
    ram: given,
    ramBytes,
    peaks: { stack: told.stack, slots: told.slots, chunks: told.chunks, own: told.own },
    collections: told.collections,
    correct: told.crc === crc,
    operators: lines
      .filter(([key]) => key === 'operator')
      .map(([, instructions], i) => ({ name: names[i], instructions })),
  };
}

/** Makes sure that a machine with a kilobyte less than the model states refuses it. */
export async function assertRefused({ name, file }: Packed, opt: Opt, engine: Engine): Promise<void> {
  const { words } = expected(file),
    stated = ramNeeded(words, engine),
    refusal =
      engine === 'compiled'
        ? `needs ${blockNeeded(words)} bytes of RAM in one block`
        : `needs ${stated} bytes of RAM, this machine has`;
  const { code, stdout } = await runMcu(script, {
    ...split(stated - 1024, engine),
    preload,
    resources: { 'model.flint': file },
    interpreted: engine === 'interpreted',
    opt,
  });
  if (code === 0 || !stdout.includes(refusal))
    throw new Error(
      `${name} states ${stated} bytes of RAM but is not refused with a kilobyte less: ${stdout.trim()}`,
    );
}
