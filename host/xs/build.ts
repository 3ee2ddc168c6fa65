/// <reference types="node" />
/** The XS engine for this machine. */
import { compile, commandVersion, type Log } from './compile';

/** There is no C compiler to build the engine with. */
export class NoCompilerError extends Error {
  constructor() {
    super('no C compiler found (tried $CC, cc, gcc and clang); on Debian: apt install gcc libc6-dev');
    this.name = 'NoCompilerError';
  }
}

/** This machine's C compiler. @throws NoCompilerError */
export function findCompiler(): string {
  const compiler = [process.env.CC ?? '', 'cc', 'gcc', 'clang'].find((name) => name && commandVersion(name));
  if (!compiler) throw new NoCompilerError();
  return compiler;
}

/**
 * Kernels are compiled as for processors of sixteen registers that multiply 32 bits: as for those with more they
 * run in Node's tests.
 */
export const SMALL_PROCESSOR = Object.freeze(['-DFLINT_MANY_REGISTERS=0', '-DFLINT_WIDE_MULTIPLY=0']);

/** Returns the path of the `xs` command, compiling it the first time. */
export async function buildXS(log?: Log): Promise<string> {
  return compile(
    { name: 'xs', compiler: findCompiler(), flags: ['-O2'], linkFlags: [...SMALL_PROCESSOR, '-lm'] },
    log,
  );
}
