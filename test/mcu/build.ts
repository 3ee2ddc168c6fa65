/// <reference types="node" />
/** The XS engine for a bare RV32IMC core, the instruction set of an ESP32-C3. */
import { compile, commandVersion, type Log } from '../../host/xs/compile';

export class NoEmulatorError extends Error {
  constructor(missing: string) {
    super(
      `${missing} is not installed; on Debian: apt install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc`,
    );
    this.name = 'NoEmulatorError';
  }
}

export const emulator = 'qemu-system-riscv32';
const compiler = 'riscv64-unknown-elf-gcc';

/** picolibc's release build: its default one copies memory byte by byte. */
const picolibc = ['--specs=picolibc.specs', '--picolibc-buildtype=release'];
const target = ['-march=rv32imc', '-mabi=ilp32', '-ffunction-sections', '-fdata-sections', '-fno-common'];

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
const link = [
  '--crt0=semihost',
  '--oslib=semihost',
  '-lm',
  ...Object.entries(symbols).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
];

/**
 * Returns the path of the program for the core. Moddable builds ESP32 firmware with -Os; -O2 costs more
 * flash.
 */
export async function buildMcu(opt: '-O2' | '-Os' = '-O2', log?: Log): Promise<string> {
  for (const command of [compiler, emulator])
    if (!commandVersion(command)) throw new NoEmulatorError(command);
  if (!commandVersion(compiler, picolibc)) throw new NoEmulatorError('picolibc for RISC-V');
  return compile({ name: 'mcu' + opt, compiler, flags: [...picolibc, ...target, opt], linkFlags: link }, log);
}
