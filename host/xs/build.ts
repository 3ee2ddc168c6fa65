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

/** Returns the path of the `xs` command, compiling it the first time. */
export async function buildXS(log?: Log): Promise<string> {
  // Kernels are those of small processors: those of large ones run in Node's tests.
  const small = ['-DFLINT_MANY_REGISTERS=0', '-DFLINT_WIDE_MULTIPLY=0'];
  return compile({ name: 'xs', compiler: findCompiler(), flags: ['-O2'], linkFlags: [...small, '-lm'] }, log);
}
