/// <reference types="node" />
/**
 * Runs scripts on the XS engine, on an emulated RV32IMC core: exact, repeatable instruction counts and an
 * enforced RAM.
 */
import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argumentFile, collect, inTemporaryFolder, type RunOptions, type RunResult } from '../../host/xs/run';
import { buildMcu } from './build';
import { rv32, type Opt } from './cores';

export interface McuOptions extends RunOptions {
  /** How XS and the host are compiled. */
  opt?: Opt;
}

/** About what an ESP32 leaves to an application. */
const RAM = 200 * 1024;

/**
 * One instruction is one nanosecond of the core's time; without sleep=off, time spent outside would count as
 * well.
 */
export const exact = ['-icount', 'shift=0,sleep=off'];
const machine = [
  '-machine',
  'virt',
  '-m',
  '128M',
  '-bios',
  'none',
  '-display',
  'none',
  '-monitor',
  'none',
  '-serial',
  'none',
];
const console = [
  '-chardev',
  'stdio,id=console',
  '-semihosting-config',
  'enable=on,target=native,chardev=console,arg=@arguments',
];

/**
 * Runs a classic script, given as its text. The core has one console: `stdout` holds its error messages as
 * well.
 */
export async function runMcu(script: string, { opt, ...options }: McuOptions = {}): Promise<RunResult> {
  const program = await buildMcu(opt);
  return inTemporaryFolder((folder) => {
    // Short names, the same in every run: paths in the guest's memory are part of what makes runs repeatable.
    const names = Object.entries(options.resources ?? {}).map(([name, path], i) => {
      symlinkSync(resolve(path), join(folder, `flash${i}`));
      return [name, `flash${i}`];
    });
    writeFileSync(join(folder, 'script.js'), script);
    if (options.preload) copyFileSync(options.preload, join(folder, 'preload.js'));
    writeFileSync(
      join(folder, 'arguments'),
      argumentFile('script.js', {
        ram: RAM,
        ...options,
        resources: Object.fromEntries(names),
        preload: options.preload && 'preload.js',
      }),
    );
    return collect(
      rv32.emulator,
      [...machine, ...exact, ...console, '-kernel', program],
      folder,
      options.onLine,
    );
  });
}
