/// <reference types="node" />
/**
 * What picotool makes of a linked program, for where it is not installed: `node uf2.js uf2 convert ELF UF2`,
 * as the Moddable SDK's makefile calls it (UF2CONV). Blocks of 512 bytes with 256 of the flash in each.
 * https://github.com/microsoft/uf2
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FLASH = 0x10000000,
  FLASH_END = 0x11000000,
  PAGE = 256,
  BLOCK = 512,
  MAGIC = [0x0a324655, 0x9e5d5157],
  MAGIC_END = 0x0ab16f30,
  FAMILY_RP2040 = 0xe48bff56,
  /** Says that the family is given. */
  FLAGS = 0x2000;

/** @returns pages of 256 bytes that an ELF file loads into flash, by address */
function pagesOf(elf: Buffer): Map<number, Buffer> {
  const pages = new Map<number, Buffer>(),
    headers = elf.readUInt32LE(28),
    size = elf.readUInt16LE(42),
    count = elf.readUInt16LE(44);
  for (let i = 0; i < count; i++) {
    const word = (offset: number): number => elf.readUInt32LE(headers + i * size + offset),
      [type, from, address, length] = [word(0), word(4), word(12), word(16)];
    if (type !== 1 || address < FLASH || address >= FLASH_END) continue;
    for (let k = 0; k < length; k++) {
      const page = (address + k) & ~(PAGE - 1);
      if (!pages.has(page)) pages.set(page, Buffer.alloc(PAGE));
      pages.get(page)![(address + k) % PAGE] = elf[from + k];
    }
  }
  return pages;
}

export function uf2Of(elf: Buffer): Buffer {
  const pages = [...pagesOf(elf)].sort(([a], [b]) => a - b);
  return Buffer.concat(
    pages.map(([address, bytes], i) => {
      const block = Buffer.alloc(BLOCK);
      [...MAGIC, FLAGS, address, PAGE, i, pages.length, FAMILY_RP2040].forEach((value, k) =>
        block.writeUInt32LE(value, 4 * k),
      );
      bytes.copy(block, 32);
      block.writeUInt32LE(MAGIC_END, BLOCK - 4);
      return block;
    }),
  );
}

/** Copies what a UF2 file holds to where it says, in a flash that begins at 0x10000000. */
export function flashUf2(uf2: Buffer, flash: Uint8Array): void {
  for (let at = 0; at < uf2.length; at += BLOCK) {
    if (uf2.readUInt32LE(at) !== MAGIC[0] || uf2.readUInt32LE(at + BLOCK - 4) !== MAGIC_END)
      throw new Error(`no UF2 block at byte ${at}`);
    const offset = uf2.readUInt32LE(at + 12) - FLASH,
      size = uf2.readUInt32LE(at + 16);
    // picotool begins with a block for another chip, which lies outside
    if (offset + size <= flash.length) flash.set(uf2.subarray(at + 32, at + 32 + size), offset);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [elf, uf2] = process.argv.slice(4);
  writeFileSync(uf2, uf2Of(readFileSync(elf)));
}
