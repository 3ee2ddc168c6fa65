/// <reference types="node" />
/** What takes the flash and RAM of a program, by the object files that the linker's map names. */
import { readFileSync } from 'node:fs';

export interface Size {
  flash: number;
  ram: number;
}

/** The first that fits an object's path is the part that it is of. */
const parts: [string, RegExp][] = [
  ['kernels', /\/kernels\.c\.o$/],
  ['checks', /\/checks\.c\.o$/],
  ['preprocessing and checksums', /\/support\.c\.o$/],
  ['what XS calls of these', /\/(flint|memory)\.c\.o$/],
  ['JavaScript: app, library, SDK', /\/mc\.xs\.c\.o$/],
  ['model and samples', /\/mc\.resources\.c\.o$/],
  ['XS', /\/lib\/xs\w+\.c\.o$/],
  ['Pico SDK, C library, drivers', /./],
];

/** A section of an object: its name, address, size and file; a long name has a line of its own. */
const INPUT = /^ (\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\/.*)$/gm;

/** @param map what the linker wrote with -Map */
export function sizesOf(map: string): Map<string, Size> {
  const text = readFileSync(map, 'utf8'),
    sizes = new Map<string, Size>(parts.map(([name]) => [name, { flash: 0, ram: 0 }]));
  for (const [, section, from, length, object] of text
    .slice(text.indexOf('Linker script and memory map'))
    .matchAll(INPUT)) {
    const address = parseInt(from, 16),
      bytes = parseInt(length, 16),
      size = sizes.get(parts.find(([, path]) => path.test(object))![0])!,
      inRam = address >= 0x20000000 && address < 0x20042000;
    // the heap and the stacks are what is left
    if (/^\.(heap|stack)/.test(section)) continue;
    if (inRam) size.ram += bytes;
    // variables that do not begin as zero lie in flash too
    if (address >= 0x10000000 && address < 0x20000000) size.flash += bytes;
    else if (inRam && !/^(\.bss|COMMON)/.test(section)) size.flash += bytes;
  }
  return sizes;
}
