/// <reference types="node" />
import { RP2040 } from 'rp2040js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installBootrom } from './bootrom';
import { flashUf2, uf2Of } from './uf2';

const RETURN = 0x20000000,
  FLASH = 0x10000000;

/** Calls a function as firmware does. @returns the registers */
function call(mcu: RP2040, address: number, ...args: number[]): Uint32Array {
  const { core } = mcu;
  args.forEach((value, i) => (core.registers[i] = value));
  core.LR = RETURN | 1;
  core.PC = address & ~1;
  for (let i = 0; i < 10 && core.PC !== RETURN; i++) core.executeInstruction();
  assert.is(core.PC, RETURN, 'it returns');
  return core.registers;
}

/** As rom_func_lookup and rom_data_lookup of the Pico SDK. */
const find = (mcu: RP2040, name: string): number =>
  call(mcu, mcu.readUint16(0x18), 0, name.charCodeAt(0) | (name.charCodeAt(1) << 8))[0];

const withRom = (): RP2040 => {
  const mcu = new RP2040();
  installBootrom(mcu);
  return mcu;
};

const wordsOf = (value: number): number[] => [...new Uint32Array(new Float64Array([value]).buffer)],
  doubleOf = (r: Uint32Array): number => new Float64Array(Uint32Array.of(r[0], r[1]).buffer)[0];

test('doubles are added, divided and converted as IEEE 754 has it', () => {
  const mcu = withRom(),
    table = find(mcu, 'SD'),
    entry = (offset: number, ...args: number[]): Uint32Array =>
      call(mcu, mcu.readUint32(table + offset), ...args);
  assert.is(doubleOf(entry(0x00, ...wordsOf(0.1), ...wordsOf(0.2))), 0.1 + 0.2);
  assert.is(doubleOf(entry(0x0c, ...wordsOf(1), ...wordsOf(3))), 1 / 3);
  assert.is(entry(0x1c, ...wordsOf(-1.5))[0] | 0, -2, 'to an integer: down');
  assert.is(entry(0x1c, ...wordsOf(1e12))[0] | 0, 0x7fffffff, 'and no further than its range');
  assert.is(doubleOf(entry(0x2c, -7)), -7);
  assert.is(doubleOf(entry(0x5c, 0, 1)), 2 ** 32, '64 bits');
  assert.equal([...entry(0x6c, ...wordsOf(-(2 ** 40)))].slice(0, 2), [0, -256 >>> 0]);
});

test('floats are rounded to 24 bits', () => {
  const mcu = withRom(),
    bits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0],
    multiply = mcu.readUint32(find(mcu, 'SF') + 0x08);
  assert.is(call(mcu, multiply, bits(0.1), bits(3))[0], bits(Math.fround(0.1) * 3));
});

test('flash that is written without being erased only loses bits', () => {
  const mcu = withRom(),
    source = 0x20001000;
  mcu.writeUint8(source, 0b1100);
  mcu.writeUint8(source + 1, 0b1010);
  call(mcu, find(mcu, 'RE'), 8192, 4096);
  call(mcu, find(mcu, 'RP'), 8192, source, 1);
  assert.is(mcu.flash[8192], 0b1100);
  call(mcu, find(mcu, 'RP'), 8192, source + 1, 1);
  assert.is(mcu.flash[8192], 0b1000);
});

test('what the stand-in does not have stops the run by name', () => {
  assert.throws(() => find(withRom(), 'XX'), /0x5858 of the boot ROM/);
});

test('a linked program goes through UF2 into flash as its headers say', () => {
  const elf = Buffer.alloc(400),
    text = Buffer.from('code that crosses the border of two pages');
  elf.writeUInt32LE(52, 28); // where the program headers are, their size and count
  elf.writeUInt16LE(32, 42);
  elf.writeUInt16LE(1, 44);
  [1, 200, 0, FLASH + 250, text.length].forEach((value, i) => elf.writeUInt32LE(value, 52 + 4 * i));
  text.copy(elf, 200);
  const flash = new Uint8Array(4096),
    uf2 = uf2Of(elf);
  assert.is(uf2.length, 2 * 512);
  flashUf2(uf2, flash);
  assert.equal(Buffer.from(flash.subarray(250, 250 + text.length)), text);
  assert.throws(() => flashUf2(uf2.subarray(1), flash), /no UF2 block/);
});

test.run();
