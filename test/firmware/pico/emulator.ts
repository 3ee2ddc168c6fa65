/// <reference types="node" />
/**
 * Runs firmware for the Raspberry Pi Pico in rp2040js, from power on. Times are those of a core at 125 MHz
 * whose flash answers at once: a board waits for what its cache does not hold.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConsoleLogger, LogLevel, Simulator } from 'rp2040js';
import { installBootrom } from './bootrom';
import { terminal, xsbug } from './console';
import { flashUf2 } from './uf2';

const FLASH = 0x10000000,
  SECTOR = 4096,
  /** Where the boot ROM leaves the stack. */
  BOOT_STACK = 0x20041f00,
  NANOSECONDS = 1e9 / 125e6;

export interface Run {
  lines: string[];
  /** Why it ended. */
  ended: string;
  /** Milliseconds since power on. */
  time: number;
  /** Bytes that malloc took from the system, that it could still take, and that the stack of C took. */
  heap: number;
  left: number;
  stack: number;
}

/** @returns the addresses of a linked program's symbols */
function symbolsOf(elf: string): Map<string, number> {
  const listed = execFileSync('arm-none-eabi-nm', [elf], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return new Map(
    [...listed.matchAll(/^([0-9a-f]{8}) \w (\S+)$/gm)].map(([, value, name]) => [name, parseInt(value, 16)]),
  );
}

/**
 * @param folder of xs_pico.elf and xs_pico.uf2
 * @param until what the last line that is waited for matches
 * @param seconds of the device's time that it may take
 * @param mod an archive, put where the SDK looks for one
 */
export function emulate(folder: string, until: RegExp, seconds: number, mod?: Buffer): Run {
  const { rp2040: mcu, clock } = new Simulator(),
    { core } = mcu,
    symbols = symbolsOf(join(folder, 'xs_pico.elf')),
    addressOf = (name: string): number => {
      const address = symbols.get(name);
      if (address === undefined) throw new Error(`the program has no ${name}`);
      return address;
    },
    lines: string[] = [];
  let ended = '',
    lowest = 0xffffffff;

  mcu.logger = new ConsoleLogger(LogLevel.Error, true);
  installBootrom(mcu);
  flashUf2(readFileSync(join(folder, 'xs_pico.uf2')), mcu.flash);
  if (mod) {
    // as espFindUnusedFlashStart does in the SDK's xs/platforms/pico/xsHost.c
    const unused = Math.ceil(addressOf('__start_unused_space') / SECTOR) * SECTOR + SECTOR;
    mcu.flash.set(mod, unused - FLASH);
  }
  const listen = symbols.has('fxLogin') ? xsbug : terminal;
  listen(mcu, (line) => {
    lines.push(line);
    if (until.test(line)) ended = 'it said what was waited for';
  });

  core.SP = BOOT_STACK;
  core.LR = 0;
  core.PC = FLASH;
  const last = seconds * 1e9;
  try {
    while (!ended) {
      if (core.waiting) clock.tick(clock.nanosToNextAlarm);
      else {
        clock.tick(core.executeInstruction() * NANOSECONDS);
        if (core.SP < lowest) lowest = core.SP;
      }
      if (clock.nanos > last) ended = `it took more than ${seconds} s`;
    }
  } catch (error) {
    ended = (error as Error).message;
  }
  const heapEnd = mcu.readUint32(addressOf('heap_end.0'));
  return {
    lines,
    ended,
    time: clock.nanos / 1e6,
    heap: heapEnd - addressOf('end'),
    left: addressOf('__StackLimit') - heapEnd,
    stack: addressOf('__StackTop') - lowest,
  };
}
