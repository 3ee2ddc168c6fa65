/// <reference types="node" />
/** The XS engine for the RV32IMC core. */
import { compile, type Log } from '../../host/xs/compile';
import { assertInstalled, compilerOf, rv32, type Opt } from './cores';

/**
 * QEMU's virt machine with 128 MB: far more than any device has, but only the arena main.c sets aside counts
 * as RAM.
 */
const MEGABYTE = 1 << 20,
  base = 0x80000000,
  flash = 8 * MEGABYTE,
  ram = 120 * MEGABYTE,
  stack = MEGABYTE;
const symbols = {
  __flash: base,
  __flash_size: flash,
  __ram: base + flash,
  __ram_size: ram,
  __stack_size: stack,
  __heap_end: base + flash + ram - stack,
};
const linkFlags = [
  '--crt0=semihost',
  '--oslib=semihost',
  '-lm',
  ...Object.entries(symbols).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
];

/** Returns the path of the program for the core. @throws NoEmulatorError */
export async function buildMcu(opt: Opt = '-O2', log?: Log): Promise<string> {
  assertInstalled(rv32);
  const flags = [...rv32.flags, opt];
  return compile({ name: 'mcu' + opt, compiler: compilerOf(rv32), flags, linkFlags }, log);
}
