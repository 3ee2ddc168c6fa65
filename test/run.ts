/// <reference types="node" />
/** Runs every test, in Node and, where there is a C compiler, on the XS engine; ends with `N passed, N failed`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NoCompilerError, buildXS } from '../host/xs/build';
import { runXS } from '../host/xs/run';

const folder = fileURLToPath(new URL('.', import.meta.url)), cache = mkdtempSync(join(tmpdir(), 'flint-cache-'));
let passed = 0, failed = 0;

/** Adds what uvu's closing lines say; a file that does not reach them counts as one failure. */
function count(name: string, code: number | null, text: string): void {
  const total = Number(/Total:\s+(\d+)/.exec(text)?.[1] ?? NaN), good = Number(/Passed:\s+(\d+)/.exec(text)?.[1] ?? NaN);
  passed += good || 0;
  const bad = Number.isNaN(total) || (code !== 0 && total === good) ? 1 : total - good;
  failed += bad;
  console.log(`${bad ? 'FAILED ' : 'ok     '} ${name}: ${good || 0} of ${Number.isNaN(total) ? '?' : total}`);
  if (bad) console.log(text);
  else for (const line of text.split('\n')) if (line.includes('SKIPPED')) console.log('        ' + line.trim());
}

const only = process.argv[2] ?? '';
for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.js') && name.includes(only))) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [folder + file], { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, FLINT_CACHE: cache } });
  count(`${file.slice(0, -8)} in Node`, status, stdout + stderr);
}
if ('device'.includes(only)) {
  try {
    await buildXS((line) => console.log(line));
    const { code, stdout, stderr } = await runXS(readFileSync(folder + '../xs/tests.js', 'utf8'), { ram: 1 << 27, stack: 16384 });
    count('device code on XS', code, stdout + stderr);
  } catch (error) {
    if (!(error instanceof NoCompilerError)) throw error;
    console.log(`SKIPPED: the device code on XS: ${error.message}`);
  }
}
rmSync(cache, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
