/// <reference types="node" />
/** The two cores that the bench compiles for, and what is missing where their tools are not installed. */
import { commandVersion } from '../../host/xs/compile';

export interface Core {
  name: string;
  /** Commands begin with it: PREFIX-gcc, PREFIX-size. */
  prefix: string;
  /** For every compilation; what links with a C library wants it as well. */
  flags: string[];
  emulator: string;
  /** Debian's, of all of this. */
  packages: string;
}

/** What everything is compiled with: Moddable builds ESP32 firmware with -Os; -O2 costs more flash. */
export type Opt = '-O2' | '-Os';
export const opts: readonly Opt[] = Object.freeze(['-O2', '-Os']);

/** In sections of their own, functions and data that nothing uses can be left out. */
const sections = ['-ffunction-sections', '-fdata-sections', '-fno-common'];

/** picolibc's release build: its default one copies memory byte by byte. */
const release = '--picolibc-buildtype=release';

/** The instruction set of an ESP32-C3. */
export const rv32: Core = {
  name: 'rv32imc',
  prefix: 'riscv64-unknown-elf',
  flags: ['--specs=picolibc.specs', release, '-march=rv32imc', '-mabi=ilp32', ...sections],
  emulator: 'qemu-system-riscv32',
  packages: 'gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc',
};

/** The core of an ESP8266. Its gcc does not find the specs by their name. */
export const lx106: Core = {
  name: 'lx106',
  prefix: 'xtensa-lx106-elf',
  flags: ['--specs=/usr/lib/xtensa-lx106-elf/picolibc.specs', release, ...sections],
  emulator: 'qemu-system-xtensa',
  packages: 'gcc-xtensa-lx106 picolibc-xtensa-lx106-elf qemu-system-misc',
};

/** A core's tools are not installed. */
export class NoEmulatorError extends Error {
  constructor(missing: string, packages: string) {
    super(`${missing} is not installed; on Debian: apt install ${packages}`);
    this.name = 'NoEmulatorError';
  }
}

export const compilerOf = (core: Core): string => core.prefix + '-gcc';

/** @throws NoEmulatorError */
export function assertInstalled(core: Core): void {
  const compiler = compilerOf(core);
  for (const command of [compiler, core.emulator])
    if (!commandVersion(command)) throw new NoEmulatorError(command, core.packages);
  if (!commandVersion(compiler, core.flags))
    throw new NoEmulatorError(`picolibc for ${core.name}`, core.packages);
}
