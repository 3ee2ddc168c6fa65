/// <reference types="node" />
/** One model on the emulated core: exact instructions, memory, and whether its output is the host's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '../../src/checksum';
import { load, run, writeGoldenInput } from '../../src/model';
import { packageRoot } from '../../host/system/version';
import { runMcu } from './run';

export interface Measurement {
  model: string;
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

export interface Packed {
  name: string;
  file: string;
  /** Bytes of RAM that it was packed for. */
  budget?: number;
}

/**
 * As a device's manifest divides its RAM: a stack, slots, and all the rest for chunks, in one piece from the
 * start.
 */
const STACK = 400,
  SLOTS = 220,
  SLOT_BYTES = 16,
  OWN = 8 * 1024;
const split = (bytes: number): { ram: number; stack: number; slots: number; chunks: number } => ({
  ram: bytes,
  stack: STACK,
  slots: SLOTS,
  chunks: bytes - (STACK + SLOTS) * SLOT_BYTES - OWN,
});

const root = packageRoot(),
  script = readFileSync(join(root, 'dist/xs/bench.js'), 'utf8'),
  preload = join(root, 'dist/xs/library.js');

export async function measure(
  { name, file }: Packed,
  engine: '-O2' | '-Os',
  ram: number,
): Promise<Measurement> {
  const bytes = new Uint8Array(readFileSync(file)),
    model = load(bytes.buffer);
  writeGoldenInput(model);
  run(model);
  const { code, stdout } = await runMcu(script, {
    ...split(ram),
    preload,
    resources: { 'model.flint': file },
    opt: engine,
  });
  if (code !== 0) throw new Error(`${name} in ${ram} bytes of RAM: ${stdout.trim()}`);
  const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    operators = lines.slice(0, -1),
    result = lines[lines.length - 1];
  return {
    model: name,
    engine,
    ram,
    ...result,
    operators,
    correct: result.crc === crc32(model.outputs[0], 0, model.outputs[0].length),
  };
}

/**
 * Whether a machine with a kilobyte less than the model states refuses it, by its message. @returns what it
 * printed instead
 */
export async function refusal(file: string, stated: number): Promise<string | undefined> {
  const { code, stdout } = await runMcu(script, {
    ...split(stated - 1024),
    preload,
    resources: { 'model.flint': file },
  });
  return code === 0 || !stdout.includes(`needs ${stated} bytes of RAM`) ? stdout.trim() : undefined;
}
