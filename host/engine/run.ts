/// <reference types="node" />
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildXS, repository } from './build';

export interface XSOptions {
  /** Files by the name a script opens them under. */
  resources?: Record<string, string>;
  /** Bytes for everything the machine holds. */
  ram?: number;
  /** Stack, in XS's slots. */
  stack?: number;
  onLine?: (line: string) => void;
}

export interface XSResult {
  code: number;
  output: string;
}

/** Runs a script file on the real XS engine. @param script a classic script, bundled */
export async function runXS(script: string, options: XSOptions = {}): Promise<XSResult> {
  const { resources = {}, ram, stack, onLine } = options;
  const args = Object.entries(resources).flatMap(([name, file]) => ['--resource', `${name}=${file}`]);
  if (ram) args.push('--ram', String(ram));
  if (stack) args.push('--stack', String(stack));
  return runProgram(await buildXS(), [...args, join(repository(), 'host/engine/prelude.js'), script], onLine);
}

/** Runs a program, handing its output on line by line. */
export function runProgram(program: string, args: string[], onLine: (line: string) => void = () => {}): Promise<XSResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '', rest = '';
    const take = (chunk: string): void => {
      output += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      lines.forEach(onLine);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (rest) onLine(rest);
      if (signal) onLine(`${program} was ended by ${signal}`);
      resolve({ code: code ?? 1, output });
    });
  });
}
