/// <reference types="node" />
/** Builds the device app for the Raspberry Pi Pico as a user would, or with its manifest changed. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../../host/system/version';

/** What a manifest of the Moddable SDK has of interest here. */
export interface Manifest {
  include?: string[];
  modules?: Record<string, string>;
  data?: Record<string, string>;
  creation?: Record<string, unknown>;
}

/** @returns a line that says what is missing, or nothing */
export function whatIsMissing(): string | undefined {
  for (const name of ['MODDABLE', 'PICO_SDK_DIR']) if (!process.env[name]) return `${name} is not set`;
  if (spawnSync('arm-none-eabi-gcc', ['--version']).error) return 'there is no arm-none-eabi-gcc';
  return undefined;
}

/** Runs a tool of the SDK; what it prints is shown when it fails. */
function sdk(tool: string, args: string[]): void {
  const { MODDABLE, PICO_SDK_DIR, PATH } = process.env,
    env: NodeJS.ProcessEnv = {
      ...process.env,
      PATH: `${MODDABLE}/build/bin/lin/release:${join(packageRoot(), 'node_modules/.bin')}:${PATH}`,
      MAKEFLAGS: 'SHELL=/bin/bash', // the SDK's makefile for the Pico uses [[
    };
  if (!existsSync(`${PICO_SDK_DIR}/build/_deps/picotool/picotool`))
    env.UF2CONV ??= `${process.execPath} ${fileURLToPath(new URL('uf2.js', import.meta.url))}`;
  const { status, stdout, stderr } = spawnSync(tool, args, { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0)
    throw new Error(
      `${tool} ${args.join(' ')} failed:\n${(stdout + stderr).split('\n').slice(-30).join('\n')}`,
    );
}

/**
 * @param work where all goes; what was compiled there is taken again
 * @param name of the app
 * @param change of the manifest of the device app, whose paths are absolute by then
 * @returns the folder of xs_pico.elf, .map and .uf2
 */
export function buildApp(
  work: string,
  name: string,
  change: (manifest: Manifest) => void,
  debug = false,
): string {
  const absolute = (path: string): string => path.replace(/^\.\//, packageRoot() + '/'),
    paths = (of: Record<string, string> = {}): Record<string, string> =>
      Object.fromEntries(Object.entries(of).map(([key, path]) => [key, absolute(path)])),
    manifest = JSON.parse(readFileSync(join(packageRoot(), 'manifest.json'), 'utf8')) as Manifest;
  manifest.include = manifest.include?.map(absolute);
  manifest.modules = paths(manifest.modules);
  manifest.data = paths(manifest.data);
  change(manifest);
  const folder = join(work, name),
    path = join(folder, 'manifest.json'),
    flags = debug ? ['-d'] : [];
  mkdirSync(folder);
  writeFileSync(path, JSON.stringify(manifest, null, 2));
  sdk('mcconfig', [...flags, '-m', '-p', 'pico', '-t', 'build', '-o', work, path]);
  return join(work, 'bin/pico', debug ? 'debug' : 'release', name);
}

/** @returns the archive that mcrun installs of a mod, whose folder has a manifest.json */
export function buildMod(work: string, folder: string): Buffer {
  sdk('mcrun', ['-m', '-p', 'pico', '-t', 'build', '-o', work, join(folder, 'manifest.json')]);
  return readFileSync(join(work, 'bin/pico/release', basename(folder), `${basename(folder)}.xsa`));
}
