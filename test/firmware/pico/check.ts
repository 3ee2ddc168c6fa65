/// <reference types="node" />
/**
 * Builds the device app for the Raspberry Pi Pico with the Moddable SDK and runs it in an emulator: release
 * and debug, kernels compiled and interpreted, another model in a mod, too little RAM. Prints what it takes.
 *
 *     MODDABLE=/path/to/moddable PICO_SDK_DIR=/path/to/pico-sdk node dist/test/firmware/pico/check.js
 *
 * The SDK's makefile wants PICO_ROOT and PICO_GCC_ROOT as well; picotool may be missing. Takes three minutes.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inTemporaryFolder } from '../../../host/xs/run';
import { packageRoot } from '../../../host/system/version';
import { buildApp, buildMod, whatIsMissing, type Manifest } from './build';
import { emulate, type Run } from './emulator';
import { sizesOf } from './sizes';

const SAMPLE = /^sample \d+: .* ([\d.]+) ms, (right|wrong)/,
  LAST = /^classified/,
  STOPPED = /^stopped: /,
  said = ({ lines, ended }: Run): string => `${ended}; the firmware said:\n${lines.join('\n')}\n`;

function assertTested(run: Run): void {
  assert.ok(
    run.lines.some((line) => line.startsWith('self-test passed')),
    said(run),
  );
}

/** @returns milliseconds of the slowest sample, of `count` that must all be right */
function slowestOf(run: Run, count: number): number {
  const samples = run.lines.map((line) => SAMPLE.exec(line)).filter((match) => match !== null);
  assert.equal(samples.filter(([, , verdict]) => verdict === 'right').length, count, said(run));
  return Math.max(...samples.map(([, milliseconds]) => Number(milliseconds)));
}

/** The CRC-32 of what the model's last operator computed in the self-test. */
function lastChecksum(run: Run): string {
  const checksums = run.lines
    .map((line) => /^ +([0-9a-f]{8}) +\d+ /.exec(line))
    .filter((match) => match !== null);
  assert.ok(checksums.length > 0, said(run));
  return checksums.pop()![1];
}

function printSizes(map: string, run: Run): void {
  const row = (flash: number, ram: number, part: string): void =>
    console.log(
      `  ${flash.toLocaleString('en').padStart(8)} ${ram.toLocaleString('en').padStart(9)}  ${part}`,
    );
  console.log('     flash       RAM  bytes of');
  for (const [part, { flash, ram }] of sizesOf(map)) row(flash, ram, part);
  row(0, run.heap, 'malloc: all that XS holds');
  row(0, run.stack, 'the stack of C');
}

const asItIs = (): void => {};

function release(work: string): { folder: string; run: Run } {
  const folder = buildApp(work, 'release', asItIs),
    run = emulate(folder, LAST, 20);
  assertTested(run);
  console.log(`release: self-test passed, ten of ten samples right, ${slowestOf(run, 10)} ms each`);
  printSizes(join(folder, 'xs_pico.map'), run);
  return { folder, run };
}

function debug(work: string): void {
  const run = emulate(buildApp(work, 'debug', asItIs, true), LAST, 60);
  assertTested(run);
  console.log(`debug, in xsbug: self-test passed, ten of ten samples right, ${slowestOf(run, 10)} ms each`);
}

function interpreted(work: string): void {
  const withoutC = (manifest: Manifest): void => {
      manifest.include = manifest.include?.map((path) =>
        path.replace('dist/device/manifest', 'dist/device/interpreted/manifest'),
      );
    },
    run = emulate(buildApp(work, 'interpreted', withoutC), SAMPLE, 60);
  assertTested(run);
  console.log(`kernels interpreted: self-test passed, the first sample right, ${slowestOf(run, 1)} ms`);
}

/** The same app, as it was built, with the model of a mod. */
function mod(work: string, { folder, run: own }: { folder: string; run: Run }): void {
  const model = join(work, 'model.flint'),
    made = join(work, 'mod'),
    flint = (...args: string[]): Buffer =>
      execFileSync(process.execPath, [join(packageRoot(), 'host/flint.cjs'), ...args]);
  flint('pack', join(packageRoot(), 'models/fashion'), '--bits', '4', '--no-eval', '-o', model);
  flint('mod', model, '-o', made);
  const run = emulate(folder, SAMPLE, 20, buildMod(work, made));
  assertTested(run);
  assert.notEqual(lastChecksum(run), lastChecksum(own));
  console.log(`another model, in a mod: self-test passed, the first sample right, ${slowestOf(run, 1)} ms`);
}

/** The heap for JavaScript takes all that is left, and half of what the arena would have. */
function tooLittle(work: string, { run: { left } }: { run: Run }): void {
  const run = emulate(
      buildApp(work, 'small', (manifest) => {
        manifest.creation = { ...manifest.creation, chunk: { initial: left + 6000, incremental: 1024 } };
      }),
      STOPPED,
      5,
    ),
    [why] = run.lines.filter((line) => STOPPED.test(line));
  assert.match(why ?? said(run), /bytes of RAM/);
  console.log(`too little RAM: it says "${why}"`);
}

const missing = whatIsMissing();
if (missing) console.log(`skipped: ${missing}, so there is no firmware to run`);
else {
  if (!existsSync(join(packageRoot(), 'models/fashion/device/model.flint')))
    throw new Error('npm start must come first: it builds the library and packs the model');
  await inTemporaryFolder((work) => {
    const built = release(work);
    mod(work, built);
    tooLittle(work, built);
    debug(work);
    interpreted(work);
    return Promise.resolve();
  });
}
