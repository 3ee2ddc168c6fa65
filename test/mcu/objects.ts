/// <reference types="node" />
/** The compiled kernels as objects for a core: what the Xtensa bench links, and how much flash they take. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { includeXS } from '../../host/xs/compile';
import { packageRoot } from '../../host/system/version';
import { compilerOf, type Core, type Opt } from './cores';

/** Kernels, the checks of a file before they run, and what XS calls of both. */
export const parts = Object.freeze(['kernels', 'support', 'checks', 'flint', 'memory'] as const);
export type Part = (typeof parts)[number];

export interface CodeSize {
  core: string;
  opt: Opt;
  /** Bytes of code and constants of each. */
  bytes: Record<Part, number>;
}

/** Compiles one file with what a core wants. @returns the object's path */
export function compileFor(
  core: Core,
  opt: Opt,
  source: string,
  folder: string,
  flags: string[] = [],
): string {
  const object = join(folder, source.replace(/.*\/|\.\w+$/g, '') + '.o'),
    warnings = ['-Wall', '-Wextra', '-Wno-unused-parameter'];
  execFileSync(compilerOf(core), [
    ...core.flags,
    opt,
    ...warnings,
    ...includeXS(),
    ...flags,
    '-c',
    source,
    '-o',
    object,
  ]);
  return object;
}

/** Compiles a part into a folder. @returns the object's path */
export const compilePart = (core: Core, opt: Opt, part: Part, folder: string): string =>
  compileFor(core, opt, join(packageRoot(), 'dist/device/native', part + '.c'), folder);

/** How large the parts are. Neither has variables: all is flash. */
export function codeSize(core: Core, opt: Opt, folder: string): CodeSize {
  const sizeOf = (part: Part): number => {
    const listed = execFileSync(core.prefix + '-size', [compilePart(core, opt, part, folder)], {
      encoding: 'utf8',
    });
    const [text, data, bss] = listed.split('\n')[1].trim().split(/\s+/).map(Number);
    if (data || bss)
      throw new Error(`${part}.c has variables: ${data + bss} bytes of RAM that nothing states`);
    return text;
  };
  const [kernels, support, checks, flint, memory] = parts.map(sizeOf);
  return { core: core.name, opt, bytes: { kernels, support, checks, flint, memory } };
}
