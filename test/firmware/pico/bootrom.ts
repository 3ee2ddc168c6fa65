/// <reference types="node" />
/**
 * What firmware calls in the boot ROM of the RP2040, done here instead of by the ROM's own code, which is not
 * ours to ship: each entry is a breakpoint and a return. The names and numbers of the entries are those of
 * the Pico SDK (boot/bootrom_constants.h, pico/bootrom/sf_table.h), what each does is from the datasheet of
 * the RP2040 (2.8). A call takes the time of two instructions, which inferences show nothing of: with copies
 * that took their time they were as long.
 */
import type { RP2040 } from 'rp2040js';

const ENTRIES = 0x100,
  LOOKUP = 0x18,
  VERSION = 3;

/** What a function finds: `r` are the registers; it leaves its result where the caller expects it. */
interface Call {
  mcu: RP2040;
  r: Uint32Array;
}
type RomFunction = (call: Call) => void;

const fill = ({ mcu, r }: Call): void => {
  for (let i = 0; i < r[2]; i++) mcu.writeUint8(r[0] + i, r[1] & 255);
};
const copy = ({ mcu, r }: Call): void => {
  for (let i = 0; i < r[2]; i++) mcu.writeUint8(r[0] + i, mcu.readUint8(r[1] + i));
};
const nothing = (): void => {};

/** A sector of NOR flash is erased to ones; a page that is written can only clear bits. */
const erase = ({ mcu, r }: Call): void => {
  mcu.flash.fill(255, r[0], r[0] + r[1]);
};
const program = ({ mcu, r }: Call): void => {
  for (let i = 0; i < r[2]; i++) mcu.flash[r[0] + i] &= mcu.readUint8(r[1] + i);
};

/** By the two letters of each function's code. */
const functions: Record<string, RomFunction> = {
  MS: fill,
  S4: fill,
  MC: copy,
  C4: copy,
  L3: ({ r }) => (r[0] = Math.clz32(r[0])),
  T3: ({ r }) => (r[0] = r[0] ? 31 - Math.clz32(r[0] & -r[0]) : 32),
  P3: ({ r }) => (r[0] = [...r[0].toString(2)].filter((bit) => bit === '1').length),
  R3: ({ r }) => (r[0] = parseInt([...r[0].toString(2).padStart(32, '0')].reverse().join(''), 2)),
  IF: nothing,
  EX: nothing,
  FC: nothing,
  CX: nothing,
  RE: erase,
  RP: program,
  UB: () => {
    throw new Error('the firmware asked for the USB boot loader');
  },
};

const words = new Uint32Array(2),
  float64 = new Float64Array(words.buffer),
  float32 = new Float32Array(words.buffer),
  int64 = new BigInt64Array(words.buffer);

/** Arithmetic comes once for floats, in one register each, and once for doubles, in two. */
function arithmetic(double: boolean): (RomFunction | undefined)[] {
  const size = double ? 2 : 1;
  const get = ({ r }: Call, i: number): number => {
    words[0] = r[i * size];
    if (double) words[1] = r[i * size + 1];
    return double ? float64[0] : float32[0];
  };
  const put = ({ r }: Call, value: number, asDouble = double): void => {
    if (asDouble) float64[0] = value;
    else float32[0] = value;
    r[0] = words[0];
    if (asDouble) r[1] = words[1];
  };
  const of1 = (f: (x: number) => number) => (call: Call) => put(call, f(get(call, 0)));
  const of2 = (f: (x: number, y: number) => number) => (call: Call) =>
    put(call, f(get(call, 0), get(call, 1)));

  /** Rounded down and clamped to the integer's range; `fixed` tells that a count of fraction bits follows. */
  const toInteger = (low: number, high: number, fixed: boolean) => (call: Call) => {
    const bits = fixed ? call.r[size] | 0 : 0,
      value = Math.floor(get(call, 0) * 2 ** bits) || 0;
    if (high < 2 ** 32) call.r[0] = Math.min(Math.max(value, low), high);
    else {
      int64[0] = BigInt.asIntN(64, value >= high ? BigInt(high) - 1n : BigInt(Math.max(value, low)));
      call.r.set(words);
    }
  };
  const fromInteger = (wide: boolean, signed: boolean, fixed: boolean) => (call: Call) => {
    const bits = fixed ? call.r[wide ? 2 : 1] | 0 : 0;
    words.set(call.r.subarray(0, 2));
    const integer = wide
      ? Number(signed ? int64[0] : BigInt.asUintN(64, int64[0]))
      : signed
        ? call.r[0] | 0
        : call.r[0];
    put(call, integer / 2 ** bits);
  };
  const int32 = [-(2 ** 31), 2 ** 31 - 1] as const,
    uint32 = [0, 2 ** 32 - 1] as const,
    long = [-(2 ** 63), 2 ** 63] as const,
    ulong = [0, 2 ** 64] as const;

  return [
    of2((x, y) => x + y),
    of2((x, y) => x - y),
    of2((x, y) => x * y),
    of2((x, y) => x / y),
    undefined, // comparisons that set flags: the SDK has its own
    undefined,
    of1(Math.sqrt),
    toInteger(...int32, false),
    toInteger(...int32, true),
    toInteger(...uint32, false),
    toInteger(...uint32, true),
    fromInteger(false, true, false),
    fromInteger(false, true, true),
    fromInteger(false, false, false),
    fromInteger(false, false, true),
    of1(Math.cos),
    of1(Math.sin),
    of1(Math.tan),
    undefined, // sine and cosine at once
    of1(Math.exp),
    of1(Math.log),
    undefined, // comparison
    of2(Math.atan2),
    fromInteger(true, true, false),
    fromInteger(true, true, true),
    fromInteger(true, false, false),
    fromInteger(true, false, true),
    toInteger(...long, false),
    toInteger(...long, true),
    toInteger(...ulong, false),
    toInteger(...ulong, true),
    (call) => put(call, get(call, 0), !double), // from one to the other
  ];
}

/** Fills the emulator's ROM and answers what calls it. */
export function installBootrom(mcu: RP2040): void {
  const rom = new Uint8Array(16384),
    view = new DataView(rom.buffer),
    entries: RomFunction[] = [],
    addresses = new Map<number, number>();

  /** @returns what a caller branches to; the lowest bit says that it is Thumb code */
  const enter = (run: RomFunction): number => {
    const address = ENTRIES + 4 * entries.length;
    entries.push(run);
    view.setUint16(address, 0xbe00, true); // bkpt
    view.setUint16(address + 2, 0x4770, true); // bx lr
    return address | 1;
  };
  const code = (name: string): number => name.charCodeAt(0) | (name.charCodeAt(1) << 8);
  for (const name in functions) addresses.set(code(name), enter(functions[name]));
  const tables = { SF: arithmetic(false), SD: arithmetic(true) };
  let at = 0x2000;
  for (const [name, table] of Object.entries(tables)) {
    addresses.set(code(name), at);
    rom[at - 2] = table.length;
    table.forEach((run, i) => {
      const missing = (): void => {
        throw new Error(`the firmware called entry ${i} of ${name}, which is not done here`);
      };
      view.setUint32(at + 4 * i, enter(run ?? missing), true);
    });
    at += 256;
  }
  const lookup = enter(({ r }) => {
    const address = addresses.get(r[1]);
    if (address === undefined) throw new Error(`the firmware wants 0x${r[1].toString(16)} of the boot ROM`);
    r[0] = address;
  });
  view.setUint32(0x10, 0x4d | (0x75 << 8) | (1 << 16) | (VERSION << 24), true); // 'M', 'u', 1, version
  view.setUint16(LOOKUP, lookup, true);
  mcu.loadBootrom(new Uint32Array(rom.buffer));
  mcu.onBreak = () => {
    const { core } = mcu,
      entry = entries[(core.PC - 2 - ENTRIES) / 4];
    if (!entry) throw new Error(`the firmware stopped itself at 0x${(core.PC - 2).toString(16)}`);
    entry({ mcu, r: core.registers });
  };
}
