/// <reference types="node" />
/**
 * The compiled kernels alone on an emulated Xtensa LX106. XS cannot be built for it with Debian's packages:
 * the ESP8266 has the arithmetic of doubles in its ROM, so that this libgcc lacks it.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Header, Operator, Tensor } from '../../src/format';
import { collect } from '../../host/xs/run';
import { packageRoot } from '../../host/system/version';
import { compilerOf, lx106, type Opt } from './cores';
import { expected, type Operators } from './measure';
import type { Packed } from './models';
import { compileFor, compilePart } from './objects';
import { exact } from './run';

export interface XtensaMeasurement {
  model: string;
  opt: Opt;
  /** Instructions of one inference, of the file's checks and its checksum, and of the self-test. */
  instructions: number;
  load: number;
  selfTest: number;
  correct: boolean;
  operators: Operators;
}

/** QEMU's machine has 16 MB from 0x60000000: program, arena and sums, then the model, then the stack. */
const FILE = 0x60800000,
  STACK_TOP = 0x61000000;
const machine = ['-M', 'sim', '-cpu', 'lx106', '-m', '16M', '-semihosting'],
  silent = ['-display', 'none', '-monitor', 'none', '-serial', 'none'];

/** What the program needs to know of format.ts. */
const format = Object.entries({
  Header_fileBytes: Header.fileBytes,
  Header_checksum: Header.checksum,
  Header_rounding: Header.rounding,
  Header_arenaBytes: Header.arenaBytes,
  Header_tensors: Header.tensors,
  Header_operatorCount: Header.operatorCount,
  Header_operators: Header.operators,
  Operator_output: Operator.output,
  Operator_golden: Operator.golden,
  Tensor_address: Tensor.address,
  Tensor_bytes: Tensor.bytes,
  Tensor_words: Tensor.words,
}).map(([name, value]) => `-D${name}=${value}`);

/** Links the program of xtensa.c, which runs any model. @returns its path */
export function buildXtensa(opt: Opt, folder: string): string {
  const at = (file: string): string => join(packageRoot(), 'test/mcu', file),
    program = join(folder, 'xtensa.elf');
  const objects = [
    compileFor(lx106, opt, at('xtensa.c'), folder, format),
    compileFor(lx106, opt, at('start.S'), folder),
    compilePart(lx106, opt, 'kernels', folder),
    compilePart(lx106, opt, 'support', folder),
    compilePart(lx106, opt, 'checks', folder),
  ];
  execFileSync(compilerOf(lx106), [
    ...lx106.flags,
    '-nostartfiles',
    ...['-T', at('xtensa.ld'), `-Wl,--defsym=file=${FILE},--defsym=stackTop=${STACK_TOP}`],
    '-Wl,--no-warn-rwx-segments',
    ...objects,
    ...['-o', program],
  ]);
  return program;
}

/** Runs one model with a program of buildXtensa. */
export async function measureXtensa(
  { name, file }: Packed,
  opt: Opt,
  program: string,
): Promise<XtensaMeasurement> {
  const memory = ['-device', `loader,file=${file},addr=${FILE},force-raw=on`],
    { names } = expected(file);
  const { stdout, stderr } = await collect(
    lx106.emulator,
    [...machine, ...silent, ...exact, ...memory, '-kernel', program],
    '.',
  );
  const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
    instructions = (part: string): number => Number(lines.find(([name]) => name === part)?.[1]),
    ran = lines.filter(([part]) => part === 'o');
  if (ran.length !== names.length || !instructions('i'))
    throw new Error(`${name} on Xtensa, ${opt}: ${(stdout + stderr).trim()}`);
  return {
    model: name,
    opt,
    instructions: instructions('i'),
    load: instructions('l'),
    selfTest: instructions('t'),
    correct: lines.every(([, , right]) => right === '1'),
    operators: ran.map(([, n], i) => ({ name: names[i], instructions: Number(n) })),
  };
}
